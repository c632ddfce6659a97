import fc from "fast-check";
import { expect, test } from "vitest";
import type { Problem } from "../../model/reports/problem.ts";
import { JsonDocuments } from "./json-documents.ts";
import { parseExactJson } from "./parse-exact-json.ts";
import { ProblemCounter } from "./problem-counter.ts";

test("a document is a line, wherever the pieces of input end", () => {
  const text = '{"a":1}\n\n  [2]\r\n{"b":"ü\\n"}';
  const whole = [
    { value: { a: 1 }, line: 1 },
    { value: [2], line: 3 },
    { value: { b: "ü\n" }, line: 4 },
  ];
  for (const size of [1, 2, 3, 7, 100]) expect(documentsOf(text, { size }).documents).toEqual(whole);
});

test("a document may take several lines, with blank ones between", () => {
  const text = `${JSON.stringify({ a: [{ b: "{" }, "]\\"], c: {} }, undefined, 2)}\n\n{\n\n"d": 1\n}\n`;
  expect(documentsOf(text).documents.map(({ value }) => value)).toEqual([{ a: [{ b: "{" }, "]\\"], c: {} }, { d: 1 }]);
});

test("documents may follow each other without a newline, as in files that were put together", () => {
  const pretty = JSON.stringify({ a: { b: "}{" } }, undefined, 2);
  const { documents, problems } = documentsOf(`${pretty}${pretty}{"n":1}[2] {"n":3}\n{"n":4}${pretty}`);
  expect(documents.map(({ value }) => value)).toEqual([
    { a: { b: "}{" } },
    { a: { b: "}{" } },
    { n: 1 },
    [2],
    { n: 3 },
    { n: 4 },
    { a: { b: "}{" } },
  ]);
  expect(problems).toEqual([]);
});

test("what is not a document behind one is a problem, and does not take that one with it", () => {
  const { documents, problems } = documentsOf('{"n":1}{"n":}\n{"n":2}{"n":3,\n{"n":4}\n{"n":5} 6\n{"n":7}\n');
  expect(documents.map(({ value }) => value)).toEqual([{ n: 1 }, { n: 2 }, { n: 4 }, { n: 7 }]);
  expect(problems).toHaveLength(3);
});

test("very many documents on one line take time in proportion", { timeout: 20_000 }, () => {
  expect(documentsOf("{}".repeat(50_000)).documents).toHaveLength(50_000);
});

test("a byte order mark at the beginning is overlooked", () => {
  expect(documentsOf('\ufeff{"a":1}').documents).toHaveLength(1);
});

test("a line that was cut off is a problem, and the next documents are read", () => {
  const cuts = ['{"a":{"b":"c', '{"a":1,', '{"a":', '{"a"', "{", "nonsense", '{"a":[1,'];
  for (const cut of cuts) {
    const { documents, problems } = documentsOf(`{"n":1}\n${cut}\n{"n":2}\n{"n":3}\n`);
    expect(
      documents.map(({ value }) => value),
      cut,
    ).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
    expect(problems, cut).toHaveLength(1);
    expect(problems[0]?.message, cut).toContain("2");
  }
});

test("a line beyond the limit is a problem and is not kept", () => {
  const { documents, problems } = documentsOf(`{"n":1}\n"${"x".repeat(1000)}"\n{"n":2}\n`, { limit: 100, size: 10 });
  expect(documents.map(({ line }) => line)).toEqual([1, 3]);
  expect(problems).toEqual([
    { code: "limit-exceeded", message: "input: line 2 is longer than the limit of 100 bytes" },
  ]);
});

test("a document of several lines beyond the limit is a problem", () => {
  const { documents, problems } = documentsOf(`[\n${"1,\n".repeat(100)}2]\n{"n":2}\n`, { limit: 100 });
  expect(documents.at(-1)?.value).toEqual({ n: 2 });
  expect(problems[0]?.code).toBe("limit-exceeded");
});

test("nesting deeper than 300 is a problem", () => {
  const nested = (depth: number): string => `${"[".repeat(depth)}${"]".repeat(depth)}`;
  expect(documentsOf(`${nested(300)}\n`).documents).toHaveLength(1);
  expect(documentsOf(`${nested(301)}\n${nested(1_000_000)}\n`).problems).toHaveLength(2);
  expect(documentsOf(`${"[\n".repeat(100_000)}`).documents).toEqual([]);
});

test("a flood of problems is told in few words", () => {
  const { problems } = documentsOf("x\n".repeat(1000));
  expect(problems).toHaveLength(21);
  expect(problems.at(-1)?.message).toBe("input: 980 more places could not be read");
});

test("any values come out as they went in, written on one line or on several", () => {
  fc.assert(
    fc.property(
      fc.array(fc.json({ maxDepth: 5 })),
      fc.nat(3),
      fc.integer({ min: 1, max: 50 }),
      (texts, indent, size) => {
        const values = texts.map((text) => ({ value: JSON.parse(text) as unknown }));
        const lines = values.map((value) => `${JSON.stringify(value, undefined, indent)}\n`);
        const { documents, problems } = documentsOf(lines.join(""), { size });
        expect(documents.map(({ value }) => value)).toEqual(
          values.map((value) => parseExactJson(JSON.stringify(value))),
        );
        expect(problems).toEqual([]);
      },
    ),
  );
});

test("any bytes give documents or problems and nothing else", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom("{", "}", "[", "]", '"', ":", ",", "\\", "\n", "1", "a", " ")), (parts) => {
      documentsOf(parts.join(""), { limit: 20 });
    }),
    { numRuns: 2000 },
  );
});

function documentsOf(
  text: string,
  { limit = 1024 * 1024 * 16, size = 1 << 20 }: { limit?: number; size?: number } = {},
): { documents: { value: unknown; line: number }[]; problems: Problem[] } {
  const problems: Problem[] = [];
  const context = { signal: new AbortController().signal, problem: (problem: Problem) => problems.push(problem) };
  const counter = new ProblemCounter(context, "input");
  const splitter = new JsonDocuments(counter, { maxDocumentBytes: limit });
  const bytes = Buffer.from(text);
  const documents = [];
  for (let at = 0; at < bytes.length; at += size) documents.push(...splitter.push(bytes.subarray(at, at + size)));
  documents.push(...splitter.end());
  counter.end();
  return { documents, problems };
}
