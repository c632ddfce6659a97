import { expect, test } from "vitest";
import { memoryFile } from "../../../io/bytes/memory-file.ts";
import type { PackageDeclaration } from "../../../model/packages/package.ts";
import type { Problem } from "../../../model/reports/problem.ts";
import { describeExtractor } from "../../conformance.ts";
import type { Extraction } from "../../extractor.ts";
import { cargoLock } from "./cargo.ts";

describeExtractor(cargoLock, [
  {
    path: "Cargo.lock",
    bytes: bytesOf(
      [
        "version = 3",
        "[[package]]",
        'name = "time"',
        'version = "0.1.43"',
        'source = "registry+https://github.com/rust-lang/crates.io-index"',
        "[[package]]",
        'name = "own"',
        'version = "0.1.0"',
        'dependencies = ["time", "fork 1.0.0", "gone"]',
        "[[package]]",
        'name = "fork"',
        'version = "1.0.0"',
        'source = "git+https://host/fork#aa"',
      ].join("\n"),
    ),
    expected: [of("time", "0.1.43", {}), of("own", "0.1.0", { requires: ["time@0.1.43", "fork@1.0.0"] })],
  },
]);

test("lock/cargo reports a crate without a version, and a file that is not TOML", () => {
  expect(problemsOf("[[package]]\nname = 'a'")).toHaveLength(1);
  expect(problemsOf("[[")).toHaveLength(1);
  expect(problemsOf("package = 1")).toHaveLength(1);
});

test("lock/cargo names crates that are not from crates.io", () => {
  const crate = (name: string): string =>
    `[[package]]\nname="${name}"\nversion="1.0.0"\nsource="git+https://host/a#aa"\n`;
  expect(problemsOf(crate("fork"))).toEqual([
    "crates of Cargo.lock from Git or another registry were not compared: fork 1.0.0",
  ]);
  expect(problemsOf([..."abcdefg"].map(crate).join(""))).toEqual([expect.stringMatching(/e 1\.0\.0 and 2 more$/)]);
});

function problemsOf(value: unknown): readonly string[] {
  const problems: Problem[] = [];
  const context = { signal: new AbortController().signal, problem: (problem: Problem) => void problems.push(problem) };
  for (const _ of cargoLock.extract(memoryFile("Cargo.lock", bytesOf(value)), context));
  return problems.map(({ message }) => message);
}

function bytesOf(value: unknown): Uint8Array {
  return new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));
}

function of(name: string, version: string, declaration?: PackageDeclaration): Extraction {
  return { kind: "package", package: { type: "cargo", name, version, ...(declaration && { declaration }) } };
}
