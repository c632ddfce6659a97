import { expect, test } from "vitest";
import type { CheckResult, CheckState } from "../model/checks/check.ts";
import type { Problem } from "../model/reports/problem.ts";
import type { Verdict } from "../model/reports/verdict.ts";
import { countStates, judgeChecks } from "./judge-checks.ts";
import type { Threshold } from "./threshold.ts";

const result = (state: CheckState, severity: CheckResult["severity"] = "high"): CheckResult => ({
  id: "a/b",
  state,
  severity,
  title: "",
  evidence: [],
  remediation: "",
  mappings: [],
});
const inline: CheckResult = { ...result("waived"), isWaivedInline: true };
const problem: Problem = { code: "unreadable", message: "it is cut off" };

test("all states are counted, also those that nothing is in", () => {
  expect(countStates([])).toEqual({ pass: 0, fail: 0, warn: 0, manual: 0, "not-applicable": 0, waived: 0 });
  expect(countStates([result("fail"), result("fail"), result("waived")])).toMatchObject({
    fail: 2,
    waived: 1,
    pass: 0,
  });
});

test.each<[what: string, CheckResult[], Problem[], Threshold | undefined, Verdict["decision"], string[]]>([
  ["nothing failed", [result("pass")], [], undefined, "not-judged", ["no check failed; no policy or --fail-on given"]],
  ["nothing failed", [result("pass")], [], "low", "allowed", ["no check of severity low or worse failed"]],
  ["one failed", [result("fail")], [], undefined, "not-judged", ["1 check failed; no policy or --fail-on given"]],
  ["one reaches it", [result("fail", "high")], [], "high", "denied", ["1 check of severity high or worse failed"]],
  ["one is worse", [result("fail", "critical")], [], "high", "denied", ["1 check of severity high or worse failed"]],
  ["one is better", [result("fail", "medium")], [], "high", "allowed", ["no check of severity high or worse failed"]],
  [
    "a negligible one",
    [result("fail", "negligible")],
    [],
    "low",
    "allowed",
    ["no check of severity low or worse failed"],
  ],
  [
    "a negligible one that was asked for",
    [result("fail", "negligible")],
    [],
    "negligible",
    "denied",
    ["1 check of severity negligible or worse failed"],
  ],
  [
    "a waived one would reach it",
    [result("waived")],
    [],
    "low",
    "allowed",
    ["no check of severity low or worse failed"],
  ],
  [
    "a person must tell",
    [result("manual"), result("not-applicable")],
    [],
    "low",
    "allowed",
    ["no check of severity low or worse failed"],
  ],
  [
    "a comment waives two, and nothing gates",
    [inline, inline],
    [],
    undefined,
    "not-judged",
    ["no check failed; no policy or --fail-on given", "2 waived inline"],
  ],
  [
    "a comment waives one and another is denied",
    [inline, result("fail")],
    [],
    "high",
    "denied",
    ["1 check of severity high or worse failed", "1 waived inline"],
  ],
  [
    "one could not be evaluated",
    [result("warn"), result("pass")],
    [],
    undefined,
    "cannot-tell",
    ["1 check could not be evaluated", "no check failed; no policy or --fail-on given"],
  ],
  ["a file was not read", [result("pass")], [problem], "high", "cannot-tell", ["1 problem left something unexamined"]],
  [
    "all at once without a threshold",
    [result("fail"), result("fail"), result("warn"), result("warn")],
    [problem, problem],
    undefined,
    "cannot-tell",
    [
      "2 checks could not be evaluated",
      "2 problems left something unexamined",
      "2 checks failed; no policy or --fail-on given",
    ],
  ],
  [
    "what is known is enough to deny",
    [result("fail"), result("warn")],
    [problem],
    "high",
    "denied",
    ["1 check of severity high or worse failed"],
  ],
])("when %s (%#): %s", (_, results, problems, threshold, decision, reasons) => {
  expect(judgeChecks(results, { problems, threshold })).toEqual({ decision, reasons });
});
