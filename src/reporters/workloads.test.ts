import { expect, test } from "vitest";
import type { WorkloadReport, WorkloadScan } from "../model/workload.ts";
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
