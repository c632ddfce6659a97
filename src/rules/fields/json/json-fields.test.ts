import { expect, test } from "vitest";
import type { FieldValue } from "../../language/field.ts";
import { jsonFields } from "./json-fields.ts";
import { JsonRuleEvent } from "./json-rule-event.ts";

const catalogue = jsonFields({ timeZone: "Europe/Berlin", hostname: "höst", plugin: "json" });

test("a JSON pointer finds members and elements", () => {
  const value = { a: { "b/c": [10, { "d~": true }] }, text: "ü", none: null, "": { x: 1 }, ü: 2 };
  expect(valueAt(value, "/a/b~1c/0")).toBe("10");
  expect(valueAt(value, "a/b~1c/1/d~0")).toBe("true");
  expect(valueAt(value, "/a/b~1c")).toBe('[10,{"d~":true}]');
  expect(valueAt(value, "/text")).toBe("\xc3\xbc");
  expect(valueAt(value, "/\xc3\xbc")).toBe("2");
  expect(valueAt(value, "/none")).toBe("null");
  expect(valueAt(value, "//x")).toBe("1");
  for (const missing of ["/a/b", "/a/b~1c/2", "/a/b~1c/-1", "/text/0", "/none/x"]) {
    expect(valueAt(value, missing), missing).toBeUndefined();
  }
});

test("what objects inherit is not a value", () => {
  for (const name of ["constructor", "__proto__", "toString", "length"])
    expect(valueAt({}, `/${name}`)).toBeUndefined();
  expect(valueAt([1], "/length")).toBeUndefined();
  expect(valueAt(JSON.parse('{"__proto__":{"x":1}}'), "/__proto__/x")).toBe("1");
});

test("large integers keep their digits in texts", () => {
  const value = { a: { b: 1507591916746609046n } };
  expect(valueAt(value, "/a/b")).toBe("1507591916746609046");
  expect(valueAt(value, "/a")).toBe('{"b":1507591916746609046}');
  expect(read("jevt.obj", value)).toBe('{\n  "a": {\n    "b": 1507591916746609046\n  }\n}');
});

test("a value that is nested too deeply to be written is missing, not a failure", () => {
  let value: unknown = 1;
  for (let depth = 0; depth < 100_000; depth++) value = [value];
  expect(valueAt({ value }, "/value")).toBeUndefined();
  expect(read("jevt.obj", { value })).toBeUndefined();
});

test("every event has its number, time and source", () => {
  expect(read("evt.num", {})).toBe(7);
  expect(read("evt.source", {})).toBe("json");
  expect(read("evt.time", {})).toBe("16:17:57.881781397");
  expect(read("evt.time.s", {})).toBe("16:17:57");
  expect(read("evt.datetime", {})).toBe("2016-01-04 16:17:57.881781397");
  expect(read("evt.datetime.s", {})).toBe("2016-01-04 16:17:57");
  expect(read("evt.time.iso8601", {})).toBe("2016-01-04T15:17:57.881781397+0000");
  expect(read("evt.rawtime", {})).toBe(1451920677881781397n);
  expect(read("evt.rawtime.s", {})).toBe(1451920677);
  expect(read("evt.rawtime.ns", {})).toBe(881781397);
  expect(read("evt.reltime", {})).toBe(1_000_000_001);
  expect(read("evt.reltime.s", {})).toBe(1);
  expect(read("evt.reltime.ns", {})).toBe(1);
  expect(read("evt.hostname", {})).toBe("h\xc3\xb6st");
  expect(read("evt.plugininfo", { a: 1 })).toBe('{"a":1}');
  expect(read("evt.pluginname", {})).toBe("json");
  expect(read("evt.is_async", {})).toBe(false);
  expect(read("evt.asynctype", {})).toBeUndefined();
  expect(read("jevt.rawtime", {})).toBe("1451920677881781397");
  expect(catalogue.resolve("evt.time", undefined)?.json?.(eventOf({}))).toBe(1451920677881781397n);
});

test("an argument must be there where it is needed, and nowhere else", () => {
  expect(() => catalogue.resolve("jevt.value", undefined)).toThrow("jevt.value requires an argument but none provided");
  expect(() => catalogue.resolve("evt.num", "1")).toThrow("evt.num does not allow nor require an argument");
  expect(catalogue.resolve("jevt.nothing", undefined)).toBeUndefined();
  expect(catalogue.resolve("toString", undefined)).toBeUndefined();
});

function valueAt(value: unknown, pointer: string): FieldValue | readonly FieldValue[] | undefined {
  return catalogue.resolve("json.value", pointer)?.extract(eventOf(value));
}

function read(name: string, value: unknown): FieldValue | readonly FieldValue[] | undefined {
  return catalogue.resolve(name, undefined)?.extract(eventOf(value));
}

function eventOf(value: unknown): JsonRuleEvent {
  const time = 1451920677881781397n;
  return new JsonRuleEvent(0, { number: 7, time, source: "json", value }, { start: time - 1_000_000_001n });
}
