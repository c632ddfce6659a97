import { expect, test } from "vitest";
import { compileRegex } from "./posix-regex.ts";

test.each([
  ["/home/[a-z]+/\\.ssh", "/home/root/.ssh", true],
  ["home", "/home", false],
  ["a|bc", "bc", true],
  ["(a+)+b", "aaab", true],
  ["a+?", "", true],
  ["a**", "aaa", true],
  ["(ab){2}{2}", "abababab", true],
  ["[[:alpha:]]+", "abc", true],
  ["[^/]+", "a/b", false],
  ["a.c", "a\nc", false],
  ["a[^x]c", "a\nc", true],
  ["a$\n^c", "a\nc", true],
  ["\\x41\\.", "A.", true],
  ["\\101", "A", true],
  ["[\\]a-]+", "]-a", true],
  ["", "", true],
])("the expression %j against all of %j is %j", (pattern, value, result) => {
  expect(compileRegex(pattern)(value)).toBe(result);
});

test("a character of UTF-8 is one character, and what is none becomes U+FFFD", () => {
  const bytes = (text: string): string => Buffer.from(text).toString("latin1");
  expect(compileRegex(bytes("/é."))(bytes("/éü"))).toBe(true);
  expect(compileRegex("a.")("a\xff")).toBe(true);
  expect(compileRegex(bytes("a\u{fffd}"))("a\xff")).toBe(true);
});

test.each([
  ["\\d+", "invalid regex pattern: invalid escape sequence: \\d"],
  ["(?:a)", "invalid regex pattern: no argument for repetition operator: ?"],
  ["(?i)a", "invalid regex pattern: no argument for repetition operator: ?"],
  ["*a", "invalid regex pattern: no argument for repetition operator: *"],
  ["a|*", "invalid regex pattern: no argument for repetition operator: *"],
  ["(a", "invalid regex pattern: missing closing ): (a"],
  ["a)", "invalid regex pattern: unexpected ): a)"],
  ["[a", "invalid regex pattern: missing ]: [a"],
  ["[b-a]", "invalid regex pattern: invalid character class range: b-a"],
  ["[a-c-e]", "invalid regex pattern: invalid character class range: -e"],
  ["a\\", "invalid regex pattern: trailing \\"],
  ["(a{1000}){1000}", "invalid regex pattern: invalid repeat count: {1000}"],
  ["\xff", "invalid regex pattern: invalid UTF-8"],
])("the expression %j is refused", (pattern, message) => {
  expect(() => compileRegex(pattern)).toThrow(message);
});

test("an expression that lets other engines hang takes linear time", () => {
  const matches = compileRegex("(a*)*(a|aa)+(.*)*b");
  expect(matches("a".repeat(50_000))).toBe(false);
});

test("an error shows the expression as the user wrote it", () => {
  for (const pattern of ["[[:alpha:]]((", "a**("]) {
    expect(() => compileRegex(pattern)).toThrow(`invalid regex pattern: missing closing ): ${pattern}`);
  }
});
