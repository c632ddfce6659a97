import { expect, test } from "vitest";
import { memoryFile } from "../../../io/bytes/memory-file.ts";
import type { Problem } from "../../../model/reports/problem.ts";
import { describeExtractor } from "../../conformance.ts";
import type { Extraction } from "../../extractor.ts";
import { pythonLock } from "./python.ts";

describeExtractor(pythonLock, [
  {
    path: "poetry.lock",
    bytes: bytesOf(
      [
        "[[package]]",
        'name = "jinja2"',
        'version = "2.11.1"',
        "[[package]]",
        'name = "own"',
        'version = "0.1.0"',
        "[package.source]",
        'type = "directory"',
        'url = "own"',
      ].join("\n"),
    ),
    expected: [of("jinja2", "2.11.1")],
  },
]);

test("lock/python reads the packages of pylock.toml, and not the projects of uv", () => {
  const pylock =
    "[[packages]]\nname = 'attrs'\nversion = '25.1.0'\n[[packages]]\nname = 'own'\ndirectory = {path = '.'}\n";
  const uv = "[[package]]\nname = 'app'\nversion = '1'\nsource = { editable = '.' }\n";
  const context = { signal: new AbortController().signal, problem: () => expect.unreachable() };
  const read = (text: string): Extraction[] => [
    ...pythonLock.extract(memoryFile("pylock.toml", bytesOf(text)), context),
  ];
  expect(read(pylock)).toEqual([of("attrs", "25.1.0")]);
  expect(read(uv)).toEqual([]);
});

test("lock/python reports a package without a version, and a file that is not TOML", () => {
  expect(problemsOf("[[packages]]\nname = 'a'\nvcs = {url = 'x'}")).toEqual([
    "a package of poetry.lock could not be read because a has no version",
  ]);
  expect(problemsOf("[")).toEqual(["poetry.lock is not TOML, so its packages could not be identified"]);
});

function problemsOf(value: unknown): readonly string[] {
  const problems: Problem[] = [];
  const context = { signal: new AbortController().signal, problem: (problem: Problem) => void problems.push(problem) };
  for (const _ of pythonLock.extract(memoryFile("poetry.lock", bytesOf(value)), context));
  return problems.map(({ message }) => message);
}

function bytesOf(value: unknown): Uint8Array {
  return new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));
}

function of(name: string, version: string): Extraction {
  return { kind: "package", package: { type: "pypi", name, version } };
}
