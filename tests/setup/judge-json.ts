import { Readable } from "node:stream";
import type { Alert } from "../../src/model/events/alert.ts";
import type { Problem } from "../../src/model/reports/problem.ts";
import { JsonJudge } from "../../src/pipeline/watch/json-judge.ts";
import { builtInPlugins, ruleSource } from "../../src/pipeline/watch/rule-sources.ts";
import { loadRules } from "../../src/rules/loading/load-rules.ts";
import type { Rule, RuleSet } from "../../src/rules/loading/rule-set.ts";
import { type JsonLinesFormat, readJsonLines } from "../../src/sources/json-lines/read-json-lines.ts";

/** Loads rules as the program does; with `all`, those that are switched off count as well. */
export function loadedRules(file: { name: string; text: string }, { all = false }: { all?: boolean } = {}): RuleSet {
  return loadRules([file], {
    source: (name) => ruleSource(name, "head"),
    plugins: builtInPlugins,
    ...(all && { selection: [{ enable: { rule: "*" } }] }),
  });
}

/** Reads events as `plimsoll watch --input` does and judges them by all rules, each by those of its source. */
export async function judgeJson(
  text: string | Uint8Array,
  { rules, format = "auto" }: { readonly rules: readonly Rule[]; readonly format?: JsonLinesFormat },
): Promise<{ readonly alerts: readonly Alert[]; readonly events: number; readonly problems: readonly Problem[] }> {
  const judges = new Map<string, JsonJudge>();
  const alerts: Alert[] = [];
  const problems: Problem[] = [];
  let events = 0;
  const context = { signal: new AbortController().signal, problem: (problem: Problem) => problems.push(problem) };
  for await (const batch of readJsonLines(Readable.from([Buffer.from(text)]), { format, context })) {
    for (const event of batch) {
      const judge = judges.get(event.source) ?? new JsonJudge(event.source, rules, { matching: "all" });
      judges.set(event.source, judge);
      judge.judge([event], (match) => alerts.push(match.alert()));
      events++;
    }
  }
  return { alerts, events, problems };
}
