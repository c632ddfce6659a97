import { expect, test } from "vitest";
import { extractorProblems } from "../../../../tests/setup/extractor-problems.ts";
import { describeExtractor } from "../../conformance.ts";
import { denoLock } from "./deno.ts";

const text = `{
 "version": "5",
 "specifiers": {
  "npm:chalk@5": "5.3.0"
 },
 "npm": {
  "chalk@5.3.0": {
   "integrity": "sha512-d"
  },
  "@scope/a@1.0.0_chalk@5.3.0": {
   "integrity": "sha512-e"
  }
 }
}`;

describeExtractor(denoLock, [
  {
    path: "deno.lock",
    bytes: Buffer.from(text),
    expected: [
      { kind: "package", package: { type: "npm", name: "chalk", version: "5.3.0" } },
      { kind: "package", package: { type: "npm", name: "@scope/a", version: "1.0.0" } },
    ],
  },
]);

test.each([
  ["a package of JSR", '{"version":"4","jsr":{"@std/path@1.0.0":{"integrity":"a"}}}'],
  ["a module with an address", '{"version":"3","remote":{"https://deno.land/std/path.ts":"a"}}'],
  ["another file", "{}"],
])("lock/deno reports %s", (_, damaged) => {
  expect(extractorProblems(denoLock, "deno.lock", damaged)).toHaveLength(1);
});
