import { expect, test } from "vitest";
import { findTooDeep, writtenMembers } from "./json-text.ts";

test("the members of an object are found with what is between them, and twice where one is there twice", () => {
  const text = ' { "a" : [1, {"b": "}"}] , "c\\"\\u0041": 12 ,"a":null }';
  const found = [...writtenMembers(text, 1)].map(({ key, start, valueStart, end }) => [
    key,
    text.slice(start, end),
    text.slice(valueStart, end),
  ]);
  expect(found).toEqual([
    ["a", '"a" : [1, {"b": "}"}]', '[1, {"b": "}"}]'],
    ['c"A', '"c\\"\\u0041": 12', "12"],
    ["a", '"a":null', "null"],
  ]);
});

test.each([
  "{",
  '{"a"',
  '{"a":',
  '{"a": "',
  "[1, 2",
  "[[[",
  "[1 2]]",
  '{"a" 1 "b"}',
  "null",
  '{"\\x": 1}',
  '{"\\',
  '{"a\\',
  "{\\",
])("over %j, which is not a whole text, it comes to an end", (text) => {
  expect([...writtenMembers(text, 0)].length).toBeLessThan(10);
});

test.each<[text: string, levels: number, offset: number | undefined]>([
  ["1", 0, undefined],
  ["[[1]]", 2, undefined],
  ["[[1]]", 1, 1],
  ['{"[[[": [{}], "b": [{"c": []}]}', 3, 26],
  ['["[", "\\"", "[", []]', 2, undefined],
])("%j goes deeper than %i at %s", (text, levels, offset) => {
  expect(findTooDeep(text, levels)).toBe(offset);
});
