import { describe, expect, test } from "vitest";
import { ConditionError } from "./condition.ts";
import type { FieldCatalogue, FieldDefinition, FieldValue, RuleEvent } from "./field.ts";
import { FormatCompiler } from "./format-compiler.ts";

interface TestEvent extends RuleEvent {
  readonly values: Readonly<Record<string, FieldValue | readonly FieldValue[]>>;
}

const definitions: Readonly<Record<string, Partial<FieldDefinition>>> = {
  "a.text": {},
  "a.text.more": {},
  "a.number": { type: "UINT64", format: "DEC" },
  "a.list": { isList: true },
  "a.time": { type: "ABSTIME", format: "DEC" },
  "a.arg": {},
};

const catalogue: FieldCatalogue<TestEvent> = {
  definitions: [],
  resolve(name, argument) {
    const given = definitions[name];
    if (given === undefined || (argument !== undefined) !== (name === "a.arg")) return undefined;
    const definition: FieldDefinition = { name, group: "a", type: "CHARBUF", format: "NA", description: "", ...given };
    const { type, isList = false } = definition;
    const own = name === "a.time" ? { print: () => "today", json: () => 5n } : {};
    return { definition, argument, type, isList, extract: ({ values }) => values[argument ?? name], ...own };
  },
};

let serial = 0;

function filled(format: string, values: TestEvent["values"]): { text: string; isComplete: boolean; values: unknown } {
  const compiled = new FormatCompiler(catalogue).compile(format);
  const event = { serial: ++serial, values };
  return { ...compiled.render(event), values: compiled.values(event) };
}

describe("an output format", () => {
  test.each<[string, TestEvent["values"], string]>([
    ["%a.text", { "a.text": "x" }, "x"],
    ["<%5a.text>", { "a.text": "x" }, "<x    >"],
    ["<%2a.text>", { "a.text": "xyz" }, "<xy>"],
    ["*<%6a.text>", {}, "<<NA>  >"],
    ["%a.text.more%a.text.mo", { "a.text": "x", "a.text.more": "y" }, "yx.mo"],
    ["%a.textand", { "a.text": "x" }, "xand"],
    ["%a.arg[k].", { k: "v" }, "v."],
    ['%a.arg["k l"]', { "k l": "v" }, "v"],
    ["%toupper(a.text)!", { "a.text": "x" }, "X!"],
    ["%a.list", { "a.list": ["p", "q"] }, "(p,q)"],
    ["é %a.text", { "a.text": "\xff" }, "é \u{fffd}"],
    ["%a.time", { "a.time": 1 }, "today"],
  ])("%j with %j shows %j", (format, values, text) => {
    expect(filled(format, values)).toMatchObject({ text, isComplete: true });
  });

  test("ends before a value that is missing, unless it begins with a star", () => {
    expect(filled("a %a.text b", {})).toMatchObject({ text: "a ", isComplete: false });
    expect(filled("*a %a.text b", {})).toMatchObject({ text: "a <NA> b", isComplete: true });
  });

  test("has its fields as values, each once, without what transformers made", () => {
    const values = { "a.text": "x", "a.number": 2n ** 60n, "a.list": ["p"], "a.time": 1 };
    expect(filled("*%a.number %a.text %toupper(a.text) %a.list %a.time %a.text.more", values).values).toEqual([
      ["a.number", 2n ** 60n],
      ["a.text", "x"],
      ["a.list", ["p"]],
      ["a.time", 5n],
      ["a.text.more", null],
    ]);
  });

  test("shows of each value what it is told to, and its own text as it is", () => {
    const shown = (value: string): string => value.replaceAll("\n", "|é");
    const compiled = new FormatCompiler(catalogue, { shown }).compile("*\n%a.text,%4a.text,%a.list,%a.number\u00e9");
    const values = { "a.text": "x\ny\xc3\xa9", "a.list": ["p\n", "q"] };
    expect(compiled.render({ serial: ++serial, values }).text).toBe("\nx|éyé,x|é,(p|é,q),<NA>é");
    expect(compiled.values({ serial, values })[0]).toEqual(["a.text", "x\nyé"]);
  });

  test.each([
    ["", "empty formatting token"],
    ["a %", "invalid formatting syntax: formatting cannot end with a %"],
    ["a %12", "invalid formatting syntax: formatting cannot end with a number"],
    ["a %nothing.here", "unknown filter: unexpected token after '"],
    ["%99999a.text", "invalid formatting syntax: a field is at most 65535 wide"],
  ])("%j is refused", (format, message) => {
    expect(() => new FormatCompiler(catalogue).compile(format)).toThrow(message);
  });

  test.each(["%", "%a.", "%toupper(", '%a.arg["', "%9", "%a.text[", "%a.textt"])(
    "of many %s takes no long time",
    (piece) => {
      const format = piece.repeat(20_000);
      const start = process.cpuUsage().user;
      try {
        new FormatCompiler(catalogue).compile(format);
      } catch (error) {
        expect(error).toBeInstanceOf(ConditionError);
      }
      expect(process.cpuUsage().user - start).toBeLessThan(5_000_000);
    },
  );
});
