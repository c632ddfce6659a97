import { expect, test } from "vitest";
import { extractorProblems } from "../../../../tests/setup/extractor-problems.ts";
import { describeExtractor } from "../../conformance.ts";
import { stackLock } from "./stack.ts";

const text = `packages:
- completed:
    hackage: fuzzyset-0.2.4@sha256:f1b6,1618
    pantry-tree:
      size: 574
  original:
    hackage: fuzzyset-0.2.3
snapshots: []
`;

describeExtractor(stackLock, [
  {
    path: "stack.yaml.lock",
    bytes: Buffer.from(text),
    expected: [
      { kind: "package", package: { type: "hackage", name: "fuzzyset", version: "0.2.4", declaration: { line: 3 } } },
    ],
  },
]);

test.each([
  ["the packages of a snapshot", "packages: []\nsnapshots:\n- completed:\n    url: https://example.com/22/41.yaml\n"],
  ["a package from Git", "packages:\n- completed:\n    git: https://example.com/a.git\n"],
  ["another file", "words\n"],
])("lock/stack reports %s", (_, damaged) => {
  expect(extractorProblems(stackLock, "stack.yaml.lock", damaged)).toHaveLength(1);
});
