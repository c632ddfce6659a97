import type { Alert, AlertValue } from "../../model/events/alert.ts";
import type { JsonEvent } from "../../model/events/json-event.ts";
import type { KernelEventBatch, KernelSnapshot } from "../../model/events/kernel-event.ts";
import type { RuleTest, RuleTestResult } from "./rule-test.ts";
import { synthesiseEvents } from "./synthesise-events.ts";
import { firstEventTime } from "./test-machine.ts";

/** What a test puts before the rules. */
export type RuleTestInput =
  | { readonly kind: "kernel"; readonly snapshot: KernelSnapshot; readonly batch: KernelEventBatch }
  | { readonly kind: "json"; readonly source: string; readonly events: readonly JsonEvent[] }
  /** `path` is relative to `file`, the file of the test. */
  | { readonly kind: "capture"; readonly path: string; readonly file: string };

/** Judges events with the rules under test, from a fresh state, and gives the alerts. */
export type RuleTestJudge = (input: RuleTestInput) => Promise<readonly Alert[]>;

/**
 * Runs tests one after another. An alert that was not expected is as much a failure as one that did not come.
 * `PlimsollError` `file-malformed` for a test whose events cannot be made; what the judge throws goes on to the caller.
 */
export async function* runRuleTests(tests: Iterable<RuleTest>, judge: RuleTestJudge): AsyncGenerator<RuleTestResult> {
  for (const test of tests) yield resultOf(test, await judge(inputOf(test)));
}

/** Whether nothing was missed, wrong or different. */
export function hasPassed({ missed, wrong, different }: RuleTestResult): boolean {
  return missed.length === 0 && wrong.length === 0 && different.length === 0;
}

function inputOf(test: RuleTest): RuleTestInput {
  if (test.capture !== undefined) return { kind: "capture", path: test.capture, file: test.place.file };
  if (test.source === "syscall") return { kind: "kernel", ...synthesiseEvents(test) };
  const events = test.jsonEvents.map((value, index) => ({
    number: index + 1,
    time: firstEventTime + BigInt(index) * 1_000_000n,
    source: test.source,
    value,
  }));
  return { kind: "json", source: test.source, events };
}

function resultOf(test: RuleTest, alerts: readonly Alert[]): RuleTestResult {
  const seen = new Map<string, Alert[]>();
  for (const alert of alerts) seen.set(alert.rule, [...(seen.get(alert.rule) ?? []), alert]);
  const counts = test.expect.map(({ rule, count }) => ({ rule, expected: count, seen: seen.get(rule)?.length ?? 0 }));
  const unexpected = [...seen]
    .filter(([rule]) => !test.expect.some((expected) => expected.rule === rule))
    .map(([rule, those]) => ({ rule, expected: 0, seen: those.length }));
  const different = test.expect.flatMap(({ rule, fields }) =>
    (seen.get(rule) ?? []).flatMap((alert) => differences(alert, fields)),
  );
  return {
    test,
    alerts,
    missed: counts.filter((count) => count.seen < count.expected),
    wrong: [...counts.filter((count) => count.seen > count.expected), ...unexpected],
    different,
  };
}

function differences(alert: Alert, fields: Readonly<Record<string, string>>): RuleTestResult["different"] {
  const values = new Map(alert.fields.map(([name, value]) => [name, textOf(value)]));
  return Object.entries(fields)
    .filter(([field, expected]) => values.get(field) !== expected)
    .map(([field, expected]) => ({ rule: alert.rule, field, expected, seen: values.get(field) }));
}

function textOf(value: AlertValue): string {
  return Array.isArray(value) ? value.map((part: AlertValue) => textOf(part)).join(",") : String(value);
}
