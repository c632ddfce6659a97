import { expect, test } from "vitest";
import { fieldsBySource } from "../../../pipeline/watch/rule-reports.ts";
import { tableRows } from "./table-rows.ts";

const rows = [
  ["PRIORITY", "RULE", "TAGS"],
  ["Warning", "Service takes over addresses outside the cluster", "T1557 kubernetes network"],
  ["Notice", "Short", "T1"],
];

function linesAt(width: number): string[] {
  return tableRows(rows, { width, colour: false }).trimEnd().split("\n");
}

test("what fits is one line for each row", () => {
  expect(linesAt(200)).toEqual([
    "PRIORITY  RULE                                              TAGS",
    "Warning   Service takes over addresses outside the cluster  T1557 kubernetes network",
    "Notice    Short                                             T1",
  ]);
  expect(linesAt(Number.POSITIVE_INFINITY)).toEqual(linesAt(200));
});

test("the widest columns give way first, and nothing is left out", () => {
  expect(linesAt(60)).toEqual([
    "PRIORITY  RULE                      TAGS",
    "Warning   Service takes over        T1557 kubernetes network",
    "          addresses outside the",
    "          cluster",
    "Notice    Short                     T1",
  ]);
});

test("no line is wider than the terminal, however narrow it is", () => {
  for (const width of [1, 10, 20, 40]) expect(linesAt(width).filter((line) => line.length > width)).toEqual([]);
});

test.each([60, 80, 100])(
  "in %i columns names of fields stay whole, however long the words beside them are",
  (width) => {
    const least = "charbuf".length;
    for (const { source, fields } of fieldsBySource()) {
      const rows = fields.map(({ name, type, description }) => [name, type.toLowerCase(), description]);
      const words = new Set(tableRows([[source, "", ""], ...rows], { width, colour: false }).split(/\s+/));
      const fitting = fields.map(({ name }) => name).filter(({ length }) => length + 2 + least + 2 + least <= width);
      expect(fitting.length).toBeGreaterThan(0);
      expect(fitting.filter((name) => !words.has(name))).toEqual([]);
    }
  },
);

test("words are broken in the last column first, and only when no column has a space to break at", () => {
  const lines = (width: number): string[] =>
    tableRows([["a".repeat(30), `b${" b".repeat(20)}`, "c".repeat(20)]], { width, colour: false })
      .trimEnd()
      .split("\n");
  expect(lines(62)[0]).toBe(`${"a".repeat(30)}  ${`b${" b".repeat(3)}`} ${" "} ${"c".repeat(20)}`);
  expect(lines(46).slice(0, 2)).toEqual([
    `${"a".repeat(30)}  b  ${"c".repeat(11)}`,
    `${" ".repeat(32)}b  ${"c".repeat(9)}`,
  ]);
});

test("a list may be long", () => {
  const long = tableRows(
    Array.from({ length: 200_000 }, () => ["a"]),
    { width: 80, colour: false },
  );
  expect(long.length).toBe(400_000);
});
