import { describe, expect, test } from "vitest";
import { memoryFile } from "../../../io/bytes/memory-file.ts";
import type { Problem } from "../../../model/reports/problem.ts";
import { describeExtractor } from "../../conformance.ts";
import type { Extraction } from "../../extractor.ts";
import { composer } from "./composer.ts";

const path = "var/www/vendor/composer/installed.json";
const guzzle = {
  name: "guzzlehttp/guzzle",
  version: "7.0.0",
  version_normalized: "7.0.0.0",
  type: "library",
  license: ["MIT"],
  "install-path": "../guzzlehttp/guzzle",
};
const symfony = { name: "symfony/http-kernel", version: "v5.4.1", license: "MIT" };
const branch = { name: "acme/tool", version: "dev-main", version_normalized: "dev-main" };

describeExtractor(composer, [
  {
    path,
    bytes: bytesOf({ packages: [guzzle, symfony, branch], dev: true, "dev-package-names": ["acme/tool"] }),
    expected: [
      of("guzzlehttp/guzzle", "7.0.0", ["MIT"]),
      of("symfony/http-kernel", "v5.4.1", ["MIT"]),
      of("acme/tool", "dev-main"),
    ],
  },
  { path: "app/other/installed.json", bytes: bytesOf([guzzle]), expected: [] },
]);

test("language/composer reads the list of Composer 1, which is nothing but the packages", () => {
  expect(read([guzzle, symfony])).toEqual(read({ packages: [guzzle, symfony] }));
});

test("language/composer reads a list of no packages without a word", () => {
  for (const list of [[], { packages: [] }]) expect(read(list)).toEqual({ extractions: [], problems: [] });
});

describe("language/composer reports", () => {
  test.each([
    ["what is not JSON", "["],
    ["an object without packages", "{}"],
  ])("%s", (_, text) => {
    expect(read(text)).toMatchObject({ extractions: [], problems: [{ code: "unreadable", path }] });
  });

  test("packages without a name or a version, and goes on with the next", () => {
    const { extractions, problems } = read([{ name: "a/b" }, 7, { name: "a b", version: "1" }, guzzle]);
    expect(extractions).toEqual([of("guzzlehttp/guzzle", "7.0.0", ["MIT"])]);
    expect(problems).toMatchObject([{ code: "unreadable", message: expect.stringContaining("3 packages") }]);
  });
});

function of(name: string, version: string, licenses?: readonly string[]): Extraction {
  return { kind: "package", package: { type: "composer", name, version, ...(licenses && { licenses }) } };
}

function read(list: object | string): { extractions: Extraction[]; problems: Problem[] } {
  const problems: Problem[] = [];
  const context = { signal: new AbortController().signal, problem: (problem: Problem) => void problems.push(problem) };
  return { extractions: [...composer.extract(memoryFile(path, bytesOf(list)), context)], problems };
}

function bytesOf(value: object | string): Uint8Array {
  return new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));
}
