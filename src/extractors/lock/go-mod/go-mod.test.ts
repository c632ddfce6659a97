import { expect, test } from "vitest";
import { memoryFile } from "../../../io/bytes/memory-file.ts";
import type { PackageDeclaration } from "../../../model/packages/package.ts";
import type { Problem } from "../../../model/reports/problem.ts";
import { describeExtractor } from "../../conformance.ts";
import type { Extraction } from "../../extractor.ts";
import { goMod } from "./go-mod.ts";

describeExtractor(goMod, [
  {
    path: "go.mod",
    bytes: bytesOf(
      [
        "module example.com/app",
        "go 1.22",
        "require example.com/a v1.2.3 // indirect",
        "require (",
        "  example.com/b v1.0.0",
        "  example.com/c v1.0.0",
        ")",
        "replace example.com/a => example.com/fork v1.2.4",
        "replace (",
        "  example.com/b v1.0.0 => ../b",
        "  example.com/c v0.9.0 => ../c",
        ")",
      ].join("\n"),
    ),
    expected: [
      of("example.com/fork", "v1.2.4", { line: 3, relation: "transitive" }),
      of("example.com/c", "v1.0.0", { line: 6, relation: "direct" }),
    ],
  },
]);

test("lock/go-mod reports a file of before Go 1.17, which has direct requirements only", () => {
  const modules = (release: string): string => `module a\n${release}\nrequire example.com/a v1.0.0\n`;
  expect(problemsOf(modules("go 1.16"))).toEqual(["go.mod is for Go 1.16, so it does not list indirect dependencies"]);
  expect(problemsOf(modules(""))).toHaveLength(1);
  for (const release of ["go 1.17", "go 1.22.5", "go 2.0"]) expect(problemsOf(modules(release))).toEqual([]);
});

test("lock/go-mod reports a line of another form", () => {
  expect(problemsOf("go 1.22\nrequire example.com/a\n")).toHaveLength(1);
  expect(problemsOf("some text\n")).toHaveLength(1);
});

function problemsOf(value: unknown): readonly string[] {
  const problems: Problem[] = [];
  const context = { signal: new AbortController().signal, problem: (problem: Problem) => void problems.push(problem) };
  for (const _ of goMod.extract(memoryFile("go.mod", bytesOf(value)), context));
  return problems.map(({ message }) => message);
}

function bytesOf(value: unknown): Uint8Array {
  return new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));
}

function of(name: string, version: string, declaration?: PackageDeclaration): Extraction {
  return { kind: "package", package: { type: "golang", name, version, ...(declaration && { declaration }) } };
}
