import { expect, test } from "vitest";
import { memoryFile } from "../../../io/bytes/memory-file.ts";
import type { Problem } from "../../../model/reports/problem.ts";
import { describeExtractor } from "../../conformance.ts";
import type { Extraction } from "../../extractor.ts";
import { nugetLock } from "./nuget.ts";

describeExtractor(nugetLock, [
  {
    path: "packages.lock.json",
    bytes: bytesOf({
      version: 1,
      dependencies: {
        "net6.0": {
          "Newtonsoft.Json": { type: "Direct", resolved: "12.0.3" },
          "Own.Project": { type: "Project" },
        },
        "net8.0": { "Newtonsoft.Json": { type: "Transitive", resolved: "12.0.3" } },
      },
    }),
    expected: [of("Newtonsoft.Json", "12.0.3")],
  },
]);

test("lock/nuget reports a package without a version, and a file that lists no packages", () => {
  expect(problemsOf({ dependencies: { net: { A: { type: "Direct" } } } })).toHaveLength(1);
  for (const value of [{}, [], "{"]) expect(problemsOf(value)).toHaveLength(1);
});

function problemsOf(value: unknown): readonly string[] {
  const problems: Problem[] = [];
  const context = { signal: new AbortController().signal, problem: (problem: Problem) => void problems.push(problem) };
  for (const _ of nugetLock.extract(memoryFile("packages.lock.json", bytesOf(value)), context));
  return problems.map(({ message }) => message);
}

function bytesOf(value: unknown): Uint8Array {
  return new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));
}

function of(name: string, version: string): Extraction {
  return { kind: "package", package: { type: "nuget", name, version } };
}
