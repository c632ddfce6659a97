import { describe, expect, test } from "vitest";
import { type Condition, ConditionError } from "./condition.ts";
import { ConditionCompiler } from "./condition-compiler.ts";
import { eventCodesOf } from "./event-codes.ts";
import type { FieldCatalogue, FieldType, FieldValue, ResolvedField, RuleEvent } from "./field.ts";
import { parseCondition } from "./parse-condition.ts";
import { maxTreeDepth, printCondition } from "./print-condition.ts";

interface TestEvent extends RuleEvent {
  readonly values: Readonly<Record<string, FieldValue | readonly FieldValue[]>>;
}

const types: Readonly<Record<string, FieldType>> = {
  "a.text": "CHARBUF",
  "a.other": "CHARBUF",
  "a.number": "UINT64",
  "a.address": "IPADDR",
  "a.net": "IPNET",
  "a.list": "CHARBUF",
  "a.dynamic": "DYN",
};

let serial = 0;

function event(values: TestEvent["values"]): TestEvent {
  serial++;
  return { serial, values };
}

function catalogue(onExtract: (name: string) => void = () => {}): FieldCatalogue<TestEvent> {
  return {
    definitions: [],
    resolve(name, argument) {
      const type = types[name];
      if (type === undefined) return undefined;
      const isList = name === "a.list";
      const field: ResolvedField<TestEvent> = {
        definition: { name, group: "a", type, format: "DEC", description: "", isList },
        argument,
        type,
        isList,
        extract({ values }) {
          onExtract(name);
          return values[name];
        },
        typeIn: ({ values }) => (typeof values[name] === "number" ? "INT64" : "CHARBUF"),
      };
      return field;
    },
  };
}

function evaluate(condition: string, values: TestEvent["values"]): boolean {
  return new ConditionCompiler(catalogue()).compile(parseCondition(condition))(event(values));
}

describe("a missing value", () => {
  test.each(["=", "!=", "contains", "startswith", "glob", "regex"])(
    "makes %s false, and its negation true",
    (operator) => {
      expect(evaluate(`a.text ${operator} x`, {})).toBe(false);
      expect(evaluate(`not a.text ${operator} x`, {})).toBe(true);
    },
  );

  test("on the right side makes a comparison false as well", () => {
    expect(evaluate("a.text != val(a.other)", { "a.text": "x" })).toBe(false);
    expect(evaluate("a.text != val(a.other)", { "a.text": "x", "a.other": "y" })).toBe(true);
  });

  test("is not the same as an empty list", () => {
    expect(evaluate("a.list exists", {})).toBe(false);
    expect(evaluate("a.list in (x)", { "a.list": [] })).toBe(true);
    expect(evaluate("a.list intersects (x)", { "a.list": [] })).toBe(false);
  });
});

describe("a comparison", () => {
  test.each<[string, TestEvent["values"], boolean]>([
    ["a.text = oneof (x, y)", { "a.text": "x" }, true],
    ["a.text contains oneof (x, y)", { "a.text": "xy" }, false],
    ["a.text contains oneof (x, y)", { "a.text": "y" }, true],
    ["a.text contains oneof (x, y)", { "a.text": "z" }, false],
    ["a.text contains oneof (x, y, z)", { "a.text": "xyz" }, false],
    ["a.text startswith anyof (/etc, /usr)", { "a.text": "/usr/bin" }, true],
    ["a.text != allof (x, y)", { "a.text": "z" }, true],
    ["a.text != allof ()", { "a.text": "z" }, false],
    ["a.text < 5", { "a.text": "10" }, true],
    ["a.number > 9007199254740993", { "a.number": 9007199254740994n }, true],
    ["a.number = 18446744073709551615", { "a.number": 18446744073709551615n }, true],
    ["a.number in (1, 18446744073709551615)", { "a.number": 18446744073709551615n }, true],
    ["a.address != 1.2.3.4", { "a.address": "\0".repeat(16) }, true],
    ["a.net in (10.0.0.0/8, 192.168.0.0/16)", { "a.net": "\xc0\xa8\x01\x01" }, true],
    ["a.net != 10.0.0.0/8", { "a.net": "\x0a\x01\x01\x01" }, false],
    ["a.dynamic > 5", { "a.dynamic": 6 }, true],
    ["a.dynamic = x", { "a.dynamic": "x" }, true],
    ["a.dynamic = x", { "a.dynamic": 6 }, false],
    ["a.text icontains SSH", { "a.text": "/root/.ssh" }, true],
    ["a.text pmatch (/var/*/x, /etc)", { "a.text": "/etc/passwd" }, true],
    ["len(a.list) = 2", { "a.list": ["x", "y"] }, true],
    ["a.text in (a)", { "a.text": "a" }, true],
    ['a.text in ("")', { "a.text": "" }, true],
    ["a.text in ()", { "a.text": "" }, false],
  ])("%s of %s is %s", (condition, values, result) => {
    expect(evaluate(condition, values)).toBe(result);
  });
});

describe("conditions of one compiler", () => {
  test("read each field once for an event, also when it is missing", () => {
    const reads: string[] = [];
    const compiler = new ConditionCompiler(catalogue((name) => reads.push(name)));
    const conditions = ["a.text = x or a.text contains y", "not a.text = z", "a.text = val(a.other)"].map((text) =>
      compiler.compile(parseCondition(text)),
    );
    for (const one of [event({ "a.other": "q" }), event({ "a.text": "q", "a.other": "q" })]) {
      reads.length = 0;
      for (const matches of [...conditions, ...conditions]) matches(one);
      expect(reads.sort()).toEqual("a.text" in one.values ? ["a.other", "a.text"] : ["a.text"]);
    }
  });

  test("that are alike in print but not in meaning are not taken for one another", () => {
    const compiler = new ConditionCompiler(catalogue());
    const [withEmpty, withNone] = ['a.text in ("")', "a.text in ()"].map((text) =>
      compiler.compile(parseCondition(text)),
    );
    const one = event({ "a.text": "" });
    expect([withEmpty?.(one), withNone?.(one)]).toEqual([true, false]);
  });

  test("give each event its own result though a part is remembered", () => {
    const compiler = new ConditionCompiler(catalogue());
    const compiled = [0, 1].map(() => compiler.compile(parseCondition("a.text contains x and a.number > 5")));
    for (const [values, result] of [
      [{ "a.text": "xx", "a.number": 6 }, true],
      [{ "a.text": "y", "a.number": 6 }, false],
      [{ "a.text": "x", "a.number": 9 }, true],
    ] as const) {
      const one = event(values);
      expect(compiled.map((matches) => matches(one))).toEqual([result, result]);
    }
  });
});

describe("an explanation", () => {
  test("shows values, results, and why a part did not count", () => {
    const compiler = new ConditionCompiler(catalogue());
    const condition = parseCondition(
      "(a.text in (x, y) or a.number > 5) and a.other = z and not a.list intersects (p)",
    );
    expect(compiler.explain(condition, event({ "a.text": "x", "a.list": ["p", "q"] }))).toMatchObject({
      result: false,
      parts: [
        {
          result: true,
          parts: [
            { result: true, left: ["x"], right: ["x", "y"] },
            { result: undefined, reason: "decided before" },
          ],
        },
        { result: false, left: [], right: ["z"], reason: "missing" },
        { result: undefined, reason: "decided before" },
      ],
    });
  });

  test("shows each value of a list, and the field on the right", () => {
    const compiler = new ConditionCompiler(catalogue());
    const lists = compiler.explain(parseCondition("not a.list intersects (p)"), event({ "a.list": ["p", "q"] }));
    expect(lists).toMatchObject({ result: false, parts: [{ result: true, left: ["p", "q"], right: ["p"] }] });
    const pair = compiler.explain(parseCondition("a.text = val(a.other)"), event({ "a.text": "p" }));
    expect(pair).toMatchObject({ result: false, left: ["p"], right: [], reason: "right side missing" });
  });
});

test("an error of compiling has the place of its check", () => {
  const compile = (): unknown =>
    new ConditionCompiler(catalogue()).compile(parseCondition("a.text exists and a.number = x"));
  expect(compile).toThrow(
    expect.objectContaining({ message: "x is not a valid number", place: { index: 18, line: 1, column: 19 } }),
  );
});

test("a tree that macros made too deep is refused by all that walk it", () => {
  let condition: Condition = parseCondition("a.text exists");
  for (let depth = 0; depth < maxTreeDepth + 10; depth++)
    condition = { kind: "not", operand: condition, place: condition.place };
  expect(() => printCondition(condition)).toThrow(ConditionError);
  expect(() => eventCodesOf(condition)).toThrow(ConditionError);
  expect(() => new ConditionCompiler(catalogue()).compile(condition)).toThrow(ConditionError);
});

test("a tree as deep as is allowed can be evaluated and explained", () => {
  let condition: Condition = parseCondition("a.text exists");
  for (let depth = 0; depth < maxTreeDepth; depth++)
    condition = { kind: "not", operand: condition, place: condition.place };
  const compiler = new ConditionCompiler(catalogue());
  expect(compiler.compile(condition)(event({ "a.text": "x" }))).toBe(true);
  expect(compiler.explain(condition, event({ "a.text": "x" })).result).toBe(true);
  expect(printCondition(condition)).toHaveLength(4 * maxTreeDepth + 13);
  expect(eventCodesOf(condition).size).toBeGreaterThan(400);
});
