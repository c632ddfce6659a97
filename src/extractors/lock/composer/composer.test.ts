import { expect, test } from "vitest";
import { memoryFile } from "../../../io/bytes/memory-file.ts";
import type { PackageDeclaration } from "../../../model/packages/package.ts";
import type { Problem } from "../../../model/reports/problem.ts";
import { describeExtractor } from "../../conformance.ts";
import type { Extraction } from "../../extractor.ts";
import { composerLock } from "./composer.ts";

describeExtractor(composerLock, [
  {
    path: "composer.lock",
    bytes: bytesOf({
      packages: [{ name: "guzzlehttp/guzzle", version: "7.4.4" }],
      "packages-dev": [{ name: "acme/tool", version: "dev-main" }],
    }),
    expected: [of("guzzlehttp/guzzle", "7.4.4"), of("acme/tool", "dev-main", { development: true })],
  },
]);

test("lock/composer reports a package without a version, and a file that lists no packages", () => {
  expect(problemsOf({ packages: [{ name: "a/b" }] })).toHaveLength(1);
  for (const value of [{}, [], "{"]) expect(problemsOf(value)).toHaveLength(1);
});

function problemsOf(value: unknown): readonly string[] {
  const problems: Problem[] = [];
  const context = { signal: new AbortController().signal, problem: (problem: Problem) => void problems.push(problem) };
  for (const _ of composerLock.extract(memoryFile("composer.lock", bytesOf(value)), context));
  return problems.map(({ message }) => message);
}

function bytesOf(value: unknown): Uint8Array {
  return new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));
}

function of(name: string, version: string, declaration?: PackageDeclaration): Extraction {
  return { kind: "package", package: { type: "composer", name, version, ...(declaration && { declaration }) } };
}
