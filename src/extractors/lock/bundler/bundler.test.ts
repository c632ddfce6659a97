import { expect, test } from "vitest";
import { memoryFile } from "../../../io/bytes/memory-file.ts";
import type { PackageDeclaration } from "../../../model/packages/package.ts";
import type { Problem } from "../../../model/reports/problem.ts";
import { describeExtractor } from "../../conformance.ts";
import type { Extraction } from "../../extractor.ts";
import { bundlerLock } from "./bundler.ts";

const lock = [
  "GEM",
  "  remote: https://rubygems.org/",
  "  specs:",
  "    nokogiri (1.13.3-x86_64-linux)",
  "      racc (~> 1.4)",
  "    racc (1.6.0)",
  "",
  "PATH",
  "  remote: .",
  "  specs:",
  "    own (0.1.0)",
  "",
  "DEPENDENCIES",
  "  nokogiri",
].join("\n");

describeExtractor(bundlerLock, [
  {
    path: "Gemfile.lock",
    bytes: bytesOf(lock),
    expected: [
      {
        kind: "package",
        package: {
          type: "gem",
          name: "nokogiri",
          version: "1.13.3",
          qualifiers: { platform: "x86_64-linux" },
          declaration: { line: 4, relation: "direct" },
        },
      },
      of("racc", "1.6.0", { line: 6, relation: "transitive" }),
    ],
  },
]);

test("lock/bundler reports a gem without a version, and a file that is not a lock file", () => {
  expect(problemsOf("GEM\n  specs:\n    racc\n")).toHaveLength(1);
  expect(problemsOf("some text")).toHaveLength(1);
});

function problemsOf(value: unknown): readonly string[] {
  const problems: Problem[] = [];
  const context = { signal: new AbortController().signal, problem: (problem: Problem) => void problems.push(problem) };
  for (const _ of bundlerLock.extract(memoryFile("Gemfile.lock", bytesOf(value)), context));
  return problems.map(({ message }) => message);
}

function bytesOf(value: unknown): Uint8Array {
  return new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));
}

function of(name: string, version: string, declaration?: PackageDeclaration): Extraction {
  return { kind: "package", package: { type: "gem", name, version, ...(declaration && { declaration }) } };
}
