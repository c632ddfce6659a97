import { expect, test } from "vitest";
import { extractorProblems } from "../../../../tests/setup/extractor-problems.ts";
import { describeExtractor } from "../../conformance.ts";
import { mixLock } from "./mix.ts";

const text = `%{
  "castore": {:hex, :castore, "0.1.17", "ba67", [:mix], [], "hexpm", "d984"},
  "own": {:path, "../own"},
  "renamed": {:hex, :"other.name", "1.0.0", "ba67", [:mix], [], "hexpm", "d984"},
}
`;

describeExtractor(mixLock, [
  {
    path: "mix.lock",
    bytes: Buffer.from(text),
    expected: [
      { kind: "package", package: { type: "hex", name: "castore", version: "0.1.17", declaration: { line: 2 } } },
      { kind: "package", package: { type: "hex", name: "other.name", version: "1.0.0", declaration: { line: 4 } } },
    ],
  },
]);

test.each([
  ["a package from Git", '%{\n  "enacl": {:git, "https://example.com/enacl.git", "2f50", []},\n}\n'],
  ["a package without a version", '%{\n  "a": {:hex, :a},\n}\n'],
  ["another file", "words\n"],
])("lock/mix reports %s", (_, damaged) => {
  expect(extractorProblems(mixLock, "mix.lock", damaged)).toHaveLength(1);
});
