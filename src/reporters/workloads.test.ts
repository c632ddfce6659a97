import { expect, test } from "vitest";
import type { JudgedWorkload, ReferenceFinding, WorkloadReport, WorkloadScan } from "../model/workload.ts";
import { workloadTable } from "./workloads.ts";

function tableOf(stale: NonNullable<WorkloadScan["stale"]>, kind: WorkloadScan["database"]["kind"] = "file"): string {
  const database = { kind, builtAt: "2026-11-01T00:00:00Z" };
  const verdict = { decision: "allowed", reasons: ["nothing was found"] } as const;
  const scan = { scannedAt: "2026-11-10T00:00:00Z", database, findings: {}, problems: 0, verdict, stale };
  const report: WorkloadReport = {
    schemaVersion: 1,
    tool: { name: "plimsoll", version: "0" },
    createdAt: "2026-11-20T00:00:00Z",
    engines: ["docker"],
    workloads: [
      { engine: "docker", name: "web", container: "web", image: "app:1", instances: 1, state: "running", scan },
    ],
    findings: [],
    unlisted: [],
    database: { kind: "file", builtAt: "2026-11-15T00:00:00Z" },
  };
  return [...workloadTable(report, { colour: false, width: 200 })].join("");
}

test.each([
  ["program", "by another version of Plimsoll"],
  ["database", "with advisories of 2026-11-01, today's are of 2026-11-15"],
  ["day", "and since then the support of its distribution ended, or a feed grew too old"],
] as const)("the table says why a verdict is stale: %s", (stale, why) => {
  expect(tableOf(stale)).toContain(`days ago ${why}`);
});

test("the table does not say that nothing is known where only the built-in advisories were asked", () => {
  expect(tableOf("day")).toContain("no known vulnerabilities");
  expect(tableOf("day", "built-in")).toContain("none of the few vulnerabilities built into Plimsoll");
  expect(tableOf("day", "built-in")).not.toContain("no known");
});

const [one, other] = ["1", "2"].map((digit) => `sha256:${digit.repeat(64)}`);
const inCluster = {
  ...({ engine: "kubernetes", name: "shop/deployment/api", container: "api", instances: 1 } as const),
  ...{ state: "running", platform: "linux/amd64", scan: null },
};

/** The table of what these run under one name, without its line breaks. */
function shown(workloads: readonly JudgedWorkload[], facts: Partial<ReferenceFinding> = {}): string {
  const finding = { kind: "reference", id: "no-digest", severity: "low", workloads: [], ...facts } as const;
  const report: WorkloadReport = {
    schemaVersion: 1,
    tool: { name: "plimsoll", version: "0" },
    createdAt: "2026-11-20T00:00:00Z",
    engines: ["kubernetes (dev)"],
    workloads,
    findings: [...new Set(workloads.map(({ image }) => image))].map((image) => ({ ...finding, image })),
    unlisted: [],
    database: { kind: "file", builtAt: "2026-11-15T00:00:00Z" },
  };
  return [...workloadTable(report, { colour: false, width: 200 })].join("").replace(/\s+/g, " ");
}

test("what could not be examined is shown by a scan of what the cluster has, wherever it has it from", () => {
  const verdict = { decision: "cannot-tell", reasons: [] } as const;
  const database = { kind: "file", builtAt: "2026-11-15T00:00:00Z" } as const;
  const scan = { scannedAt: "2026-11-20T00:00:00Z", database, findings: {}, problems: 2, verdict };
  const advice = (facts: {
    readonly image: string;
    readonly pinned?: string;
    readonly pulledFrom?: string;
  }): string | undefined => /for example: (.*?) $/.exec(shown([{ ...inCluster, ...facts, scan }]))?.[1];
  const pulledFrom = `quay.io/other/api@${one}`;
  expect(advice({ image: "api:1.0", pulledFrom })).toBe(`plimsoll scan ${pulledFrom}`);
  expect(advice({ image: `api@${one}`, pulledFrom })).toBe(`plimsoll scan api@${one}`);
  expect(advice({ image: "api:1.0", pinned: `api:1.0@${one}` })).toBe(`plimsoll scan api:1.0@${one}`);
});

test("the table says why there is no digest to pin", () => {
  const from = (image: string, name: string) => ({ ...inCluster, image, pulledFrom: `${name}@${one}` });
  const text = shown([from("api:1.0", "quay.io/other/api"), from("web:1.0", "quay.io/\u001b[31mweb")]);
  expect(text).toContain(
    "api:1.0: the cluster has what runs from quay.io/other/api, so there is no digest to pin for this name web:1.0: ",
  );
  expect(text).not.toMatch(/no registry is known|\u001b/);
  expect(shown([{ ...inCluster, image: "api:1.0" }])).toContain("api:1.0: no registry is known to have what runs");
});

test("the table says that a name has a digest for each platform, or in each place, and none for all", () => {
  const pins = [`nginx:1.25@${one}`, `nginx:1.25@${other}`];
  const [amd, arm] = pins.map((pinned) => ({ ...inCluster, image: "nginx:1.25", pinned }));
  if (!amd || !arm) throw new Error("no pins");
  expect(shown([amd, { ...arm, platform: "linux/arm64" }], { pins })).toContain(
    "nginx:1.25: it has a digest for each platform, and none for all to pin",
  );
  expect(shown([amd, { ...arm, engine: "docker" }], { pins })).toContain(
    "nginx:1.25: it has another digest from place to place, and none for all to pin",
  );
});
