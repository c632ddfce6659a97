import fc from "fast-check";
import { expect, test } from "vitest";
import { type ValueEvent, valueCatalogue, valueEvent } from "../../../tests/setup/value-catalogue.ts";
import { ConditionCompiler } from "../language/condition-compiler.ts";
import { parseCondition } from "../language/parse-condition.ts";
import type { Rule } from "../loading/rule-set.ts";
import { type Matching, RuleEngine } from "./rule-engine.ts";

const catalogue = valueCatalogue({ a: { type: "CHARBUF" }, "t.a": { type: "CHARBUF" }, "t.b": { type: "CHARBUF" } });

test("tells of every rule that an event fulfils, in the order of the rules", () => {
  const judged = judge(["t.b = 2", "t.a = 1 and t.b = 2", "t.a = 1", "t.a = 3"], { "t.a": "1", "t.b": "2" }, "all");
  expect(judged).toEqual([0, 1, 2]);
});

test("tells of the first rule only when that is asked for, whatever they have in common", () => {
  const judged = judge(["t.b = 3", "t.a = 1 and t.b = 2", "t.b = 2"], { "t.a": "1", "t.b": "2" }, "first");
  expect(judged).toEqual([1]);
});

test("leaves out rules that are switched off and those of other sources", () => {
  const rules = [
    rule("t.a = 1", 0),
    { ...rule("t.a = 1", 1), isEnabled: false },
    { ...rule("t.a = 1", 2), source: "x" },
  ];
  expect(fulfilled(new RuleEngine(rules, { source: "test", catalogue, matching: "all" }), { "t.a": "1" })).toEqual([0]);
});

test("shows an event to the rules of its type only", () => {
  const rules = [rule("evt.type = openat and t.a = 1", 0), rule("evt.type = connect and t.a = 1", 1)];
  const types = valueCatalogue({ "evt.type": { type: "CHARBUF" }, "t.a": { type: "CHARBUF" } });
  // The code of openat and of connect in the event table.
  for (const [code, expected] of [
    [307, 0],
    [23, 1],
  ] as const) {
    const engine = new RuleEngine<ValueEvent>(rules, {
      source: "test",
      catalogue: types,
      matching: "all",
      codes: { count: 500, of: () => code },
    });
    const type = code === 307 ? "openat" : "connect";
    expect(fulfilled(engine, { "evt.type": type, "t.a": "1" })).toEqual([expected]);
  }
});

test("agrees with each condition evaluated alone", () => {
  const check = fc.constantFrom("t.a = 1", "t.a = 2", "t.b = 1", "t.b in (1, 2)", "not t.a = 1", "t.a exists");
  const condition = fc
    .array(fc.array(check, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 })
    .map((all) => all.map((any) => `(${any.join(" or ")})`).join(" and "));
  const value = fc.constantFrom("1", "2", "3", undefined);
  fc.assert(
    fc.property(fc.array(condition, { minLength: 1, maxLength: 8 }), value, value, (conditions, a, b) => {
      const values = { "t.a": a, "t.b": b };
      const alone = new ConditionCompiler<ValueEvent>(catalogue);
      const expected = conditions.flatMap((text, index) =>
        alone.compile(parseCondition(text))(valueEvent(values)) ? [index] : [],
      );
      expect(judge(conditions, values, "all")).toEqual(expected);
    }),
  );
});

function judge(conditions: readonly string[], values: Parameters<typeof valueEvent>[0], matching: Matching): number[] {
  const rules = conditions.map(rule);
  return fulfilled(new RuleEngine<ValueEvent>(rules, { source: "test", catalogue, matching }), values);
}

function fulfilled(engine: RuleEngine<ValueEvent>, values: Parameters<typeof valueEvent>[0]): number[] {
  const indexes: number[] = [];
  engine.judge(valueEvent(values), ({ name }) => indexes.push(Number(name)));
  return indexes;
}

function rule(condition: string, index: number): Rule {
  return {
    name: String(index),
    description: "",
    priority: "Notice",
    source: "test",
    tags: [],
    isEnabled: true,
    condition,
    resolved: parseCondition(condition),
    output: "",
    place: { file: "test", line: 0, column: 0, offset: 0 },
    macrosUsed: [],
    listsUsed: [],
  };
}
