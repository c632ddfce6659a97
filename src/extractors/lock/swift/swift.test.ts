import { expect, test } from "vitest";
import { extractorProblems } from "../../../../tests/setup/extractor-problems.ts";
import { describeExtractor } from "../../conformance.ts";
import { swiftResolved } from "./swift.ts";

const text = `{
 "pins": [
  {
   "identity": "swift-nio",
   "kind": "remoteSourceControl",
   "location": "https://github.com/apple/swift-nio.git",
   "state": {
    "revision": "b1",
    "version": "1.0.0"
   }
  },
  {
   "identity": "own",
   "kind": "localSourceControl",
   "location": "/home/me/own",
   "state": {
    "revision": "b1"
   }
  },
  {
   "kind": "remoteSourceControl",
   "location": "git@github.com:vapor/vapor.git",
   "state": {
    "version": "4.0.0"
   }
  }
 ],
 "version": 2
}`;

describeExtractor(swiftResolved, [
  {
    path: "Package.resolved",
    bytes: Buffer.from(text),
    expected: [
      { kind: "package", package: { type: "swift", name: "github.com/apple/swift-nio", version: "1.0.0" } },
      { kind: "package", package: { type: "swift", name: "github.com/vapor/vapor", version: "4.0.0" } },
    ],
  },
]);

test.each([
  [
    "a package on a branch",
    '{"object":{"pins":[{"repositoryURL":"https://github.com/a/b.git","state":{"branch":"main"}}]},"version":1}',
  ],
  ["a file without packages", "{}"],
  ["another file", "words\n"],
])("lock/swift reports %s", (_, damaged) => {
  expect(extractorProblems(swiftResolved, "Package.resolved", damaged)).toHaveLength(1);
});
