import { expect, test } from "vitest";
import { matchesPattern } from "./text-pattern.ts";

test.each([
  ["a.b@c", "a.b@c"],
  ["*", ""],
  ["*", "anything"],
  ["https://ci.example/*", "https://ci.example/team/app"],
  ["https://*/team/*@refs/tags/*", "https://ci.example/team/app@refs/tags/1.0"],
  ["*@example.test", "me@example.test"],
  ["a*b*c", "abbcbc"],
  ["**a**", "a"],
])("%s matches %s", (pattern, text) => {
  expect(matchesPattern(pattern, text)).toBe(true);
});

test.each([
  ["a.b@c", "axb@c"],
  ["a", "ab"],
  ["a", "A"],
  ["", "a"],
  ["a*a", "a"],
  ["ab*ba", "aba"],
  ["*@example.test", "me@example.test.evil"],
  ["https://ci.example/*", "x https://ci.example/"],
  ["a*b*c", "acb"],
  ["*x*x*", "x"],
])("%s does not match %s", (pattern, text) => {
  expect(matchesPattern(pattern, text)).toBe(false);
});

test("a hostile text takes no time, and one that is too long does not match", () => {
  const began = performance.now();
  expect(matchesPattern(`${"a*".repeat(1500)}b`, "a".repeat(4000))).toBe(false);
  expect(performance.now() - began).toBeLessThan(1000);
  expect(matchesPattern("*", "a".repeat(5000))).toBe(false);
});
