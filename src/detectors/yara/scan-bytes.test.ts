import { expect, test } from "vitest";
import { compileYaraRules } from "./compile-yara-rules.ts";
import { scanBytes } from "./scan-bytes.ts";

const many = 1_100_000;

function scan(
  rules: string,
  bytes: Buffer,
): { readonly held: readonly string[]; readonly unfinished: readonly string[] } {
  const compiled = compileYaraRules([{ name: "rules.yar", text: rules }]);
  expect(compiled).toMatchObject({ problems: [], unsupported: [] });
  const { matches, unfinished } = scanBytes(compiled, bytes);
  return { held: matches.map(({ rule }) => rule), unfinished };
}

test.each([
  ["a text", '$a = "ab"'],
  ["an expression", "$a = /[a-y][b-z]/"],
  ["a hex string with a long jump", "$a = { 61 [300-310] 62 }"],
])("a rule that only does not hold because matches of %s are left out is given up", (_, string) => {
  const rules = `
    rule hidden { strings: ${string} condition: for any i in (1..#a) : (@a[i] < 100) and $a in (filesize - 400..filesize) }
    rule counted { strings: ${string} condition: #a > 10 }
    rule other { condition: filesize > 10 }`;
  const { held, unfinished } = scan(rules, Buffer.from("ab".repeat(2 * many)));
  expect(held).toContain("other");
  expect([...held, ...unfinished].sort()).toEqual(["counted", "hidden", "other"]);
  expect(unfinished).not.toContain("other");
});

test("a text whose matches fill a file still counts, and is not missed at its end", () => {
  const rules = `
    rule counted { strings: $a = "ab" condition: #a > 10 }
    rule at_end { strings: $a = "ab" condition: $a at filesize - 2 }`;
  expect(scan(rules, Buffer.from("ab".repeat(many)))).toEqual({ held: ["counted"], unfinished: ["at_end"] });
});

test("a match is found behind many other places that have its beginning", () => {
  const rules = "rule a { strings: $a = { 62 75 73 79 ?? 7a } condition: $a }";
  const bytes = Buffer.from(`busy-z${"busy------------".repeat(150_000)}`);
  expect(scan(rules, bytes)).toEqual({ held: ["a"], unfinished: [] });
  expect(scan(rules, Buffer.from(`${"busy------------".repeat(150_000)}busy-z`)).held).toEqual(["a"]);
});

test("a long text that a file repeats almost costs no more than its budget", () => {
  const rules = `rule a { strings: $a = "${"aaab".repeat(4000)}aaac" condition: $a }`;
  const begin = performance.now();
  scan(rules, Buffer.from("aaab".repeat(500_000)));
  expect(performance.now() - begin).toBeLessThan(20_000);
});

test("a loop with a long body costs no more than its budget", () => {
  const body = Array.from({ length: 20_000 }, (_, index) => `i == -${index + 1}`).join(" or ");
  const { unfinished } = scan(`rule a { condition: for any i in (0..1000000) : (${body}) }`, Buffer.from("x"));
  expect(unfinished).toEqual(["a"]);
});

test("a condition of too many levels is not evaluated, and rules after it are", () => {
  let deep = "1";
  for (let level = 0; level < 90; level++) deep = `(${deep})${"+1".repeat(1900)}`;
  const text = `rule deep { condition: ${deep} == 5 } rule other { condition: true }`;
  const rules = compileYaraRules([{ name: "rules.yar", text }]);
  expect(rules.unsupported.map(({ name }) => name)).toEqual(["deep"]);
  expect(scanBytes(rules, Buffer.from("x")).matches.map(({ rule }) => rule)).toEqual(["other"]);
});

test("many comments on one line are read in linear time", () => {
  const text = `${"/**/".repeat(1_000_000)} rule a { condition: true }`;
  const begin = performance.now();
  expect(compileYaraRules([{ name: "rules.yar", text }]).rules).toHaveLength(1);
  expect(performance.now() - begin).toBeLessThan(10_000);
});
