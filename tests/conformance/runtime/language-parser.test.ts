import { expect, test } from "vitest";
import { type Condition, ConditionError, type Operand, type Place } from "../../../src/rules/language/condition.ts";
import { escapeText, unescapeText } from "../../../src/rules/language/escape.ts";
import { parseCondition } from "../../../src/rules/language/parse-condition.ts";
import { printCondition } from "../../../src/rules/language/print-condition.ts";
import { corpusJson, describeWithCorpus } from "../../setup/corpus.ts";

interface ParserCase {
  readonly expr: string | null;
  readonly repeat?: { readonly text: string; readonly times: number };
  readonly expect: "accept" | "reject";
  readonly ast?: unknown;
  readonly as_string?: string;
  readonly end: readonly [number, number, number];
  readonly message?: string;
  readonly whitespace_variants?: true;
  readonly differs_0_20?: true;
}

type Bytes = string | { readonly hex: string };

interface EscapingCase {
  readonly op: "escape" | "unescape";
  readonly in: Bytes;
  readonly out?: Bytes;
  readonly error?: string;
}

interface LibraryAnswer {
  readonly ok?: true;
  readonly error?: string;
}

interface CompileErrorCase {
  readonly filter: string;
  readonly libsinsp_0_20: LibraryAnswer;
  readonly libs_head: LibraryAnswer;
}

describeWithCorpus("the parser of Falco's library", () => {
  const { cases } = corpusJson<{ cases: ParserCase[] }>("runtime", "filter-language", "parser.json");
  const accepted = cases.filter((one) => one.expect === "accept");
  const rejected = cases.filter((one) => one.expect === "reject");

  test("has the same tree for every text that it accepts", () => {
    expect(accepted.length).toBeGreaterThanOrEqual(444);
    expect(accepted.map((one) => treeOf(parseCondition(textOf(one))))).toEqual(accepted.map(({ ast }) => ast));
  });

  test("prints every accepted text the same", () => {
    expect(accepted.map((one) => printCondition(parseCondition(textOf(one))))).toEqual(
      accepted.map(({ as_string }) => as_string),
    );
  });

  test("accepts blanks, newlines and tabs where it does", () => {
    const varied = cases.filter((one) => one.whitespace_variants);
    expect(varied.length).toBeGreaterThanOrEqual(327);
    for (const one of varied) {
      const text = textOf(one);
      for (const variant of [` ${text} `, text.replaceAll(" ", "\n"), text.replaceAll(" ", "\t")]) {
        expect(() => parseCondition(variant), variant).not.toThrow();
      }
    }
  });

  test("rejects the same texts, with the same message at the same place", () => {
    expect(rejected.length).toBeGreaterThanOrEqual(196);
    expect(rejected.map((one) => ({ text: one.expr, ...errorOf(textOf(one)) }))).toEqual(
      rejected.map(({ expr, message, end }) => ({ text: expr, message, end })),
    );
  });

  test("accepts and rejects as the library of 0.40 when told so", () => {
    const differing = cases.filter((one) => {
      const isAccepted = errorOf(textOf(one), "0.40") === undefined;
      return isAccepted !== ((one.expect === "accept") !== (one.differs_0_20 ?? false));
    });
    expect(differing.map(({ expr }) => expr)).toEqual([]);
  });
});

describeWithCorpus("escapes of Falco's library", () => {
  const { cases } = corpusJson<{ cases: EscapingCase[] }>("runtime", "filter-language", "escaping.json");

  test("are written and read the same", () => {
    expect(cases.length).toBeGreaterThanOrEqual(32);
    for (const one of cases) {
      const convert = one.op === "escape" ? escapeText : unescapeText;
      if (one.error === undefined) expect(convert(bytesOf(one.in))).toBe(bytesOf(one.out ?? ""));
      else expect(() => convert(bytesOf(one.in))).toThrow(new ConditionError(one.error));
    }
  });
});

describeWithCorpus("parse errors of two versions of Falco's library", () => {
  const { cases } = corpusJson<{ cases: CompileErrorCase[] }>("runtime", "captures", "compile-errors.json");

  test.each(["head", "0.40"] as const)("are the same in generation %s", (generation) => {
    const expected = cases.map((one) => ({
      filter: one.filter,
      message: placed(generation === "head" ? one.libs_head : one.libsinsp_0_20),
    }));
    expect(expected.filter(({ message }) => message !== undefined).length).toBeGreaterThan(30);
    const actual = cases.map(({ filter }) => {
      const error = errorOf(filter, generation);
      if (error === undefined) return { filter, message: undefined };
      const [index, line, column] = error.end;
      return { filter, message: `index ${index}, line ${line}, column ${column}: ${error.message}` };
    });
    expect(actual).toEqual(expected);
  });
});

function placed({ error }: LibraryAnswer): string | undefined {
  const prefix = "filter error at ";
  return error?.startsWith(prefix) ? error.slice(prefix.length) : undefined;
}

function textOf({ expr, repeat }: ParserCase): string {
  return expr ?? repeat?.text.repeat(repeat.times) ?? "";
}

function errorOf(
  text: string,
  generation: "head" | "0.40" = "head",
): { message: string; end: readonly [number, number, number] } | undefined {
  try {
    parseCondition(text, { generation });
    return undefined;
  } catch (error) {
    if (!(error instanceof ConditionError) || error.place === undefined) throw error;
    return { message: error.message, end: position(error.place) };
  }
}

function bytesOf(bytes: Bytes): string {
  return (typeof bytes === "string" ? Buffer.from(bytes) : Buffer.from(bytes.hex, "hex")).toString("latin1");
}

function position({ index, line, column }: Place): [number, number, number] {
  return [index, line, column];
}

function treeOf(condition: Condition): unknown {
  const pos = position(condition.place);
  switch (condition.kind) {
    case "and":
    case "or":
      return { [condition.kind]: condition.operands.map(treeOf), pos };
    case "not":
      return { not: treeOf(condition.operand), pos };
    case "macro":
      return { identifier: condition.name, pos };
    case "check": {
      const check =
        condition.modifier === undefined ? condition.operator : `${condition.operator} ${condition.modifier}`;
      const right = condition.right === undefined ? {} : { right: operandTree(condition.right) };
      return { check, left: operandTree(condition.left), ...right, pos };
    }
  }
}

function operandTree(operand: Operand): unknown {
  const pos = position(operand.place);
  switch (operand.kind) {
    case "value":
      return { value: text(operand.text), pos };
    case "name":
      return { value: text(operand.name), pos };
    case "list":
      return { list: operand.texts.map(text), pos };
    case "fields":
      return { transformer_list: operand.operands.map(operandTree), pos };
    case "field":
      return { field: operand.name, ...argumentOf(operand), pos };
    case "transformer":
      return { transformer: operand.name, args: operand.operands.map(operandTree), ...argumentOf(operand), pos };
  }
}

function argumentOf({ argument }: { readonly argument?: string }): { arg?: unknown } {
  return argument === undefined ? {} : { arg: text(argument) };
}

function text(bytes: string): unknown {
  const buffer = Buffer.from(bytes, "latin1");
  const decoded = buffer.toString("utf8");
  return Buffer.from(decoded).equals(buffer) ? decoded : { hex: buffer.toString("hex") };
}
