import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import {
  type CompiledExpression,
  compileExpression,
  type Outcome,
} from "../../../src/checks/expressions/expression.ts";
import { typeText } from "../../../src/checks/expressions/static-type.ts";
import { valueFromJson } from "../../../src/checks/expressions/values/json-value.ts";
import { EntriesMap } from "../../../src/checks/expressions/values/map-value.ts";
import {
  kindOf,
  ListValue,
  MapValue,
  OptionalValue,
  TypeValue,
  UnsignedValue,
  type Value,
} from "../../../src/checks/expressions/values/value.ts";
import { differentCelTests } from "../../setup/cel-differences.ts";
import { corpusJson, corpusPath, describeWithCorpus } from "../../setup/corpus.ts";

interface TypedValue {
  boolValue?: boolean;
  int64Value?: string;
  uint64Value?: string;
  doubleValue?: number | string;
  stringValue?: string;
  bytesValue?: string;
  nullValue?: null;
  typeValue?: string;
  listValue?: { values?: TypedValue[] };
  mapValue?: { entries?: { key: TypedValue; value: TypedValue }[] };
  objectValue?: { "@type": string; value?: string };
}

interface SpecCase {
  name: string;
  expr: string;
  value?: TypedValue;
  typedResult?: { result?: TypedValue; deducedType?: SpecType };
  evalError?: unknown;
  bindings?: Record<string, { value: TypedValue }>;
  typeEnv?: { name: string; ident?: unknown }[];
  container?: string;
  disableCheck?: boolean;
  disableMacros?: boolean;
  checkOnly?: boolean;
}

interface SpecType {
  primitive?: string;
  listType?: { elemType: SpecType };
  mapType?: { keyType: SpecType; valueType: SpecType };
  abstractType?: { name: string; parameterTypes: SpecType[] };
  null?: null;
  dyn?: object;
}

interface SpecFile {
  name: string;
  section?: { name: string; test?: SpecCase[] }[];
}

describeWithCorpus("the tests of the language definition of CEL", () => {
  const files = readdirSync(corpusPath("hardening/cel-spec/json"))
    .filter((name) => name.endsWith(".json"))
    .map((name) => corpusJson<SpecFile>("hardening/cel-spec/json", name));
  files.push(JSON.parse(camelCase(JSON.stringify(corpusJson("hardening/cel-spec/network_ext.json")))) as SpecFile);
  const cases = files.flatMap(({ name: file, section = [] }) =>
    section.flatMap(({ name, test: tests = [] }) => tests.map((one) => ({ section: `${file}/${name}`, one }))),
  );

  test("all of them agree, but for those listed with the reason", () => {
    const seen = new Map<string, number>();
    const failed = cases.flatMap(({ section, one }) => {
      const id = `${section}/${one.name}`;
      const count = (seen.get(id) ?? 0) + 1;
      seen.set(id, count);
      return agrees(one) ? [] : [count === 1 ? id : `${id}#${count}`];
    });
    const listed = differentCelTests.flatMap(({ tests }) =>
      Object.entries(tests).flatMap(([section, names]) => names.split(" ").map((name) => `${section}/${name}`)),
    );
    expect(cases).toHaveLength(2413);
    expect(failed.sort()).toEqual(listed.sort());
  });
});

/** The keys of textproto as those of its JSON form. */
function camelCase(json: string): string {
  return json.replace(
    /"([a-z0-9]+(?:_[a-z0-9]+)+)":/g,
    (_, name: string) => `"${name.replace(/_([a-z0-9])/g, (_all, letter: string) => letter.toUpperCase())}":`,
  );
}

function agrees(one: SpecCase): boolean {
  const deduced = one.typedResult?.deducedType;
  if (deduced && typeShown(one) !== typeOfSpec(deduced)) return false;
  if (one.checkOnly) return true;
  const outcome = evaluate(one);
  const expected = one.value ?? one.typedResult?.result ?? (one.evalError ? undefined : { boolValue: true });
  if (!expected) return "error" in outcome;
  return "value" in outcome && JSON.stringify(plain(outcome.value)) === JSON.stringify(plainExpected(expected));
}

function compile({
  expr,
  bindings = {},
  typeEnv = [],
  container = "",
  disableMacros = false,
  disableCheck = false,
}: SpecCase): CompiledExpression {
  const declared = typeEnv.flatMap(({ name, ident }) => (ident ? [name] : []));
  return compileExpression(expr, {
    variables: [...Object.keys(bindings), ...declared],
    container,
    withoutMacros: disableMacros,
    isUnchecked: disableCheck,
  });
}

function evaluate(one: SpecCase): Outcome {
  const compiled = compile(one);
  if ("error" in compiled) return { error: compiled.error, isUnknown: false };
  const values = Object.fromEntries(
    Object.entries(one.bindings ?? {}).map(([name, { value }]) => [name, valueFrom(value)]),
  );
  return compiled.expression.evaluate({ values });
}

/** The type that the compiler deduced, as CEL writes it. */
function typeShown(one: SpecCase): string {
  const compiled = compile(one);
  return "expression" in compiled ? typeText(compiled.expression.type) : compiled.error;
}

function typeOfSpec({ primitive, listType, mapType, abstractType, ...rest }: SpecType): string {
  if (primitive) return { INT64: "int", UINT64: "uint" }[primitive] ?? primitive.toLowerCase();
  if (listType) return `list(${typeOfSpec(listType.elemType)})`;
  if (mapType) return `map(${typeOfSpec(mapType.keyType)}, ${typeOfSpec(mapType.valueType)})`;
  if (abstractType) return `${abstractType.name}(${abstractType.parameterTypes.map(typeOfSpec).join(", ")})`;
  if ("null" in rest) return "null_type";
  return "dyn" in rest ? "dyn" : JSON.stringify(rest);
}

function valueFrom(typed: TypedValue): Value {
  if (typed.int64Value !== undefined) return BigInt(typed.int64Value);
  if (typed.uint64Value !== undefined) return new UnsignedValue(BigInt(typed.uint64Value));
  if (typed.doubleValue !== undefined) return Number(typed.doubleValue);
  if (typed.bytesValue !== undefined) return Buffer.from(typed.bytesValue, "base64");
  if (typed.typeValue !== undefined) return new TypeValue(typed.typeValue);
  if (typed.objectValue) return wellKnownValue(typed.objectValue);
  if (typed.listValue) return new ListValue((typed.listValue.values ?? []).map(valueFrom));
  if (typed.mapValue) {
    const map = new EntriesMap();
    for (const { key, value } of typed.mapValue.entries ?? []) map.add(valueFrom(key), valueFrom(value));
    return map;
  }
  return valueFromJson(typed.boolValue ?? typed.stringValue ?? null);
}

/** A form of a value in which equal values are equal texts, with their kinds. */
function plain(value: Value): unknown {
  if (value instanceof ListValue) return { list: value.items.map(plain) };
  if (value instanceof MapValue) {
    const entries = value.keys().map((key) => JSON.stringify([plain(key), plain(value.get(key) ?? null)]));
    return { map: entries.sort() };
  }
  if (value instanceof OptionalValue) return { optional: value.value === undefined ? [] : [plain(value.value)] };
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString("base64") };
  if (value instanceof UnsignedValue) return { uint: String(value.value) };
  if (value instanceof TypeValue) return { type: value.name };
  // Negative zero is zero in JSON.
  if (typeof value === "number") return { double: String(value) };
  if (typeof value === "object" && value !== null && "nanoseconds" in value)
    return { [value.kind]: String(value.nanoseconds) };
  return { [kindOf(value)]: value === null || typeof value === "object" ? null : String(value) };
}

function plainExpected(typed: TypedValue): unknown {
  return typed.objectValue && wellKnownValue(typed.objectValue) === null
    ? { message: typed.objectValue["@type"] }
    : plain(valueFrom(typed));
}

/** A timestamp or a duration; null for other messages of protocol buffers. */
function wellKnownValue({ "@type": type, value = "" }: NonNullable<TypedValue["objectValue"]>): Value {
  const [, name] = /google\.protobuf\.(Timestamp|Duration)$/.exec(type) ?? [];
  if (!name) return null;
  const made = compileExpression(`${name.toLowerCase()}(${JSON.stringify(value)})`, { variables: [] });
  const outcome = "expression" in made ? made.expression.evaluate({ values: {} }) : undefined;
  return outcome && "value" in outcome ? outcome.value : null;
}
