import { expect, test } from "vitest";
import type { CheckReport, CheckResult } from "../../model/checks/check.ts";
import { type CheckFindings, type CheckPolicy, checkReport, isWanted } from "./check-report.ts";

const now = new Date("2026-11-28T10:00:00Z");
const result = (id: string, state: CheckResult["state"] = "fail"): CheckResult => ({
  id,
  state,
  severity: "high",
  title: id,
  evidence: [],
  remediation: "",
  mappings: [],
});
const results = [result("pss/privileged"), result("pss/hostPorts", "pass"), result("manifests/privileged")];

function report(policy: Partial<CheckPolicy> = {}, findings: Partial<CheckFindings> = {}): CheckReport {
  return checkReport(
    { target: { kind: "manifests", name: "deploy" }, results, problems: [], ...findings },
    { waivers: [], only: [], skip: [], now, ...policy },
  );
}

const ids = (policy: Partial<CheckPolicy>): string[] => report(policy).results.map(({ id }) => id);

test("all results are kept and counted, with the version of the program and the time", () => {
  expect(report()).toMatchObject({
    schemaVersion: 2,
    tool: { name: "plimsoll", version: expect.stringMatching(/^\d/) },
    createdAt: "2026-11-28T10:00:00.000Z",
    results,
    counts: { fail: 2, pass: 1, warn: 0, manual: 0, "not-applicable": 0, waived: 0 },
    verdict: { decision: "not-judged", reasons: ["2 checks failed; no policy or --fail-on given"] },
  });
});

test("the time is when the facts were collected, and waivers are judged by the day of the run", () => {
  const waivers = [{ id: "*", reason: "known", until: "2026-11-27" }];
  const { createdAt, results: judged } = report({ waivers }, { collectedAt: "2026-01-01T00:00:00Z" });
  expect(createdAt).toBe("2026-01-01T00:00:00Z");
  expect(judged[0]).toMatchObject({ state: "fail", reason: "a waiver for it expired on 2026-11-27" });
});

test.each<[only: string[], skip: string[], expected: string[]]>([
  [["pss/*"], [], ["pss/privileged", "pss/hostPorts"]],
  [["pss/privileged"], [], ["pss/privileged"]],
  [["*/privileged"], [], ["pss/privileged", "manifests/privileged"]],
  [["p*/*Ports", "manifests/*"], [], ["pss/hostPorts", "manifests/privileged"]],
  [[], ["pss/*"], ["manifests/privileged"]],
  [["pss/*"], ["*privileged"], ["pss/hostPorts"]],
  [[], ["nothing/of-this-name"], ["pss/privileged", "pss/hostPorts", "manifests/privileged"]],
])("only %j without %j are %j", (only, skip, expected) => {
  expect(ids({ only, skip })).toEqual(expected);
  expect(results.filter(({ id }) => isWanted(id, { only, skip })).map(({ id }) => id)).toEqual(expected);
});

test("asking only for a check that there is not is wrong usage, for such a run would check nothing and pass", () => {
  expect(() => report({ only: ["pss/*", "pss/privilegd"] })).toThrow(
    expect.objectContaining({ code: "usage", message: 'no check of manifests has the id "pss/privilegd"' }),
  );
});

test("where nothing could be read there is no such check either, and that is a problem already", () => {
  const problems = [{ code: "not-examined" as const, message: "no Dockerfile found" }];
  const { verdict } = report({ only: ["dockerfile/root-user"] }, { results: [], problems });
  expect(verdict.decision).toBe("cannot-tell");
});

test("results that are not wanted do not deny, and a waiver lets a failure pass", () => {
  expect(report({ threshold: "high" }).verdict.decision).toBe("denied");
  expect(report({ threshold: "high", skip: ["*privileged"] }).verdict.decision).toBe("allowed");
  const waivers = [{ id: "*privileged", reason: "known" }];
  expect(report({ threshold: "high", waivers })).toMatchObject({
    counts: { fail: 0, waived: 2 },
    verdict: { decision: "allowed" },
  });
});

test("a problem makes it impossible to tell", () => {
  const problems = [{ code: "unreadable" as const, message: "it is cut off", path: "a.yaml" }];
  expect(report({ skip: ["*"] }, { problems })).toMatchObject({ problems, verdict: { decision: "cannot-tell" } });
});
