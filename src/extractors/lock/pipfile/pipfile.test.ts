import { expect, test } from "vitest";
import { memoryFile } from "../../../io/bytes/memory-file.ts";
import type { Problem } from "../../../model/reports/problem.ts";
import { describeExtractor } from "../../conformance.ts";
import type { Extraction } from "../../extractor.ts";
import { pipfileLock } from "./pipfile.ts";

describeExtractor(pipfileLock, [
  {
    path: "Pipfile.lock",
    bytes: bytesOf({
      _meta: { sources: [] },
      default: { jinja2: { version: "==2.11.1" }, own: { path: "." } },
      develop: { pytest: { version: "==8.0.0" } },
    }),
    expected: [of("jinja2", "2.11.1"), of("pytest", "8.0.0")],
  },
]);

test("lock/pipfile reports a package without an exact version", () => {
  const message = "a package of Pipfile.lock could not be read because a has no version";
  for (const entry of [{ git: "https://host/a" }, { version: ">=1" }, "*"]) {
    expect(problemsOf({ default: { a: entry } })).toEqual([message]);
  }
  expect(problemsOf([])).toHaveLength(1);
});

function problemsOf(value: unknown): readonly string[] {
  const problems: Problem[] = [];
  const context = { signal: new AbortController().signal, problem: (problem: Problem) => void problems.push(problem) };
  for (const _ of pipfileLock.extract(memoryFile("Pipfile.lock", bytesOf(value)), context));
  return problems.map(({ message }) => message);
}

function bytesOf(value: unknown): Uint8Array {
  return new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));
}

function of(name: string, version: string): Extraction {
  return { kind: "package", package: { type: "pypi", name, version } };
}
