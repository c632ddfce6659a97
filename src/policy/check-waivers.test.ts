import { expect, test } from "vitest";
import type { CheckResult } from "../model/checks/check.ts";
import { applyInlineWaivers, applyWaivers, type CheckWaiver } from "./check-waivers.ts";

const failed: CheckResult = {
  id: "docker/container-privileged",
  state: "fail",
  severity: "high",
  title: "no container is privileged",
  resource: "container backup",
  evidence: [],
  remediation: "",
  mappings: [],
};

const waive = (waiver: Partial<CheckWaiver>, result: CheckResult = failed): CheckResult | undefined =>
  applyWaivers([result], {
    waivers: [{ id: "docker/container-privileged", reason: "it reads raw disks", ...waiver }],
    today: "2026-11-28",
  })[0];

test("a failure is waived until the last day of its waiver, with the reason and who says so", () => {
  expect(waive({ until: "2026-11-28", owner: "ops" })).toEqual({
    ...failed,
    state: "waived",
    reason: "waived, by ops until 2026-11-28: it reads raw disks",
  });
});

test("a waiver that has expired leaves the failure, and says so", () => {
  expect(waive({ until: "2026-11-27" })).toEqual({ ...failed, reason: "a waiver for it expired on 2026-11-27" });
});

test.each([
  ["docker/*", "container *", true],
  ["*privileged", "*backup*", true],
  ["docker/container", undefined, false],
  ["docker/*", "container web", false],
  ["*a*a*a*a*a*a*b", undefined, false],
])("the id %s and the resource %s match: %s", (id, resource, matches) => {
  expect(waive({ id, ...(resource !== undefined && { resource }) })?.state).toBe(matches ? "waived" : "fail");
});

test("only failures are waived", () => {
  expect(waive({}, { ...failed, state: "warn", reason: "no permission" })?.state).toBe("warn");
});

test("a comment in a file waives what lies on its lines, and nothing else", () => {
  const at = (line: number): CheckResult => ({ ...failed, location: { path: "a.yaml", line } });
  const comment = { id: "docker/container-privileged", line: 4, firstLine: 4, lastLine: 9, until: "2026-12-31" };
  const results = applyInlineWaivers([at(3), at(9), at(10), { ...at(5), location: { path: "b.yaml", line: 5 } }], {
    waivers: new Map([["a.yaml", [comment]]]),
    today: "2026-11-28",
  });
  expect(results.map(({ state }) => state)).toEqual(["fail", "waived", "fail", "fail"]);
  expect(results[1]).toMatchObject({ reason: "waived until 2026-12-31: a comment on line 4", isWaivedInline: true });
});

test.each(["*", "docker/*", "docker/container-privilege?"])("the id %s in a comment waives nothing", (id) => {
  const result = { ...failed, location: { path: "a.yaml", line: 1 } };
  const comment = { id, line: 1, firstLine: 1, lastLine: 1 };
  expect(applyInlineWaivers([result], { waivers: new Map([["a.yaml", [comment]]]), today: "2026-11-28" })).toEqual([
    result,
  ]);
});

test("a comment that is refused leaves the failure, which names the comment", () => {
  const result = { ...failed, location: { path: "a.yaml", line: 2 } };
  const comment = { id: failed.id, line: 1, firstLine: 1, lastLine: 9 };
  const waivers = new Map([["a.yaml", [comment]]]);
  expect(applyInlineWaivers([result], { waivers, today: "2026-11-28", isRefused: true })).toEqual([
    { ...result, reason: "the comment on line 1 is ignored: inline waivers are disabled" },
  ]);
});
