import { expect, test } from "vitest";
import { memoryFile } from "../../../io/bytes/memory-file.ts";
import type { Problem } from "../../../model/reports/problem.ts";
import { describeExtractor } from "../../conformance.ts";
import type { Extraction } from "../../extractor.ts";
import { requirements } from "./requirements.ts";

describeExtractor(requirements, [
  {
    path: "requirements.txt",
    bytes: bytesOf(
      [
        "--index-url https://host/simple",
        "# a comment",
        "jinja2 == 2.11.1 \\",
        "    --hash=sha256:aa",
        'Flask[async]==1.0 ; python_version > "3"',
      ].join("\n"),
    ),
    expected: [of("jinja2", "2.11.1"), of("Flask", "1.0")],
  },
]);

test("lock/requirements reports what pins no version", () => {
  for (const line of [
    "a",
    "a>=1",
    "a==1.*",
    "a @ https://host/a.zip",
    "./a.whl",
    "-r other.txt",
    "-e .",
    "a== --hash=x",
  ]) {
    expect(problemsOf(line)).toEqual([
      `a requirement of requirements.txt could not be read because ${JSON.stringify(line)} does not pin a version`,
    ]);
  }
});

test("lock/requirements reads UTF-16 with a byte order mark", () => {
  const bytes = Buffer.from("\ufeffjinja2==2.11.1\r\n", "utf16le");
  const context = { signal: new AbortController().signal, problem: () => expect.unreachable() };
  expect([...requirements.extract(memoryFile("requirements.txt", bytes), context)]).toEqual([of("jinja2", "2.11.1")]);
});

function problemsOf(value: unknown): readonly string[] {
  const problems: Problem[] = [];
  const context = { signal: new AbortController().signal, problem: (problem: Problem) => void problems.push(problem) };
  for (const _ of requirements.extract(memoryFile("requirements.txt", bytesOf(value)), context));
  return problems.map(({ message }) => message);
}

function bytesOf(value: unknown): Uint8Array {
  return new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));
}

function of(name: string, version: string): Extraction {
  return { kind: "package", package: { type: "pypi", name, version } };
}
