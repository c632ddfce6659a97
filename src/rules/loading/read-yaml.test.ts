import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { Lexer, Parser } from "yaml";
import { child, readYaml, YamlError, type YamlNode } from "./read-yaml.ts";

function plain(node: YamlNode): unknown {
  if (node.kind === "null") return null;
  if (node.kind === "scalar") return node.text;
  if (node.kind === "sequence") return node.items.map(plain);
  return Object.fromEntries(node.pairs.map(([key, value]) => [plain(key), plain(value)]));
}

function errorOf(text: string): YamlError {
  try {
    readYaml(text);
  } catch (error) {
    if (error instanceof YamlError) return error;
    throw error;
  }
  throw new Error("the text was read");
}

test("scalars are their texts, and only a plain null word or nothing is null", () => {
  const [document] = readYaml("- [1, true, 0x10, ~, null, 'null', \"~\", yes]\n- a:\n  b: >\n    c\n    d\n");
  expect(document && plain(document)).toEqual([
    ["1", "true", "0x10", null, null, "null", "~", "yes"],
    { a: null, b: "c d\n" },
  ]);
});

test("documents are separate, and comments alone are none", () => {
  expect(readYaml("- a\n---\n- b\n").map(plain)).toEqual([["a"], ["b"]]);
  expect(readYaml("# nothing\n")).toEqual([]);
  expect(readYaml("---\n").map(plain)).toEqual([null]);
});

test("a missing value is where the next word is", () => {
  const [document] = readYaml("a:\n  # why\n\nb: 1\n");
  const value = document && child(document, "a");
  expect(value).toEqual({ kind: "null", offset: 12 });
});

test("a mapping is where its first key is, in flow style where its bracket is", () => {
  expect(readYaml("- a: 1\n")).toMatchObject([{ items: [{ kind: "mapping", offset: 2 }] }]);
  expect(readYaml("- { a: 1 }\n")).toMatchObject([{ items: [{ kind: "mapping", offset: 2 }] }]);
});

test("a value begins with its anchor and its tag", () => {
  const [document] = readYaml("a: &x  y\nb: !!str &z w\n");
  expect(["a", "b"].map((key) => document && child(document, key)?.offset)).toEqual([3, 12]);
});

test("of two equal keys the first counts, as yaml-cpp has it", () => {
  const [document] = readYaml("a: 1\na: 2\n");
  expect(document && child(document, "a")).toMatchObject({ text: "1" });
});

test("an alias is what its anchor is, and cannot stand inside of it", () => {
  const [document] = readYaml("- &x [a, b]\n- *x\n");
  expect(document && plain(document)).toEqual([
    ["a", "b"],
    ["a", "b"],
  ]);
  expect(errorOf("- &x [*x]\n").message).toBe("the alias x is inside the value to which it refers");
  expect(errorOf("- *y\n").message).toBe("the alias y has no anchor");
});

test("what is not YAML is an error with its place", () => {
  const error = errorOf("- a: b: c\n");
  expect([error.message, error.offset]).toEqual(["Nested mappings are not allowed in compact mappings", 5]);
});

test("deep nesting, long files and aliases that multiply are refused before they cost anything", () => {
  for (const text of ["[".repeat(50_000), "- ".repeat(50_000), "{a: ".repeat(50_000), "? ".repeat(50_000)]) {
    expect(errorOf(text).message).toBe("the file is nested more than 64 levels deep");
  }
  expect(errorOf("#".repeat(5_000_000)).message).toBe("the file is longer than 4194304 characters");
  const rows = Array.from({ length: 20 }, (_, row) => `- &a${row + 1} [${`*a${row}, `.repeat(10)}]\n`);
  expect(errorOf(`- &a0 [x]\n${rows.join("")}`).message).toMatch(/^the file has more than 500000 values/);
});

test("lines between brackets are indented as one likes, and what follows them stands where it stood", () => {
  const lists = [
    "[\n  b,\n  c\n  ]",
    "[\nb, # it's [c]\n\n# x\nc\n]",
    "[\n\tb,\n\t'c'\n]",
    '[ b\n ,\r\n"c"]',
    "\n  [b,\nc]",
  ];
  for (const list of lists) {
    const text = `- list: a\n  items: ${list}\n  append: true\n- macro: m\n  condition: >\n    x\n    y\n`;
    const [document] = readYaml(text);
    expect(document && plain(document)).toEqual([
      { list: "a", items: ["b", "c"], append: "true" },
      { macro: "m", condition: "x y\n" },
    ]);
    expect(document).toMatchObject({ items: [{ offset: 2 }, { offset: text.indexOf("macro") }] });
    expect(document?.kind === "sequence" && document.items[1] && child(document.items[1], "condition")?.offset).toBe(
      text.indexOf(">"),
    );
  }
});

test("brackets within brackets are indented as one likes, and their values are where they are", () => {
  const text = "- a: [\n{b: [\nc,\nd], e:\nf\n},\n'g\nh', i\nj]\n  k: l\n";
  const [document] = readYaml(text);
  expect(document && plain(document)).toEqual([{ a: [{ b: ["c", "d"], e: "f" }, "g h", "i j"], k: "l" }]);
  const sequence = document?.kind === "sequence" && document.items[0] && child(document.items[0], "a");
  expect(sequence).toMatchObject({
    offset: 5,
    items: [{ offset: 7 }, { offset: text.indexOf("'g") }, { offset: text.indexOf("i") }],
  });
});

test("a text in quotes goes on in any column", () => {
  for (const quote of ['"', "'"]) {
    const text = `- a: ${quote}b\nc\n  d:${quote}\n  e: |\n   ${quote}f\n  g: h\n`;
    expect(readYaml(text).map(plain)).toEqual([[{ a: "b c d:", e: `${quote}f\n`, g: "h" }]]);
  }
});

test("a comment may follow a bracket, a quote or a comma at once", () => {
  expect(readYaml("- a: [b,# c\n'd'# e\n]# f\n").map(plain)).toEqual([[{ a: ["b", "d"] }]]);
});

test("a list in brackets begins at its anchor", () => {
  expect(readYaml("- &x [a]\n- &y {a: b}\n")).toMatchObject([{ items: [{ offset: 2 }, { offset: 11 }] }]);
});

test("brackets that do not close, or close too often, are errors with their place", () => {
  const places = {
    "- a: [b\n- c: d\n": expect.any(Number),
    "- a: [b,\n- c\n]\n": expect.any(Number),
    "- a: [b\n  c: d\n": expect.any(Number),
    "- a: [b,\n---\nc]\n": expect.any(Number),
    "- a: [b,\n...\nc]\n": expect.any(Number),
    "- a: [b,\nc}\n": expect.any(Number),
    "- a: [b\nc]]\n": 10,
    "- a: [b,\nc] d\n": 12,
    "- a: [b,\nc], d\n": 11,
    "- [a,\nb]: c\n": 2,
    "- a: [b\n,c]\n": 8,
    "- a: [b, c]\n b: d\n": 12,
  };
  for (const [text, place] of Object.entries(places)) {
    expect([text, errorOf(text).offset]).toEqual([text, place]);
  }
});

test("the lexer and the parser of the package still have the members that are set here, in the version that is pinned", () => {
  const { dependencies } = JSON.parse(readFileSync("package.json", "utf8")) as { dependencies: Record<string, string> };
  const installed = JSON.parse(readFileSync("node_modules/yaml/package.json", "utf8")) as { version: string };
  expect([dependencies["yaml"], installed.version]).toEqual(["2.9.1", "2.9.1"]);
  expect(Object.hasOwn(new Parser(), "indent") && new Parser()["indent"]).toBe(0);
  const lexer = new Lexer();
  const written: unknown[] = [];
  Object.defineProperty(lexer, "indentNext", { get: () => 0, set: (value) => written.push(value) });
  for (const _ of lexer.lex("a:\n  b: [\n1]\n"));
  expect(written.length).toBeGreaterThan(0);
});
