import { expect, test } from "vitest";
import { extractorProblems } from "../../../../tests/setup/extractor-problems.ts";
import { describeExtractor } from "../../conformance.ts";
import { nugetConfig } from "./nuget-config.ts";

const text = `<?xml version="1.0" encoding="utf-8"?>
<packages>
  <!-- <package id="Old" version="1.0" />
  -->
  <package id="Newtonsoft.Json" version="6.0.4" targetFramework="net45" />
  <package id='Analyzer' version='1.0.0' developmentDependency="true" />
</packages>
`;

describeExtractor(nugetConfig, [
  {
    path: "packages.config",
    bytes: Buffer.from(text),
    expected: [
      {
        kind: "package",
        package: { type: "nuget", name: "Newtonsoft.Json", version: "6.0.4", declaration: { line: 5 } },
      },
      {
        kind: "package",
        package: { type: "nuget", name: "Analyzer", version: "1.0.0", declaration: { line: 6, development: true } },
      },
    ],
  },
]);

test.each([
  ["a package without a version", '<packages><package id="A" /></packages>'],
  ["a file that ends early", "<packages>\n"],
  ["another file", "words\n"],
])("lock/nuget-config reports %s", (_, damaged) => {
  expect(extractorProblems(nugetConfig, "packages.config", damaged)).toHaveLength(1);
});
