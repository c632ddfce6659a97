import { expect, test } from "vitest";
import { type Alert, type Priority, priorities } from "../../../src/model/events/alert.ts";
import { KernelJudge } from "../../../src/pipeline/watch/kernel-judge.ts";
import { builtInPlugins, ruleSource } from "../../../src/pipeline/watch/rule-sources.ts";
import { formatAlertJson, formatAlertText } from "../../../src/rules/alerts/format-alert.ts";
import type { Matching } from "../../../src/rules/engine/rule-engine.ts";
import { loadRules, type RuleSelection } from "../../../src/rules/loading/load-rules.ts";
import type { Rule } from "../../../src/rules/loading/rule-set.ts";
import type { Generation } from "../../../src/rules/state/kernel-state.ts";
import { openCapture } from "../../../src/sources/capture/open-capture.ts";
import { corpusBytes, corpusJson, corpusPath, describeWithCorpus } from "../../setup/corpus.ts";

// The regression suite of Falco, rules over captures: what the engine of today answers (`head`), and with the older generation what
// the suite itself expected in 2022.

interface LegacyCase {
  readonly name: string;
  readonly mode: "validate" | "detect";
  readonly rules: readonly string[];
  readonly capture?: string;
  readonly options?: {
    readonly priority?: string;
    readonly disabled_rules?: readonly string[];
    readonly disable_tags?: readonly string[];
    readonly run_tags?: readonly string[];
    readonly json_output?: boolean;
    readonly json_include_output_property?: boolean;
    readonly json_include_tags_property?: boolean;
    readonly time_iso_8601?: boolean;
  };
  readonly expect: {
    readonly detect?: boolean;
    readonly detect_counts?: Readonly<Record<string, number>>;
    readonly output_strictly_contains?: readonly { readonly golden: string }[];
  };
  readonly head?: {
    readonly ok?: boolean;
    readonly events: number;
    readonly by_rule: Readonly<Record<string, number>>;
    readonly by_priority: Readonly<Record<string, number>>;
    readonly detections: readonly {
      readonly "evt.num": number;
      readonly output: string;
      readonly priority: string;
      readonly rule: string;
    }[];
  };
}

/** Cases about things that are not here, each with its reason. */
const leftOut: Readonly<Record<string, string>> = {
  disabled_and_enabled_rules_1:
    "options of Falco's command line of 2022; here later choices win, as in its configuration",
  disabled_and_enabled_rules_2: "the same",
  monitor_syscall_drops_none: "simulated drops of a live source, and a replay drops nothing",
  monitor_syscall_drops_ignore: "the same",
  monitor_syscall_drops_ignore_and_log: "the same",
  monitor_syscall_drops_threshold_oor: "the same",
  monitor_syscall_drops_log: "the same",
  monitor_syscall_drops_alert: "the same",
  detect_create_instance: "no capture but records of CloudTrail: it runs in runtime-cloud-cloudtrail.test.ts",
  detect_create_instance_bigevent: "the same",
};

describeWithCorpus("Falco's regression suite over captures", () => {
  const cases = corpusJson<{ cases: LegacyCase[] }>("runtime/falco-legacy", "cases.json").cases.filter(
    ({ mode }) => mode === "detect",
  );
  const answered = cases.filter(({ head }) => head?.ok === true);
  const counted = answered.filter(({ expect: { detect_counts } }) => detect_counts !== undefined);
  const golden = cases.filter(({ expect: { output_strictly_contains } }) => output_strictly_contains !== undefined);

  test("has cases of every kind, and leaves out what is listed", () => {
    const others = cases.filter((one) => !answered.includes(one)).map(({ name }) => name);
    expect(others.toSorted()).toEqual(Object.keys(leftOut).toSorted());
    expect(answered.length).toBeGreaterThanOrEqual(50);
    expect(counted.length).toBeGreaterThanOrEqual(8);
    expect(golden.length).toBeGreaterThanOrEqual(4);
  });

  test.each(answered)("$name gives what the engine of today gives", async (legacy) => {
    const { head } = legacy;
    const { alerts, events } = await run(legacy, "head");
    expect(countBy(alerts, ({ rule }) => rule)).toEqual(head?.by_rule);
    expect(countBy(alerts, ({ priority }) => priority)).toEqual(head?.by_priority);
    expect(events).toBe(head?.events);
    const shown = alerts.slice(0, head?.detections.length).map((alert) => ({
      "evt.num": alert.eventNumber,
      output: printed(alert, legacy),
      priority: alert.priority as string,
      rule: alert.rule,
    }));
    expect(shown).toEqual(head?.detections);
  });

  test.each(counted)("$name gives the counts of 2022 in the older generation", async (legacy) => {
    const { alerts } = await run(legacy, "0.40");
    const counts = countBy(alerts, ({ rule }) => rule);
    const expected = legacy.expect.detect_counts ?? {};
    expect(Object.fromEntries(Object.keys(expected).map((rule) => [rule, counts[rule] ?? 0]))).toEqual(expected);
  });

  test.each(golden)("$name prints the lines of 2022 in the older generation", async (legacy) => {
    const { alerts } = await run(legacy, "0.40");
    const lines = alerts.map((alert) => printed(alert, legacy, { fieldsLast: true }));
    for (const { golden: file } of legacy.expect.output_strictly_contains ?? []) {
      expect(lines).toEqual(corpusBytes("runtime/falco-legacy", file).toString("utf8").trimEnd().split("\n"));
    }
  });
});

async function run(
  { rules, capture = "", options = {} }: LegacyCase,
  generation: Generation,
): Promise<{ readonly alerts: readonly Alert[]; readonly events: number }> {
  const files = rules.map((name) => ({ name, text: corpusBytes("runtime/falco-legacy", name).toString("utf8") }));
  const set = loadRules(files, {
    source: (name) => ruleSource(name, generation),
    plugins: builtInPlugins,
    generation,
    selection: selectionOf(options),
    ...(options.priority !== undefined && { minimumPriority: priorityOf(options.priority) }),
  });
  expect(set.findings.filter(({ kind }) => kind === "error")).toEqual([]);
  const path = corpusPath("runtime", capture, `${capture.split("/").at(-1)}.scap`);
  return judged(path, set.rules, { generation, matching: "first" });
}

async function judged(
  path: string,
  rules: readonly Rule[],
  options: { readonly generation: Generation; readonly matching: Matching },
): Promise<{ readonly alerts: readonly Alert[]; readonly events: number }> {
  const source = await openCapture(path, { generation: options.generation });
  const judge = new KernelJudge(source.snapshot, rules, { ...options, hostname: "test-falco-hostname" });
  const alerts: Alert[] = [];
  let events = 0;
  for await (const batch of source.events(new AbortController().signal)) {
    events += judge.judge(batch, (match) => alerts.push(match.alert()));
  }
  return { alerts, events };
}

function selectionOf({ disabled_rules = [], disable_tags = [], run_tags }: NonNullable<LegacyCase["options"]>) {
  const selection: RuleSelection[] = [
    ...disabled_rules.map((text) => ({ disable: { rule: `*${text}*` } })),
    ...disable_tags.map((tag) => ({ disable: { tag } })),
    ...(run_tags === undefined ? [] : [{ disable: { rule: "*" } }, ...run_tags.map((tag) => ({ enable: { tag } }))]),
  ];
  return selection;
}

function priorityOf(text: string): Priority {
  const wanted = text.toLowerCase();
  const found = priorities.find((name) => name.toLowerCase().startsWith(wanted));
  if (found === undefined) throw new Error(`${text} is no priority`);
  return found;
}

function printed(alert: Alert, { options = {} }: LegacyCase, { fieldsLast = false } = {}): string {
  const timeFormat = "iso";
  if (!options.json_output) return formatAlertText(alert, { timeFormat, isRaw: fieldsLast });
  return formatAlertJson(alert, {
    timeFormat,
    includeOutput: options.json_include_output_property ?? true,
    includeTags: options.json_include_tags_property ?? true,
    fieldsLast,
  });
}

function countBy<T>(items: readonly T[], key: (item: T) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const item of items) counts[key(item)] = (counts[key(item)] ?? 0) + 1;
  return counts;
}
