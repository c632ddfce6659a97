import { expect, test } from "vitest";
import { readDocument } from "./read-document.ts";

test("JSON is read as JSON, and all else as YAML 1.1", () => {
  expect(readDocument('{"a": 1e400}')).toEqual({ value: { a: Number.POSITIVE_INFINITY } });
  expect(readDocument("a: yes\nb: 0644\n")).toEqual({ value: { a: true, b: 0o644 } });
  expect(readDocument("")).toEqual({ value: null });
});

test("only the first of several documents counts, and the last of several keys", () => {
  expect(readDocument("---\na: 1\na: 2\n---\nb: 1\n")).toEqual({ value: { a: 2 } });
});

test("what is neither has an error of one line", () => {
  expect(readDocument("broken } yaml\nenabled: true")).toEqual({ error: expect.not.stringContaining("\n") });
});

test("aliases that multiply, deep nesting and long texts are refused", () => {
  const bomb = ["a: &a [x,x,x,x,x,x,x,x,x]"];
  for (const [name, below] of ["ba", "cb", "dc", "ed", "fe"]) {
    bomb.push(`${name}: &${name} [${Array(9).fill(`*${below}`).join(",")}]`);
  }
  expect(readDocument(bomb.join("\n"))).toEqual({ error: expect.stringContaining("alias") });
  expect(readDocument(`${"[".repeat(50_000)}x`)).toEqual({ error: "the document nests too deeply" });
  expect(readDocument("x".repeat(5 * 1024 * 1024))).toEqual({ error: expect.stringContaining("longer than") });
  expect(readDocument("a: &a\n  b: *a\n")).toBeDefined();
});
