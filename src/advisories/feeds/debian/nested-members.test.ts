import fc from "fast-check";
import { expect, test } from "vitest";
import type { RandomAccess } from "../../../io/bytes/random-access.ts";
import { nestedMembers } from "./nested-members.ts";

function fileOf(bytes: Buffer): RandomAccess {
  return {
    size: bytes.length,
    read: (offset, length) => bytes.subarray(offset, offset + length),
    readInto: (into, offset) => bytes.copy(into, 0, offset),
  };
}

function membersOf(text: string): [string, string, unknown][] {
  const bytes = Buffer.from(text);
  return [...nestedMembers(fileOf(bytes), { title: "the text" })].map(({ outer, inner, offset, length }) => [
    outer,
    inner,
    JSON.parse(bytes.toString("utf8", offset, offset + length)),
  ]);
}

test("members of members are found with the place of their values", () => {
  const text = '{ "a" : {"x": {"deep": [1, {"y": "}"}]}, "\\u00e9\\"": "q\\\\" }, "b": {}, "c": {"z":null} }';
  expect(membersOf(text)).toEqual([
    ["a", "x", { deep: [1, { y: "}" }] }],
    ["a", 'é"', "q\\"],
    ["c", "z", null],
  ]);
});

test("a byte order mark is passed over, and only at the start", () => {
  expect(membersOf('\ufeff{"a": {"x": 1}}')).toEqual([["a", "x", 1]]);
  expect(() => membersOf(' \ufeff{"a": {"x": 1}}')).toThrow("it is not a JSON object");
});

test("what is not an object has no members", () => {
  expect(membersOf('{"a": [1, "x", {"b": 2}], "b": 3, "c": "d", "e": {"f": 1}}')).toEqual([["e", "f", 1]]);
});

test("what is not an object is named with its place", () => {
  const text = '{"a": [1, {"b": 2}], "b": 3 , "c": "d", "e": {"f": 1}, "g": {}, "h": null}';
  const bytes = Buffer.from(text);
  const plain: unknown[] = [];
  const options = {
    title: "the text",
    plain: (place: { readonly outer: string; readonly offset: number; readonly length: number }) => {
      plain.push([place.outer, JSON.parse(bytes.toString("utf8", place.offset, place.offset + place.length))]);
    },
  };
  expect([...nestedMembers(fileOf(bytes), options)].map(({ outer, inner }) => [outer, inner])).toEqual([["e", "f"]]);
  expect(plain).toEqual([
    ["a", [1, { b: 2 }]],
    ["b", 3],
    ["c", "d"],
    ["h", null],
  ]);
});

test("any two levels come out as JSON.parse reads them", () => {
  const values = fc.dictionary(fc.string(), fc.dictionary(fc.string(), fc.jsonValue()));
  fc.assert(
    fc.property(values, fc.constantFrom(0, 1), (value, indent) => {
      const text = JSON.stringify(value, undefined, indent);
      const parsed = JSON.parse(text) as Record<string, Record<string, unknown>>;
      const expected = Object.entries(parsed).flatMap(([outer, members]) =>
        Object.entries(members).map(([inner, member]) => [outer, inner, member]),
      );
      // An object orders names that are numbers, a text does not.
      const sorted = (list: unknown[]): string[] => list.map((item) => JSON.stringify(item)).sort();
      expect(sorted(membersOf(text))).toEqual(sorted(expected));
    }),
  );
});

test.each([
  ["", "breaks off"],
  ["[]", "not a single JSON object"],
  ["{}{}", "not a single JSON object"],
  ["x{}", "not a JSON object"],
  ['{"a": {"b": 1}', "breaks off"],
  ['{"a": {"b": "', "breaks off"],
  ['{"a": {"b": 1]}', "do not match"],
  ["}", "do not match"],
  [`{"${"k".repeat(2000)}": {}}`, "longer than 1000 bytes"],
  [`{"a": {"b": ${"[".repeat(200)}`, "more than 100 levels deep"],
])("%j is malformed", (text, reason) => {
  expect(() => membersOf(text.slice(0, 3000))).toThrow(reason);
});

test("any bytes give members or an error of the feed, whatever the pieces", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom("{", "}", "[", "]", '"', "\\", ":", ",", "a", " ") }), (text) => {
      try {
        for (const _ of nestedMembers(fileOf(Buffer.from(text)), { title: "it" }));
      } catch (error) {
        expect(error).toMatchObject({ code: "feed-malformed" });
      }
    }),
  );
});
