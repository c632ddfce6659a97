import { basename } from "node:path";
import { expect, test } from "vitest";
import type { Alert } from "../../../src/model/events/alert.ts";
import type { JsonEvent } from "../../../src/model/events/json-event.ts";
import { JsonJudge } from "../../../src/pipeline/watch/json-judge.ts";
import { ruleSource } from "../../../src/pipeline/watch/rule-sources.ts";
import { formatAlertText } from "../../../src/rules/alerts/format-alert.ts";
import { loadRules } from "../../../src/rules/loading/load-rules.ts";
import type { LoadFinding, RuleSet } from "../../../src/rules/loading/rule-set.ts";
import { readK8sAuditFile } from "../../../src/sources/k8s-audit/read-k8s-audit-file.ts";
import { corpusBytes, corpusJson, corpusPath, describeWithCorpus } from "../../setup/corpus.ts";

/** Rule files, an audit log, and what Falco's engine makes of them. */
interface AuditCase {
  readonly name: string;
  readonly event: string;
  readonly rules: readonly string[];
  /** The test of 2022; it holds where nothing in `head_differs` says otherwise. */
  readonly expect: { readonly detect: boolean; readonly detect_level?: string; readonly detect_counts?: Counts };
  readonly head: {
    readonly ok: boolean;
    readonly loads: readonly FileLoad[];
    readonly enabled_rules?: number;
    readonly events?: number;
    readonly by_rule?: Counts;
    readonly by_priority?: Counts;
    readonly detections?: readonly Detection[];
  };
  readonly head_differs?: readonly string[];
}

type Counts = Readonly<Record<string, number>>;

interface FileLoad {
  readonly name: string;
  readonly successful: boolean;
  readonly errors?: readonly {
    readonly code: string;
    readonly message: string;
    readonly locations: readonly Location[];
  }[];
}

interface Location {
  readonly type: string;
  readonly name: string;
  readonly line: number;
  readonly column: number;
}

interface Detection {
  readonly "evt.num": number;
  readonly output: string;
  readonly priority: string;
  readonly rule: string;
}

describeWithCorpus("rules over Kubernetes audit events", () => {
  const { cases } = corpusJson<{ cases: readonly AuditCase[] }>("runtime/k8s-audit/cases.json");
  const sets = new Map<string, RuleSet>();
  let judged = 0;

  test.each(cases.map((one) => [one.name, one] as const))(
    "%s",
    async (_, { event, rules, expect: old, head, ...more }) => {
      const set = loaded(rules);
      expect(loadsOf(set)).toEqual(head.loads.map(loadOf));
      judged++;
      if (!head.ok) return;

      const events = await eventsOf(event);
      const alerts: Alert[] = [];
      new JsonJudge("k8s_audit", set.rules, { matching: "first" }).judge(events, (match) => alerts.push(match.alert()));

      expect(events).toHaveLength(head.events ?? 0);
      expect(set.rules.filter(({ isEnabled }) => isEnabled)).toHaveLength(head.enabled_rules ?? 0);
      expect(counts(alerts.map(({ rule }) => rule))).toEqual(head.by_rule);
      expect(counts(alerts.map(({ priority }) => priority))).toEqual(head.by_priority);
      const firsts = alerts.slice(0, head.detections?.length).map((alert) => ({
        "evt.num": alert.eventNumber,
        output: formatAlertText(alert, { timeFormat: "iso" }),
        priority: alert.priority,
        rule: alert.rule,
      }));
      expect(firsts).toEqual(head.detections);
      if (more.head_differs) return;
      expect(alerts.length > 0).toBe(old.detect);
      expect(counts(alerts.map(({ rule }) => rule))).toMatchObject(old.detect_counts ?? {});
    },
  );

  test("all cases ran", () => {
    expect(cases.length).toBeGreaterThanOrEqual(46);
    expect(judged).toBe(cases.length);
  });

  function loaded(files: readonly string[]): RuleSet {
    const key = files.join("\n");
    const known = sets.get(key);
    if (known) return known;
    const texts = files.map((file) => ({
      name: basename(file),
      text: corpusBytes("runtime/k8s-audit", file).toString("utf8"),
    }));
    const set = loadRules(texts, { source: (name) => ruleSource(name, "head") });
    sets.set(key, set);
    return set;
  }
});

function loadOf({ name, successful, errors = [] }: FileLoad): FileLoad {
  return { name, successful, errors };
}

/** The results of the files up to the first bad one, as far as the corpus tells them. */
function loadsOf({ files }: RuleSet): FileLoad[] {
  const end = files.findIndex(({ isSuccessful }) => !isSuccessful);
  return files.slice(0, end < 0 ? files.length : end + 1).map(({ name, isSuccessful, findings }) => ({
    name,
    successful: isSuccessful,
    errors: findings.filter(({ kind }) => kind === "error").map(errorOf),
  }));
}

function errorOf({ code, message, locations }: LoadFinding): NonNullable<FileLoad["errors"]>[number] {
  return {
    code,
    message,
    locations: locations.map(({ itemType, itemName, line, column }) => ({
      type: itemType,
      name: itemName,
      line,
      column,
    })),
  };
}

function counts(names: readonly string[]): Counts {
  const found: Record<string, number> = {};
  for (const name of names) found[name] = (found[name] ?? 0) + 1;
  return found;
}

async function eventsOf(file: string): Promise<JsonEvent[]> {
  const context = { signal: new AbortController().signal, problem: () => {} };
  const events: JsonEvent[] = [];
  for await (const batch of readK8sAuditFile(corpusPath("runtime/k8s-audit", file), { context })) events.push(...batch);
  return events;
}
