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

test("comments before a document are not a document, and directives belong to it", () => {
  expect(readDocument("# A licence.\n---\nkind: X\n---\nkind: Y\n")).toEqual({ value: { kind: "X" } });
  expect(readDocument("%YAML 1.1\n---\na: yes\n")).toEqual({ value: { a: true } });
  expect(readDocument("%TAG ! tag:example.org,2026:\n# A comment.\n--- # Another.\na: 1\n...\n")).toEqual({
    value: { a: 1 },
  });
  expect(readDocument("\ufeff---\na: 1\n")).toEqual({ value: { a: 1 } });
  expect(readDocument("# Nothing but this.\n")).toEqual({ value: null });
});

test("what stands in later documents does no harm to the first", () => {
  expect(readDocument("a: 1\n---\nbroken } yaml\nb: [\n")).toEqual({ value: { a: 1 } });
  for (const second of [
    "---\n]\n",
    "--- ]",
    "---\n}\n",
    "---\n- x\n}\n",
    "---\n%x\n",
    "---\n\tb: 1\n",
    "---\n: : }\n",
  ]) {
    expect([second, readDocument(`kind: X\nreadOnlyPort: 0\n${second}`)]).toEqual([
      second,
      { value: { kind: "X", readOnlyPort: 0 } },
    ]);
  }
  expect(readDocument("%YAML 1.1\n---\na: yes\n...\n%YAML 1.2\n---\n]")).toEqual({ value: { a: true } });
});

test.each([
  "---\n---\nkind: X\n",
  "---\n# A comment.\n---\nkind: X\n",
  "--- # A comment.\n---\nkind: X\n",
  "---\n...\n---\nkind: X\n",
  "--- null\n---\nkind: X\n",
])("a first document that is empty is the one that counts, as for Kubernetes: %j", (text) => {
  expect(readDocument(text)).toEqual({ value: null });
});

test("what only looks like the end of a document ends none", () => {
  expect(readDocument("a: |\n  x\n  --- y\n  z\n")).toEqual({ value: { a: "x\n--- y\nz\n" } });
  expect(readDocument("a: ---\nb: ...\nc: 1\n")).toEqual({ value: { a: "---", b: "...", c: 1 } });
  expect(readDocument("- ---\n- '...'\n- \x1f\n- \x02\n---\n]")).toEqual({ value: ["---", "...", "\x1f", "\x02"] });
  expect(readDocument("a: 1\n---b: 2\n...c: 3\n")).toEqual({ value: { a: 1, "---b": 2, "...c": 3 } });
});

test.each([
  "kind: KubeletConfiguration\nreadOnlyPort: 0\n]\nauthentication:\n  anonymous: {enabled: true}\n",
  "  kind: KubeletConfiguration\nauthentication: {}\n",
  "a: 1\n}",
  "a: 1\n}\n---\nb: 1\n",
  "- x\n}",
  "- x\nfoo: bar\n",
  '{"a":1}\n}\n',
  '{"a":1,}\n}\n',
  "{a: 1}\nb: 2\n",
  "a: [\n---\n]\n",
])("a first document that is not read to its end is not read at all: %j", (text) => {
  expect(readDocument(text)).toEqual({ error: expect.stringMatching(/^[^\n]+ at line \d+, column \d+$/) });
});

test("the end of a document at the begin of the text is not an empty document", () => {
  expect(readDocument("...\na: 1\n")).toEqual({ error: "a document ends without a start" });
});

test("documents without number, and errors without number, are read in time", () => {
  const started = performance.now();
  expect(readDocument("---\n".repeat(200_000))).toEqual({ value: null });
  expect(readDocument(`a: 1\n${"---\nb: 2\n".repeat(100_000)}`)).toEqual({ value: { a: 1 } });
  for (const many of [
    "}".repeat(200_000),
    "}\n".repeat(200_000),
    `a: 1\n${"}".repeat(200_000)}`,
    "[".repeat(200_000),
  ]) {
    expect(readDocument(many)).toEqual({ error: expect.any(String) });
    expect(readDocument(`a: 1\n---\n${many}`)).toEqual({ value: { a: 1 } });
  }
  expect(performance.now() - started).toBeLessThan(2_000);
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
  expect(readDocument(`${"[".repeat(50_000)}x`)).toEqual({ error: "the document is nested too deeply" });
  expect(readDocument("x".repeat(5 * 1024 * 1024))).toEqual({ error: expect.stringContaining("longer than") });
  expect(readDocument("a: &a\n  b: *a\n")).toBeDefined();
});
