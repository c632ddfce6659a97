import { expect, test } from "vitest";
import { memoryFile } from "../../../io/bytes/memory-file.ts";
import type { PackageDeclaration } from "../../../model/packages/package.ts";
import type { Problem } from "../../../model/reports/problem.ts";
import { describeExtractor } from "../../conformance.ts";
import type { Extraction } from "../../extractor.ts";
import { npmLock } from "./npm.ts";

describeExtractor(npmLock, [
  {
    path: "package-lock.json",
    bytes: bytesOf({
      lockfileVersion: 3,
      packages: {
        "": { name: "app", version: "1.0.0", dependencies: { lodash: "^4", alias: "npm:minimist@1" } },
        "packages/own": { version: "1.0.0" },
        "node_modules/own": { link: true, resolved: "packages/own" },
        "node_modules/lodash": { version: "4.17.15", dependencies: { "@a/b": "2", alias: "*", gone: "1" } },
        "node_modules/lodash/node_modules/@a/b": { version: "2.0.0", dev: true },
        "node_modules/alias": { name: "minimist", version: "1.2.5" },
      },
    }),
    expected: [
      of("lodash", "4.17.15", { relation: "direct", requires: ["@a/b@2.0.0", "minimist@1.2.5"] }),
      of("@a/b", "2.0.0", { relation: "transitive", development: true }),
      of("minimist", "1.2.5", { relation: "direct" }),
    ],
  },
]);

test("lock/npm tells the line of each package in a file as npm writes it, and what a workspace asks for", () => {
  const lock = {
    lockfileVersion: 3,
    packages: {
      "": { workspaces: ["web"] },
      web: { version: "1.0.0", devDependencies: { a: "1" } },
      "web/node_modules/a": { version: "1.0.0", dependencies: { b: "1" } },
      "node_modules/b": { version: "1.0.0" },
    },
  };
  const bytes = new TextEncoder().encode(JSON.stringify(lock, undefined, 2));
  const context = { signal: new AbortController().signal, problem: () => expect.unreachable() };
  expect([...npmLock.extract(memoryFile("package-lock.json", bytes), context)]).toEqual([
    of("a", "1.0.0", { line: 15, relation: "direct", requires: ["b@1.0.0"] }),
    of("b", "1.0.0", { line: 21, relation: "transitive" }),
  ]);
});

test("lock/npm reads version 1, with packages in packages and aliases", () => {
  const lock = {
    lockfileVersion: 1,
    dependencies: {
      lodash: { version: "4.17.15", dependencies: { ms: { version: "npm:ms@2.0.0" } } },
      own: { version: "file:own" },
    },
  };
  const context = { signal: new AbortController().signal, problem: () => expect.unreachable() };
  expect([...npmLock.extract(memoryFile("package-lock.json", bytesOf(lock)), context)]).toEqual([
    of("lodash", "4.17.15"),
    of("ms", "2.0.0"),
  ]);
});

test("lock/npm reports a package without a version, and a file that is not a lock file", () => {
  expect(problemsOf({ lockfileVersion: 1, dependencies: { a: { version: "git+ssh://git@host/a.git#1" } } })).toEqual([
    "a package of package-lock.json could not be read because a has no version",
  ]);
  for (const value of [{}, [], "{", "null"]) expect(problemsOf(value)).toHaveLength(1);
});

test("lock/npm reports packages that lie in each other too deep", () => {
  let lock: object = { version: "1.0.0" };
  for (let depth = 0; depth < 2_000; depth++) lock = { version: "1.0.0", dependencies: { a: lock } };
  expect(problemsOf({ lockfileVersion: 1, dependencies: { a: lock } }).join()).toContain("more than 100 levels deep");
});

function problemsOf(value: unknown): readonly string[] {
  const problems: Problem[] = [];
  const context = { signal: new AbortController().signal, problem: (problem: Problem) => void problems.push(problem) };
  for (const _ of npmLock.extract(memoryFile("package-lock.json", bytesOf(value)), context));
  return problems.map(({ message }) => message);
}

function bytesOf(value: unknown): Uint8Array {
  return new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));
}

function of(name: string, version: string, declaration?: PackageDeclaration): Extraction {
  return { kind: "package", package: { type: "npm", name, version, ...(declaration && { declaration }) } };
}
