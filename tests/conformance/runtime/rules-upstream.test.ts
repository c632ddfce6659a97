import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Condition } from "../../../src/rules/language/condition.ts";
import { parseCondition } from "../../../src/rules/language/parse-condition.ts";
import { describeRules } from "../../../src/rules/loading/describe-rules.ts";
import { loadRules } from "../../../src/rules/loading/load-rules.ts";
import type { RuleSet } from "../../../src/rules/loading/rule-set.ts";
import { corpusJson, corpusPath, describeWithCorpus } from "../../setup/corpus.ts";
import { everySource } from "../../setup/rule-sources.ts";

interface UpstreamFile {
  readonly file: string;
  readonly source: string;
  readonly required_engine_version: string;
  readonly required_plugin_versions: readonly unknown[];
  readonly rules: number;
  readonly macros: number;
  readonly lists: number;
  readonly enabled_rules: number;
}

interface UpstreamRule {
  readonly file: string;
  readonly rule: string;
  readonly source: string;
  readonly priority: string;
  readonly enabled: boolean;
  readonly tags: readonly string[];
  readonly condition: string;
  readonly condition_compiled: string;
  readonly output: string;
  readonly condition_fields: readonly string[];
  readonly output_fields: readonly string[];
  readonly operators: readonly string[];
  readonly macros: readonly string[];
  readonly lists: readonly string[];
  readonly events_head: readonly string[];
  readonly exceptions: readonly string[];
}

describeWithCorpus("the rule files that users of Falco have", () => {
  const list = corpusJson<{ files: readonly UpstreamFile[]; cases: readonly UpstreamRule[] }>(
    "runtime",
    "rules-upstream",
    "list.json",
  );
  const source = everySource();
  const loaded = new Map<string, RuleSet>();
  const load = (file: string): RuleSet => {
    const text = readFileSync(corpusPath("runtime", "rules-upstream", file), "utf8");
    const rules = loaded.get(file) ?? loadRules([{ name: file, text }], { source });
    loaded.set(file, rules);
    return rules;
  };

  for (const expected of list.files) {
    test(`${expected.file} loads without a warning and has what Falco finds in it`, () => {
      const rules = load(expected.file);
      expect(rules.findings).toEqual([]);
      expect(rules.files.map(({ schema }) => schema)).toEqual([["ok"]]);
      expect(rules.requiredEngineVersion).toBe(expected.required_engine_version);
      expect(rules.requiredPlugins).toEqual(expected.required_plugin_versions);
      expect([rules.rules.length, rules.macros.length, rules.lists.length]).toEqual([
        expected.rules,
        expected.macros,
        expected.lists,
      ]);
      expect(rules.rules.filter(({ isEnabled }) => isEnabled).length).toBe(expected.enabled_rules);
    });

    test(`each rule of ${expected.file} is what Falco makes of it`, () => {
      const rules = load(expected.file);
      const described = describeRules(rules).rules;
      const cases = list.cases.filter(({ file }) => file === expected.file);
      expect(described.map(({ info }) => info["name"])).toEqual(cases.map(({ rule }) => rule));
      for (const [index, upstream] of cases.entries()) {
        const { info = {}, details = {} } = described[index] ?? {};
        expect({
          rule: info["name"],
          source: info["source"],
          priority: info["priority"],
          enabled: info["enabled"],
          tags: info["tags"],
          output: details["output_compiled"],
          condition_compiled: details["condition_compiled"],
          condition_fields: details["condition_fields"],
          output_fields: details["output_fields"],
          operators: details["condition_operators"],
          macros: details["macros"],
          lists: details["lists"],
          events_head: details["events"],
          exceptions: details["exception_names"],
        }).toEqual({
          rule: upstream.rule,
          source: upstream.source,
          priority: upstream.priority,
          enabled: upstream.enabled,
          tags: upstream.tags,
          output: upstream.output,
          condition_compiled: upstream.condition_compiled,
          condition_fields: upstream.condition_fields,
          output_fields: upstream.output_fields,
          operators: upstream.operators,
          macros: upstream.macros,
          lists: upstream.lists,
          events_head: upstream.events_head,
          exceptions: upstream.exceptions,
        });
        const resolved = rules.rules[index]?.resolved;
        expect(resolved && shape(resolved)).toEqual(shape(parseCondition(upstream.condition, { maxDepth: 1000 })));
      }
      expect(cases.length).toBe(expected.rules);
    });
  }

  test("all 7 files and 199 rules were compared", () => {
    expect(list.files.length).toBe(7);
    expect(list.cases.length).toBe(199);
  });
});

/** A condition without its places. */
function shape(condition: Condition): unknown {
  return JSON.parse(JSON.stringify(condition, (key, value) => (key === "place" ? undefined : value)));
}
