import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Alert } from "../../model/events/alert.ts";
import type { KernelEventBatch, KernelSnapshot } from "../../model/events/kernel-event.ts";
import type { Match } from "../../rules/engine/alert-builder.ts";
import type { Rule } from "../../rules/loading/rule-set.ts";
import { checkExpectations } from "../../rules/testing/check-expectations.ts";
import { parseRuleTests } from "../../rules/testing/parse-rule-tests.ts";
import type { RuleTestResult } from "../../rules/testing/rule-test.ts";
import { hasPassed, type RuleTestInput, runRuleTests } from "../../rules/testing/run-rule-tests.ts";
import { openCapture } from "../../sources/capture/open-capture.ts";
import { JsonJudge } from "./json-judge.ts";
import { KernelJudge } from "./kernel-judge.ts";
import { readText, testFilePaths } from "./rule-files.ts";

/** A file of tests, and the rule files beside it. */
export interface RuleTestFile {
  readonly path: string;
  readonly rules: readonly string[];
}

/** What became of one test: it passed, or what was missed, wrong or different, one line each. */
export interface JudgedTest {
  readonly test: string;
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly isPassed: boolean;
  readonly failures: readonly string[];
}

/**
 * The files with tests among these files and folders, or those of the rules that come with the program. The rules of
 * `x.test.yaml` are those of `x.yaml` when there is one, else all rule files of its folder. Errors: those of
 * `ruleFilePaths`.
 */
export function ruleTestFiles(paths?: readonly string[]): readonly RuleTestFile[] {
  return testFilePaths(paths).map((path) => {
    const own = path.replace(/\.test(\.ya?ml)$/, "$1");
    return { path, rules: own !== path && existsSync(own) ? [own] : [dirname(path)] };
  });
}

/**
 * Runs the tests of a file against rules, each from a fresh state. Errors: `file-malformed` for a test that cannot be
 * read, those of opening a capture.
 */
export async function* testRules(
  file: string,
  { rules, signal }: { readonly rules: readonly Rule[]; readonly signal: AbortSignal },
): AsyncGenerator<JudgedTest> {
  const tests = parseRuleTests(readText(file), file);
  checkExpectations(tests, rules);
  for await (const result of runRuleTests(tests, (input) => judge(input, rules, signal))) {
    const { test, place } = result.test;
    yield { test, file: place.file, line: place.line, isPassed: hasPassed(result), failures: failuresOf(result) };
  }
}

function failuresOf({ missed, wrong, different }: RuleTestResult): string[] {
  return [
    ...missed.map(({ rule, expected, seen }) => `missed: ${rule} (expected ${expected}, seen ${seen})`),
    ...wrong.map(({ rule, expected, seen }) => `wrong: ${rule} (expected ${expected}, seen ${seen})`),
    ...different.map(
      ({ rule, field, expected, seen }) => `different: ${rule}: ${field} is ${seen ?? "missing"}, not ${expected}`,
    ),
  ];
}

async function judge(input: RuleTestInput, rules: readonly Rule[], signal: AbortSignal): Promise<readonly Alert[]> {
  const alerts: Alert[] = [];
  const keep = (match: Match): void => void alerts.push(match.alert());
  if (input.kind === "json") {
    new JsonJudge(input.source, rules, { matching: "all" }).judge(input.events, keep);
    return alerts;
  }
  if (input.kind === "kernel") {
    judgeBatches(input.snapshot, rules, keep)(input.batch);
    return alerts;
  }
  const source = await openCapture(resolve(dirname(input.file), input.path), { generation: "head", signal });
  const next = judgeBatches(source.snapshot, rules, keep);
  for await (const batch of source.events(signal)) next(batch);
  return alerts;
}

function judgeBatches(
  snapshot: KernelSnapshot,
  rules: readonly Rule[],
  keep: (match: Match) => void,
): (batch: KernelEventBatch) => void {
  const judge = new KernelJudge(snapshot, rules, { generation: "head", matching: "all" });
  return (batch) => void judge.judge(batch, keep);
}
