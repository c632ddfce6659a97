import { expect, test } from "vitest";
import { extractorProblems } from "../../../../tests/setup/extractor-problems.ts";
import { describeExtractor } from "../../conformance.ts";
import { cocoapodsLock } from "./cocoapods.ts";

const text = `PODS:
  - Own (1.0.0)
  - PINCache (3.0.3):
    - PINCache/Core (= 3.0.3)
  - "PINCache/Core (3.0.3)":
    - PINOperation (~> 1.2.1)
  - PINOperation (1.2.1)

DEPENDENCIES:
  - Own (from \`../own\`)
  - PINCache (~> 3)

EXTERNAL SOURCES:
  Own:
    :path: "../own"

COCOAPODS: 1.11.2
`;

describeExtractor(cocoapodsLock, [
  {
    path: "Podfile.lock",
    bytes: Buffer.from(text),
    expected: [
      {
        kind: "package",
        package: {
          type: "cocoapods",
          name: "PINCache",
          version: "3.0.3",
          declaration: { line: 3, relation: "direct" },
        },
      },
      {
        kind: "package",
        package: {
          type: "cocoapods",
          name: "PINOperation",
          version: "1.2.1",
          declaration: { line: 7, relation: "transitive" },
        },
      },
    ],
  },
]);

test.each([
  ["a pod without a version", "PODS:\n  - Own\n"],
  ["another file", "words\n"],
])("lock/cocoapods reports %s", (_, damaged) => {
  expect(extractorProblems(cocoapodsLock, "Podfile.lock", damaged)).toHaveLength(1);
});
