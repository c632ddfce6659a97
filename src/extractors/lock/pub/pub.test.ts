import { expect, test } from "vitest";
import { extractorProblems } from "../../../../tests/setup/extractor-problems.ts";
import { describeExtractor } from "../../conformance.ts";
import { pubLock } from "./pub.ts";

const text = `packages:
  args:
    dependency: transitive
    description:
      name: args
      url: "https://pub.dev"
    source: hosted
    version: "1.6.0"
  flutter:
    dependency: "direct main"
    description: flutter
    source: sdk
    version: "0.0.0"
  test:
    dependency: "direct dev"
    source: hosted
    version: "1.25.0"
sdks:
  dart: ">=2.18.0 <3.0.0"
`;

describeExtractor(pubLock, [
  {
    path: "pubspec.lock",
    bytes: Buffer.from(text),
    expected: [
      {
        kind: "package",
        package: { type: "pub", name: "args", version: "1.6.0", declaration: { line: 2, relation: "transitive" } },
      },
      {
        kind: "package",
        package: {
          type: "pub",
          name: "test",
          version: "1.25.0",
          declaration: { line: 14, relation: "direct", development: true },
        },
      },
    ],
  },
]);

test.each([
  ["a package without a version", "packages:\n  args:\n    source: hosted\n"],
  ["another file", "words\n"],
])("lock/pub reports %s", (_, damaged) => {
  expect(extractorProblems(pubLock, "pubspec.lock", damaged)).toHaveLength(1);
});
