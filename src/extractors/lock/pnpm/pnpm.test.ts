import { expect, test } from "vitest";
import { memoryFile } from "../../../io/bytes/memory-file.ts";
import type { Problem } from "../../../model/reports/problem.ts";
import { describeExtractor } from "../../conformance.ts";
import type { Extraction } from "../../extractor.ts";
import { pnpmLock } from "./pnpm.ts";

describeExtractor(pnpmLock, [
  {
    path: "pnpm-lock.yaml",
    bytes: bytesOf(
      [
        "lockfileVersion: '9.0'",
        "importers:",
        "  .:",
        "    dependencies: {}",
        "packages:",
        "  '@a/b@2.0.0':",
        "    resolution: {integrity: sha512-x}",
        "  lodash@4.17.15:",
        "    resolution: {integrity: sha512-x}",
        "  own@file:own:",
        "    resolution: {directory: own, type: directory}",
        "  git@https://host/git.tgz:",
        "    resolution: {tarball: https://host/git.tgz}",
        "    version: 1.0.0",
        "snapshots:",
        "  '@a/b@2.0.0(lodash@4.17.15)': {}",
      ].join("\n"),
    ),
    expected: [of("@a/b", "2.0.0"), of("lodash", "4.17.15"), of("git", "1.0.0")],
  },
]);

test("lock/pnpm reads the keys of versions 5 and 6", () => {
  const lock =
    "lockfileVersion: 5.4\npackages:\n  /@a/b/2.0.0_c@1.0.0:\n  /d@3.0.0(c@1.0.0):\n  host.example/e/4.0.0:\n";
  const context = { signal: new AbortController().signal, problem: () => expect.unreachable() };
  expect([...pnpmLock.extract(memoryFile("pnpm-lock.yaml", bytesOf(lock)), context)]).toEqual([
    of("@a/b", "2.0.0"),
    of("d", "3.0.0"),
    of("e", "4.0.0"),
  ]);
});

test("lock/pnpm reports a package without a version, and a file that is not a lock file", () => {
  expect(problemsOf("lockfileVersion: 5.4\npackages:\n  github.com/a/b:\n    dev: false\n")).toHaveLength(1);
  expect(problemsOf("packages:\n")).toEqual([
    "pnpm-lock.yaml is not a pnpm lock file, so its packages could not be identified",
  ]);
});

function problemsOf(value: unknown): readonly string[] {
  const problems: Problem[] = [];
  const context = { signal: new AbortController().signal, problem: (problem: Problem) => void problems.push(problem) };
  for (const _ of pnpmLock.extract(memoryFile("pnpm-lock.yaml", bytesOf(value)), context));
  return problems.map(({ message }) => message);
}

function bytesOf(value: unknown): Uint8Array {
  return new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));
}

function of(name: string, version: string): Extraction {
  return { kind: "package", package: { type: "npm", name, version } };
}
