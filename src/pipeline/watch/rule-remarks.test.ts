import { expect, test } from "vitest";
import { loadRules } from "../../rules/loading/load-rules.ts";
import { hasRuleAbout, unknownSelections } from "./rule-remarks.ts";
import { ruleSource } from "./rule-sources.ts";

const text = `
- rule: Audit
  desc: d
  source: k8s_audit
  condition: ka.verb = get
  output: o
  priority: INFO
  tags: [cloud]
- rule: Off
  desc: d
  condition: evt.type = open
  output: o
  priority: INFO
  enabled: false
`;
const { rules } = loadRules([{ name: "rules.yaml", text }], { source: (name) => ruleSource(name, "head") });

test("a selection of rules that nothing fits is known by its name", () => {
  expect(rules).toHaveLength(2);
  const selection = [
    { disable: { rule: "Aud*" } },
    { disable: { rule: "Audits" } },
    { enable: { tag: "cloud" } },
    { enable: { tag: "clouds" } },
    { enable: { rule: "Audits" } },
  ];
  expect(unknownSelections(rules, selection)).toEqual(["Audits", "tag:clouds"]);
  expect(unknownSelections(rules)).toEqual([]);
});

test("a rule that is off is about nothing", () => {
  expect(hasRuleAbout(rules, ["syscall"])).toBe(false);
  expect(hasRuleAbout(rules, ["syscall", "k8s_audit"])).toBe(true);
});
