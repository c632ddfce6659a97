import { expect, test } from "vitest";
import { extractorProblems } from "../../../../tests/setup/extractor-problems.ts";
import { describeExtractor } from "../../conformance.ts";
import { juliaManifest } from "./julia.ts";

const text = `julia_version = "1.8.5"
manifest_format = "2.0"

[[deps.Dates]]
uuid = "ade2ca70-3891-5945-98fb-dc099432e06a"

[[deps.JSON]]
git-tree-sha1 = "31e996f0a15c7b280ba9f76636b3ff9e2ae58c9a"
version = "0.21.4"

[[deps.Own]]
path = "../Own"
`;

describeExtractor(juliaManifest, [
  {
    path: "Manifest.toml",
    bytes: Buffer.from(text),
    expected: [
      { kind: "package", package: { type: "julia", name: "Dates", version: "1.8.5" } },
      { kind: "package", package: { type: "julia", name: "JSON", version: "0.21.4" } },
    ],
  },
]);

test.each([
  ["a package without a version", '[[JSON]]\ngit-tree-sha1 = "31e9"\n'],
  ["another file", "not a table\n"],
])("lock/julia reports %s", (_, damaged) => {
  expect(extractorProblems(juliaManifest, "Manifest.toml", damaged)).toHaveLength(1);
});
