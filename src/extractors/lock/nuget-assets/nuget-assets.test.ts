import { expect, test } from "vitest";
import { extractorProblems } from "../../../../tests/setup/extractor-problems.ts";
import { describeExtractor } from "../../conformance.ts";
import { nugetAssets } from "./nuget-assets.ts";

const text = `{
 "version": 3,
 "libraries": {
  "Newtonsoft.Json/12.0.3": {
   "type": "package"
  },
  "Own/1.0.0": {
   "type": "project"
  }
 }
}`;

describeExtractor(nugetAssets, [
  {
    path: "project.assets.json",
    bytes: Buffer.from(text),
    expected: [{ kind: "package", package: { type: "nuget", name: "Newtonsoft.Json", version: "12.0.3" } }],
  },
]);

test.each([
  ["a package without a version", '{"libraries":{"A":{"type":"package"}}}'],
  ["a file without packages", "{}"],
  ["another file", "words\n"],
])("lock/nuget-assets reports %s", (_, damaged) => {
  expect(extractorProblems(nugetAssets, "project.assets.json", damaged)).toHaveLength(1);
});
