import { expect, test } from "vitest";
import { memoryFile } from "../../../io/bytes/memory-file.ts";
import type { Problem } from "../../../model/reports/problem.ts";
import { describeExtractor } from "../../conformance.ts";
import type { Extraction } from "../../extractor.ts";
import { gradleLock } from "./gradle.ts";

describeExtractor(gradleLock, [
  {
    path: "gradle.lockfile",
    bytes: bytesOf(
      [
        "# This is a Gradle generated file",
        "com.fasterxml.jackson.core:jackson-databind:2.9.10=compileClasspath,runtimeClasspath",
        "empty=annotationProcessor",
      ].join("\n"),
    ),
    expected: [of("com.fasterxml.jackson.core:jackson-databind", "2.9.10")],
  },
]);

test("lock/gradle reports a line that names no artifact", () => {
  expect(problemsOf("org.example:a=compileClasspath")).toHaveLength(1);
});

function problemsOf(value: unknown): readonly string[] {
  const problems: Problem[] = [];
  const context = { signal: new AbortController().signal, problem: (problem: Problem) => void problems.push(problem) };
  for (const _ of gradleLock.extract(memoryFile("gradle.lockfile", bytesOf(value)), context));
  return problems.map(({ message }) => message);
}

function bytesOf(value: unknown): Uint8Array {
  return new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));
}

function of(name: string, version: string): Extraction {
  return { kind: "package", package: { type: "maven", name, version } };
}
