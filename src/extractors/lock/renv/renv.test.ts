import { expect, test } from "vitest";
import { extractorProblems } from "../../../../tests/setup/extractor-problems.ts";
import { describeExtractor } from "../../conformance.ts";
import { renvLock } from "./renv.ts";

const text = `{
 "R": {
  "Version": "4.3.1"
 },
 "Packages": {
  "markdown": {
   "Package": "markdown",
   "Version": "1.0",
   "Source": "Repository",
   "Repository": "CRAN"
  }
 }
}`;

describeExtractor(renvLock, [
  {
    path: "renv.lock",
    bytes: Buffer.from(text),
    expected: [{ kind: "package", package: { type: "cran", name: "markdown", version: "1.0" } }],
  },
]);

test.each([
  [
    "a package of Bioconductor",
    '{"Packages":{"BSgenome":{"Package":"BSgenome","Version":"1.60.0","Source":"Bioconductor"}}}',
  ],
  ["a file without packages", "{}"],
  ["another file", "words\n"],
])("lock/renv reports %s", (_, damaged) => {
  expect(extractorProblems(renvLock, "renv.lock", damaged)).toHaveLength(1);
});
