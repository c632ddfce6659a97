import { expect, test } from "vitest";
import { readingsOf } from "./readings-of.ts";

const textsOf = (text: string): readonly string[] => readingsOf(text).map((reading) => reading.text);

test("text in which no character stands for another reads in one way alone", () => {
  expect(textsOf("nothing to see: 1/2.")).toEqual(["nothing to see: 1/2."]);
  expect(textsOf("")).toEqual([""]);
});

test.each([
  ["an address", "a%2Fb%c3%a9%E9%41", "a/béé\u0041"],
  ["a form", "a+b%2Bc", "a b+c"],
  ["JSON", '\\"\\\\\\/\\n\\u00e9\\ud83d\\ude00', '"\\/\né😀'],
  ["text of a program", "\\x41\\'", "A'"],
  ["HTML", "&lt;&#34;&#x27;&amp;&AMP;&none;&#1114112;", "<\"'&&&none;&#1114112;"],
  ["JSON in JSON", '\\\\\\"', '"'],
  ["an address in HTML", "&#37;2F", "/"],
  ["a form in JSON", "\\u0025\\u0032F", "/"],
])("reads %s", (_, text, read) => {
  expect(textsOf(text)).toContain(read);
});

test("tells where each character is written", () => {
  const text = "x%2Fy&amp;z";
  const found = readingsOf(text).find((reading) => reading.text === "x/y&z");
  expect(Array.from({ length: 6 }, (_, index) => found?.startOf(index))).toEqual([0, 1, 4, 5, 10, text.length]);
});

test("what is cut in the middle of a character stays as it is", () => {
  for (const text of ["100%", "%", "%2", "%zz", "\\", "\\u12", "&#", "&#x;", "&am"]) {
    expect(textsOf(text)[0]).toBe(text);
    for (const reading of readingsOf(text)) expect(reading.startOf(reading.text.length)).toBe(text.length);
  }
});
