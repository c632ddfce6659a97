import { expect, test } from "vitest";
import { kernelEventTypes } from "../../../src/model/events/kernel-event-table.ts";
import { compileListMatcher, compileMatcher } from "../../../src/rules/language/compile-matcher.ts";
import { type Check, ConditionError } from "../../../src/rules/language/condition.ts";
import { ConditionCompiler } from "../../../src/rules/language/condition-compiler.ts";
import { eventCodesOf } from "../../../src/rules/language/event-codes.ts";
import type { FieldType, FieldValue, ResolvedField } from "../../../src/rules/language/field.ts";
import { parseIpv4, parseIpv6 } from "../../../src/rules/language/ip-address.ts";
import { parseCondition } from "../../../src/rules/language/parse-condition.ts";
import { PathPrefixes } from "../../../src/rules/language/path-prefixes.ts";
import { transformOf } from "../../../src/rules/language/transform.ts";
import { corpusJson, describeWithCorpus } from "../../setup/corpus.ts";
import {
  libraryFields,
  type TestField,
  type ValueEvent,
  valueCatalogue,
  valueEvent,
} from "../../setup/value-catalogue.ts";

type Bytes = string | { readonly hex: string };

interface CompileCase {
  readonly filter: string;
  readonly fails: boolean;
  readonly message?: string;
  readonly observed_warnings?: readonly { readonly message: string; readonly pos: readonly number[] }[];
}

interface EvaluateCase {
  readonly test: string;
  readonly event: number;
  readonly filter: string;
  readonly fields?: Readonly<Record<string, CaseField>>;
  readonly result?: boolean;
  readonly message?: string;
}

interface CaseField {
  readonly type: FieldType;
  readonly list?: true;
  readonly filter_only?: true;
  readonly values?: readonly (Bytes | null)[] | null;
}

interface EventTypesCase {
  readonly filter: string;
  readonly events?: readonly string[];
  readonly all_events_but?: readonly string[];
}

interface ListCase {
  readonly test: string;
  readonly left: { readonly values: readonly string[]; readonly list?: true };
  readonly op: string;
  readonly right: readonly string[] | { readonly field_values: readonly string[]; readonly list?: true };
  readonly result: boolean | "error";
}

interface TransformerCase {
  readonly transformer: string;
  readonly list: boolean;
  readonly input_type: FieldType;
  readonly input: readonly FieldValue[];
  readonly expected_type: FieldType;
  readonly expected: readonly FieldValue[];
}

type PrefixStep =
  | { readonly add: string; readonly value?: string }
  | { readonly match: string; readonly found?: boolean; readonly value?: string | null }
  | { readonly tree: string }
  | { readonly tree_contains: string; readonly value: boolean };

// The mocks of the upstream test, and the fields of the library.
const mocks: Readonly<Record<string, TestField>> = {
  "c.true": { type: "CHARBUF" },
  "c.false": { type: "CHARBUF" },
  "c.doublequote": { type: "CHARBUF" },
  "c.singlequote": { type: "CHARBUF" },
  "c.buffer": { type: "BYTEBUF" },
};

// What the fields inside `join`, `concat` and `getopt` are, which the cases do not tell.
const unnamedFields: Readonly<Record<string, TestField & { readonly value: FieldValue | readonly FieldValue[] }>> = {
  "fd.name": { type: "CHARBUF", value: "/tmp/file_to_run" },
  "fd.directory": { type: "CHARBUF", value: "/tmp" },
  "fd.types": { type: "CHARBUF", isList: true, value: ["file"] },
  "evt.num": { type: "UINT64", format: "ID", value: 1 },
};

describeWithCorpus("the filter compiler of Falco's library", () => {
  const { cases } = corpusJson<{ cases: CompileCase[] }>("runtime", "filter-language", "compile.json");
  const catalogue = valueCatalogue({ ...libraryFields(), ...mocks });

  test("accepts and rejects the same filters, with the same message", () => {
    expect(cases.length).toBeGreaterThanOrEqual(354);
    const answers = cases.map(({ filter }) => ({ filter, message: messageOf(filter) }));
    expect(answers).toEqual(cases.map(({ filter, message }) => ({ filter, message })));
  });

  test("warns of the same values", () => {
    const warned = cases.filter(({ observed_warnings }) => observed_warnings !== undefined);
    expect(warned.length).toBeGreaterThanOrEqual(15);
    for (const one of cases.filter(({ fails }) => !fails)) {
      const warnings: unknown[] = [];
      const warn = (message: string, { right }: Check): void => {
        warnings.push({ message, pos: [right?.place.index, right?.place.line, right?.place.column] });
      };
      new ConditionCompiler(catalogue, { warn }).compile(parseCondition(one.filter));
      expect(warnings, one.filter).toEqual(one.observed_warnings ?? []);
    }
  });

  function messageOf(filter: string): string | undefined {
    return errorOf(() => new ConditionCompiler(catalogue).compile(parseCondition(filter)));
  }
});

describeWithCorpus("filters with mock fields of Falco's library", () => {
  test("give the same result", () => {
    const { cases } = corpusJson<{ cases: { filter: string; result: boolean }[] }>(
      "runtime",
      "filter-language",
      "mock-run.json",
    );
    expect(cases.length).toBeGreaterThanOrEqual(40);
    const values = { "c.doublequote": 'hello "quoted"', "c.singlequote": "hello 'quoted'" };
    const plain = valueCatalogue(mocks);
    const catalogue = {
      ...plain,
      resolve(name: string, argument: string | undefined): ResolvedField<ValueEvent> | undefined {
        const field = plain.resolve(name, argument);
        const always = name === "c.true" || name === "c.false";
        return field && always ? { ...field, comparison: () => () => name === "c.true" } : field;
      },
    };
    const results = cases.map(({ filter }) => {
      // A quoted string that ends before its text is no value of the test's author either.
      try {
        return new ConditionCompiler(catalogue).compile(parseCondition(filter))(valueEvent(values));
      } catch (error) {
        if (error instanceof ConditionError) return false;
        throw error;
      }
    });
    expect(results).toEqual(cases.map(({ result }) => result));
  });
});

describeWithCorpus("filters on known values of Falco's library", () => {
  const { cases } = corpusJson<{ cases: EvaluateCase[] }>("runtime", "filter-language", "evaluate.json");
  // `fd.ip` and `fd.net` compare with either end of a connection: a matter of the fields.
  const [ofFields, own] = [true, false].map((isOfFields) =>
    cases.filter((one) => Object.values(one.fields ?? {}).some((field) => field.filter_only) === isOfFields),
  ) as [EvaluateCase[], EvaluateCase[]];

  test("give the same result or the same message", () => {
    expect(ofFields.length).toBeLessThanOrEqual(18);
    expect(own.length).toBeGreaterThanOrEqual(633);
    const expected = own.map(({ test, filter, result, message }) => ({ test, filter, answer: message ?? result }));
    expect(own.map((one) => ({ test: one.test, filter: one.filter, answer: answerOf(one) }))).toEqual(expected);
  });

  function answerOf({ test, filter, fields = {} }: EvaluateCase): boolean | string | undefined {
    const library = libraryFields();
    const known: Record<string, TestField> = {};
    const values: Record<string, FieldValue | readonly FieldValue[] | undefined> = {};
    for (const [name, { value, ...field }] of Object.entries(unnamedFields)) {
      known[name] = field;
      values[name] = value;
    }
    for (const [name, field] of Object.entries(fields)) {
      known[name] = { ...library[name.replace(/\[.*$/, "")], type: field.type, isList: field.list ?? false };
      const list = (field.values ?? []).map((value) =>
        value === null || isEmptyParameter(test, value) ? undefined : readValue(realValue(test, value), field.type),
      );
      values[name] = field.list ? list.filter((value) => value !== undefined) : list[0];
    }
    let answer: boolean | undefined;
    const error = errorOf(() => {
      answer = new ConditionCompiler(valueCatalogue(known)).compile(parseCondition(filter))(valueEvent(values));
    });
    return error ?? answer;
  }
});

describeWithCorpus("event types of Falco's library", () => {
  test("that a filter can match are the same", () => {
    const { cases } = corpusJson<{ cases: EventTypesCase[] }>("runtime", "filter-language", "event-types.json");
    expect(cases.length).toBeGreaterThanOrEqual(158);
    const all = kernelEventTypes.map(({ id }) => `PPME_${id}`);
    for (const { filter, events, all_events_but } of cases) {
      const expected = events ?? all.filter((id) => !all_events_but?.includes(id));
      const codes = [...eventCodesOf(parseCondition(filter))];
      expect(codes.map((code) => all[code]).sort(), filter).toEqual([...expected].sort());
    }
  });
});

describeWithCorpus("list fields of Falco's library", () => {
  const { cases } = corpusJson<{ cases: ListCase[] }>("runtime", "filter-language", "list-fields.json");

  test.each(cases)("compare the same: $test", ({ left, op, right, result }) => {
    const isField = !Array.isArray(right);
    const other = isField ? (right as { field_values: string[]; list?: true }) : undefined;
    const isList = left.list ?? false;
    const catalogue = valueCatalogue({
      "a.left": { type: "CHARBUF", isList },
      "a.right": { type: "CHARBUF", isList: other?.list ?? isList },
    });
    const value = isField
      ? "val(a.right)"
      : op === "="
        ? (right as string[])[0]
        : `(${(right as string[]).join(", ")})`;
    const condition = parseCondition(`a.left ${op} ${value}`);
    if (result === "error") {
      expect(() => new ConditionCompiler(catalogue).compile(condition)).toThrow(ConditionError);
      return;
    }
    const event = valueEvent({
      "a.left": isList ? left.values : left.values[0],
      "a.right": isList ? other?.field_values : other?.field_values[0],
    });
    expect(new ConditionCompiler(catalogue).compile(condition)(event)).toBe(result);
  });
});

describeWithCorpus("transformers of Falco's library", () => {
  const corpus = corpusJson<{
    supported_types: { transformer: string; scalar: string[]; list: string[] }[];
    cases: TransformerCase[];
  }>("runtime", "filter-language", "transformers.json");

  test("turn the same values into the same", () => {
    expect(corpus.cases.length).toBeGreaterThanOrEqual(24);
    for (const one of corpus.cases) {
      const isList = one.list || one.input.length !== 1;
      const transform = transformOf(one.transformer, { type: one.input_type, isList, field: "a.field" });
      expect(transform.type).toBe(one.expected_type);
      const output = transform.apply(isList ? one.input : (one.input[0] as FieldValue));
      expect(Array.isArray(output) ? output : [output], JSON.stringify(one)).toEqual(one.expected);
    }
  });

  test("take the same types", () => {
    // The upstream test allows `b64` these, and its library refuses them.
    const refused = ["b64 FSPATH", "b64 FSRELPATH"];
    const types: readonly FieldType[] = ["CHARBUF", "FSPATH", "FSRELPATH", "BYTEBUF", "UINT64", "BOOL", "IPADDR"];
    for (const { transformer, scalar, list } of corpus.supported_types) {
      for (const type of types) {
        if (refused.includes(`${transformer} ${type}`)) continue;
        for (const isList of [false, true]) {
          const take = (): unknown => transformOf(transformer, { type, isList, field: "a.field" });
          expect(errorOf(take) === undefined, `${transformer} ${type}`).toBe((isList ? list : scalar).includes(type));
        }
      }
    }
  });
});

describeWithCorpus("path prefixes of Falco's library", () => {
  const { cases } = corpusJson<{ cases: { name: string; steps: PrefixStep[] }[] }>(
    "runtime",
    "filter-language",
    "prefix-search.json",
  );

  test.each(cases)("find the same: $name", ({ steps }) => {
    const prefixes = new PathPrefixes<string>();
    expect(steps.length).toBeGreaterThan(0);
    for (const step of steps) {
      if ("add" in step) prefixes.add(step.add, step.value ?? "");
      else if ("tree" in step) expect(prefixes.toString()).toBe(step.tree);
      else if ("tree_contains" in step) expect(prefixes.toString().includes(step.tree_contains)).toBe(step.value);
      else if (step.value !== undefined) expect(prefixes.match(step.match) ?? null).toBe(step.value);
      else expect(prefixes.match(step.match) !== undefined, step.match).toBe(step.found);
    }
  });
});

test("a matcher judges a single value as a condition does", () => {
  expect(
    compileMatcher({ type: "IPNET", operator: "in" }, ["10.0.0.0/8", "fe80::/10"])(`\xfe\x80${"\0".repeat(14)}`),
  ).toBe(true);
  expect(compileListMatcher({ type: "CHARBUF", operator: "in" }, ["a", "b"])(["a", "c"])).toBe(false);
});

function errorOf(action: () => unknown): string | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    if (!(error instanceof ConditionError)) throw error;
    const { message, place } = error;
    const isOfParser = place !== undefined && /^(?:expected|unexpected token|exceeded|filter input)/.test(message);
    if (!isOfParser) return message;
    return `filter error at index ${place.index}, line ${place.line}, column ${place.column}: ${message}`;
  }
}

// The corpus shows a number of no bytes as 0, which it prints as, but it has no value.
function isEmptyParameter(test: string, value: Bytes): boolean {
  return test.startsWith("rawarg_") && test.includes("execve_empty_params") && value === "0";
}

// The corpus shows these as they print: with a dot for a byte of zero, and in base 64, which the test asks for.
function realValue(test: string, value: Bytes): Bytes {
  if (test === "bytebuf_matches_nul") return { hex: "610062" };
  return test === "EVT_FILTER_data_buffer_str" ? "gigi" : value;
}

function readValue(value: Bytes, type: FieldType): FieldValue {
  if (typeof value !== "string") return Buffer.from(value.hex, "hex").toString("latin1");
  if (type === "BOOL") return value === "true";
  if (type === "IPADDR") return parseIpv4(value) ?? parseIpv6(value) ?? "";
  if (["CHARBUF", "FSPATH", "FSRELPATH", "BYTEBUF"].includes(type)) return Buffer.from(value).toString("latin1");
  return Number(value);
}
