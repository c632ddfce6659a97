import { describe, expect, test } from "vitest";
import type { JudgedWorkload, ReferenceFinding, WorkloadReport, WorkloadScan } from "../model/images/workload.ts";
import { displayWidth } from "./terminal-text.ts";
import { workloadTable } from "./workloads.ts";

function tableOf(stale: NonNullable<WorkloadScan["stale"]>, kind: WorkloadScan["database"]["kind"] = "file"): string {
  const database = { kind, builtAt: "2026-11-01T00:00:00Z" };
  const verdict = { decision: "allowed", reasons: ["nothing was found"] } as const;
  const scan = { scannedAt: "2026-11-10T00:00:00Z", database, findings: {}, problems: 0, verdict, stale };
  const report: WorkloadReport = {
    schemaVersion: 2,
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
  ["database", "with advisories of 2026-11-01, the current ones are of 2026-11-15"],
  ["day", "and since then support for its distribution ended, or a feed became too old"],
] as const)("the table says why a verdict is stale: %s", (stale, why) => {
  expect(tableOf(stale)).toContain(`days ago ${why}`);
});

test("the table does not say that nothing is known where only the built-in advisories were asked", () => {
  expect(tableOf("day")).toContain("no known vulnerabilities");
  expect(tableOf("day", "built-in")).toContain("none of the few vulnerabilities built into Plimsoll");
  expect(tableOf("day", "built-in")).not.toContain("no known");
});

test("an image without a policy is not allowed, and the table says how to get a verdict", () => {
  const database = { kind: "file", builtAt: "2026-11-01T00:00:00Z" } as const;
  const verdict = { decision: "not-judged", reasons: ["2 findings; no policy or --fail-on given"] } as const;
  const scan = { scannedAt: "2026-11-10T00:00:00Z", database, findings: { high: 2 }, problems: 0, verdict };
  const text = shown([{ ...inCluster, image: "app:1", scan }]);
  expect(text).toContain("NO POLICY app:1 2 high");
  expect(text).toContain("Images 1 not judged no policy or --fail-on given; to get a verdict: --fail-on high");
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
    schemaVersion: 2,
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

test("what could not be examined is shown by a scan of what runs, wherever it is from and whatever its name means", () => {
  const verdict = { decision: "cannot-tell", reasons: [] } as const;
  const database = { kind: "file", builtAt: "2026-11-15T00:00:00Z" } as const;
  const scan = { scannedAt: "2026-11-20T00:00:00Z", database, findings: {}, problems: 2, verdict };
  const advice = (facts: { readonly image: string } & Partial<JudgedWorkload>): string | undefined =>
    /for example: (.*?) $/.exec(shown([{ ...inCluster, ...facts, scan }]))?.[1];
  const pulledFrom = `quay.io/other/api@${one}`;
  expect(advice({ image: "api:1.0", pulledFrom })).toBe(`plimsoll scan ${pulledFrom}`);
  expect(advice({ image: `api@${one}`, pulledFrom })).toBe(`plimsoll scan api@${one}`);
  expect(advice({ image: "api:1.0", pinned: `api:1.0@${one}` })).toBe(`plimsoll scan api:1.0@${one}`);
  const inContainerd = { engine: "containerd", image: "api:1.0", imageId: `${one}` } as const;
  expect(advice(inContainerd)).toBe("plimsoll scan containerd:api:1.0");
  // Its name is another image's by then.
  expect(advice({ ...inContainerd, moved: true })).toBe(`plimsoll scan containerd:${one}`);
});

test("the table says why there is no digest to pin", () => {
  const from = (image: string, name: string) => ({ ...inCluster, image, pulledFrom: `${name}@${one}` });
  const text = shown([from("api:1.0", "quay.io/other/api"), from("web:1.0", "quay.io/\u001b[31mweb")]);
  expect(text).toContain(
    "api:1.0: the cluster pulled the running image from quay.io/other/api, so there is no digest to pin for this name web:1.0: ",
  );
  expect(text).not.toMatch(/no registry is known|\u001b/);
  expect(shown([{ ...inCluster, image: "api:1.0" }])).toContain(
    "api:1.0: the source registry of the running image is unknown",
  );
});

test("the table says that a name has a digest for each platform, or in each place, and none for all", () => {
  const pins = [`nginx:1.25@${one}`, `nginx:1.25@${other}`];
  const [amd, arm] = pins.map((pinned) => ({ ...inCluster, image: "nginx:1.25", pinned }));
  if (!amd || !arm) throw new Error("no pins");
  expect(shown([amd, { ...arm, platform: "linux/arm64" }], { pins })).toContain(
    "nginx:1.25: it has a digest for each platform, so no single digest can be pinned",
  );
  expect(shown([amd, { ...arm, engine: "docker" }], { pins })).toContain(
    "nginx:1.25: it has different digests in different places, so no single digest can be pinned",
  );
});

describe("names and digests that are longer than a line", () => {
  const ecr = "602401143452.dkr.ecr.us-west-2.amazonaws.com";
  const images = [
    `${ecr}/amazon/aws-network-policy-agent:v1.1.6-eksbuild.2`,
    `${ecr}/amazon/aws-network-policy-sidecar:v1.1.6-eksbuild.2`,
    `europe-west4-docker.pkg.dev/acme-production-platform/container-images/checkout/worker:2026.11.20-build.4711`,
  ];
  const pins = images.map((image, index) => `${image}@sha256:${`${index + 1}`.repeat(64)}`);
  const pinnedByHand = `registry.k8s.io/ingress-nginx/controller:v1.12.0@${one}`;
  const verdict = { decision: "cannot-tell", reasons: ["1 problem"] } as const;
  const builtAt = "2026-11-15T00:00:00Z";
  const report: WorkloadReport = {
    schemaVersion: 2,
    tool: { name: "plimsoll", version: "0" },
    createdAt: "2026-11-20T00:00:00Z",
    engines: ["kubernetes (dev)"],
    workloads: [...images, pinnedByHand].map((image, index) => ({
      ...{ ...inCluster, name: "ingress-nginx/deployment/ingress-nginx-controller", container: "controller", image },
      digest: pins[index]?.replace(/.*@/, "") ?? one ?? "",
      ...(pins[index] !== undefined && { pinned: pins[index] }),
      ...(index === 0 && {
        scan: { scannedAt: builtAt, database: { kind: "file", builtAt }, findings: {}, problems: 1, verdict },
      }),
    })),
    findings: images.map((image, index) => ({
      ...({ kind: "reference", id: "no-digest", severity: "low", image, workloads: [] } as const),
      pin: pins[index] ?? "",
    })),
    unlisted: [
      {
        engine: "kubernetes",
        message: `${images[2]} (shop/deployment/checkout) was not scanned: there is no ${pins[0]}`,
        hint: `Scan what runs: plimsoll scan registry:${pins[2]} --platform PLATFORM.`,
      },
    ],
    database: { kind: "file", builtAt },
  };
  const linesAt = (width: number, isWhole = false): readonly string[] =>
    [...workloadTable(report, { colour: false, width, isWhole })].join("").split("\n");

  test.each([80, 100, 120, 200])("are short at %i columns, and what is to be copied is whole on one line", (width) => {
    const lines = linesAt(width);
    const wanted = [...pins.map((pin) => pin.replace(/.*@/, "")), `plimsoll scan ${pins[0]}`];
    for (const text of wanted) expect(lines.filter((line) => line.trim() === text)).toHaveLength(1);
    expect(lines.filter((line) => line.split(" ").includes(`registry:${pins[2]}`))).toHaveLength(1);
    const pinned = images.map((image) =>
      lines.filter((line) => line.replace("Unpinned", "").trim().split(" ")[0] === image),
    );
    expect(pinned.map((own) => own.length)).toEqual([1, 1, 1]);
    const others = lines.filter((line) => !/[0-9a-f]{13}/.test(line) && !pinned.flat().includes(line));
    expect(others.length).toBe(lines.length - wanted.length - 1 - pinned.length);
    expect(Math.max(...others.map(displayWidth))).toBeLessThanOrEqual(width);
  });

  test("can be told apart at 80 columns, each on one line", () => {
    const lines = linesAt(80);
    for (const end of ["policy-agent:v1.1.6-eksbuild.2", "policy-sidecar:v1.1.6-eksbuild.2", "2026.11.20-build.4711"]) {
      const rows = lines.filter((line) => line.startsWith("NOT SCANNED") || line.startsWith("CANNOT TELL"));
      expect(
        rows.filter((line) => line.includes(`${end}  sha256:`)),
        end,
      ).toHaveLength(1);
    }
    expect(lines).toContain("NOT SCANNED registry.k8s.io/ingress-nginx/controller:v1.12.0@sha256:111111111111");
    const runners = lines.filter((line) =>
      line.includes("kubernetes ingress-nginx/d…yment/ingress-nginx-controller controller"),
    );
    expect(runners).toHaveLength(4);
  });

  test("are whole when that is wanted, with all that is to be written", () => {
    const lines = linesAt(80, true);
    for (const [index, image] of images.entries()) {
      expect(lines.filter((line) => line.endsWith(`${image}  ${pins[index]?.replace(/.*@/, "")}`))).toHaveLength(1);
      expect(lines).toContain(`        ${pins[index]}`);
    }
    expect(lines).toContain(`NOT SCANNED ${pinnedByHand}`);
    expect(lines.join("\n")).toContain(`there is no\n            ${pins[0]}\n`);
    expect(lines.join("\n")).not.toContain("…");
  });
});

describe("names that differ only in the middle", () => {
  const tag = "2026.11.29-build.123456-abcdef";
  const images = [0, 1, 2].map((n) => `registry.example.com/platform/some-service-${n}/component-backend:${tag}`);
  const digests = images.map((_, index) => `sha256:${`${index + 1}`.repeat(64)}`);
  const runners = [0, 1, 2].map((n) => `platform-production-${n}-of-acme/deployment/component-backend-of-checkout`);
  const report: WorkloadReport = {
    schemaVersion: 2,
    tool: { name: "plimsoll", version: "0" },
    createdAt: "2026-11-20T00:00:00Z",
    engines: ["kubernetes (dev)"],
    workloads: images.map((image, index) => ({
      ...{ ...inCluster, image, name: runners[index] ?? "", container: "backend", digest: digests[index] ?? "" },
    })),
    findings: images.map((image, index) => ({
      ...({ kind: "reference", id: "no-digest", severity: "low", image, workloads: [] } as const),
      ...(index < 2 && { pin: `${image}@${digests[index]}` }),
    })),
    unlisted: images.map((image) => ({ engine: "kubernetes", message: `${image} was not scanned: it is broken` })),
    database: { kind: "file", builtAt: "2026-11-15T00:00:00Z" },
  };
  const linesAt = (width: number): readonly string[] =>
    [...workloadTable(report, { colour: false, width })].join("").split("\n");

  test.each([60, 80])("are whole in %i columns wherever they stand", (width) => {
    const lines = linesAt(width);
    for (const [index, image] of images.entries()) {
      const head = lines.indexOf(`NOT SCANNED ${image}`);
      expect(head).toBeGreaterThan(-1);
      expect(lines[head + 1]?.trim()).toBe(`sha256:${`${index + 1}`.repeat(12)}`);
      expect(lines.filter((line) => line.includes(`kubernetes ${runners[index]} `))).toHaveLength(1);
      const words = lines.slice(lines.findIndex((line) => line.startsWith("Unlisted"))).join(" ");
      expect(words.split(" ")).toContain(image);
    }
    expect(lines.join("\n")).not.toContain("…");
  });

  test("stand whole above the digest that is to be pinned for them, also when one is alone", () => {
    const [image = ""] = images;
    const [workload] = report.workloads;
    const [finding] = report.findings;
    if (!workload || !finding) throw new Error("nothing runs");
    const alone = { ...report, workloads: [workload], findings: [finding], unlisted: [] };
    const text = [...workloadTable(alone, { colour: false, width: 80 })].join("");
    expect(text).toMatch(/^NOT SCANNED registr…\S+ {2}sha256:1{12}$/m);
    expect(text).toContain(
      `Unpinned    ${image}\n            has a tag but no digest; pin it to the running image:\n        ${digests[0]}\n`,
    );
  });
});
