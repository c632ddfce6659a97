import { expect, test } from "vitest";
import { expandWords } from "./expand-words.ts";

const values: Readonly<Record<string, string>> = { A: "foo.bar.baz", EMPTY: "", STAR: "a*b" };
const lookup = (name: string): string | undefined => values[name];

test.each([
  [`\${A#*.}`, "bar.baz"],
  [`\${A##*.}`, "baz"],
  [`\${A%.*}`, "foo.bar"],
  [`\${A%%.*}`, "foo"],
  [`\${A#f?o}`, ".bar.baz"],
  [`\${A#x}`, "foo.bar.baz"],
  [`\${A/ba?/X}`, "foo.X.baz"],
  [`\${A//ba?/X}`, "foo.X.X"],
  [`\${STAR#a\\*}`, "b"],
  [`\${EMPTY-x}\${EMPTY:-y}\${NONE-z}`, "yz"],
  [`\${A+set}\${NONE+set}`, "set"],
])("%s becomes %s", (text, expected) => {
  expect(expandWords(text, { lookup })).toMatchObject({ text: expected });
});

test("used and unset variables are told apart", () => {
  expect(expandWords(`$A \${NONE} $A`, { lookup })).toMatchObject({ used: ["A"], unset: ["NONE"] });
});

test("variables stay as written where that is asked for", () => {
  expect(expandWords(`\${NONE:-a} '$b' $C`, { keepUnset: true, keepQuotes: true })).toMatchObject({
    text: `\${NONE:-a} '$b' $C`,
  });
});

test.each([
  [`\${A:-`.repeat(200), "variables are nested too deeply"],
  ["$A".repeat(100_000), "the values of variables are too long"],
  [`\${A#${"*".repeat(1000)}${"x".repeat(400_000)}}`, "the pattern in a substitution of A is not valid"],
  [`\${A`, "a substitution of A has an unknown operator"],
])("hostile text ends with an error: %#", (text, error) => {
  expect(expandWords(text, { lookup })).toEqual({ error });
});
