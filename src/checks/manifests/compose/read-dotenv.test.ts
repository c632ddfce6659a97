import { expect, test } from "vitest";
import { readDotenv } from "./read-dotenv.ts";

const dollar = "$";

test("variables are read as Compose reads them", () => {
  const text = [
    "# comment",
    "A=one",
    "export B = two # comment",
    "C: three",
    "D='a $A #b'",
    `E="x\\ty ${dollar}{A} \\${dollar}A"`,
    `F=${dollar}A-${dollar}{Z:-none}`,
    "G=a#b",
    "H=",
    'I="two',
    'lines" # comment',
    "J",
    "",
  ].join("\r\n");
  const { variables, unreadLine } = readDotenv(text);
  expect(unreadLine).toBeUndefined();
  expect(Object.fromEntries(variables)).toEqual({
    A: "one",
    B: "two",
    C: "three",
    D: "a $A #b",
    E: "x\ty one $$A",
    F: "one-none",
    G: "a#b",
    H: "",
    I: "two\nlines",
  });
});

test.each([
  ["A=1\n?=2\n", 2],
  ["A='1\nB=2\n", 1],
  ['A="1" 2\n', 1],
])("a line that cannot be read is named: %j", (text, line) => {
  expect(readDotenv(text).unreadLine).toBe(line);
});

test("values that grow by each other are bounded", () => {
  const lines = Array.from({ length: 200 }, (_, index) => `A${index + 1}=${`${dollar}A${index}`.repeat(20)}`);
  const { variables, unreadLine } = readDotenv(`A0=${"x".repeat(1000)}\n${lines.join("\n")}\n`);
  expect(unreadLine).toBeGreaterThan(1);
  expect([...variables.values()].join("").length).toBeLessThan(5_000_000);
});
