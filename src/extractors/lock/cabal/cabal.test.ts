import { expect, test } from "vitest";
import { extractorProblems } from "../../../../tests/setup/extractor-problems.ts";
import { describeExtractor } from "../../conformance.ts";
import { cabalFreeze } from "./cabal.ts";

const text = `active-repositories: hackage.haskell.org:merge
constraints: any.Cabal ==3.2.1.0,
             any.base installed,
             tls +compat -hans
index-state: hackage.haskell.org 2022-07-07T01:01:53Z
`;

describeExtractor(cabalFreeze, [
  {
    path: "cabal.project.freeze",
    bytes: Buffer.from(text),
    expected: [
      { kind: "package", package: { type: "hackage", name: "Cabal", version: "3.2.1.0", declaration: { line: 2 } } },
    ],
  },
]);

test.each([
  ["a package without an exact version", "constraints: any.tls >=1.0\n"],
  ["another file", "words\n"],
])("lock/cabal reports %s", (_, damaged) => {
  expect(extractorProblems(cabalFreeze, "cabal.project.freeze", damaged)).toHaveLength(1);
});
