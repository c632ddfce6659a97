import { expect, test } from "vitest";
import { extractorProblems } from "../../../../tests/setup/extractor-problems.ts";
import { describeExtractor } from "../../conformance.ts";
import { bunLock } from "./bun.ts";

const text = `{
  "lockfileVersion": 1,
  "packages": {
    "web": ["web@workspace:packages/web"],
    "zod": ["zod@3.24.4", "", { "dependencies": { "a,": "]", }, }, "sha512-Odq=="],
    "@types/bun": ["@types/bun@1.2.13"],
    "old/zod": ["zod@3.24.4", ""],
  },
}
`;

describeExtractor(bunLock, [
  {
    path: "bun.lock",
    bytes: Buffer.from(text),
    expected: [
      { kind: "package", package: { type: "npm", name: "zod", version: "3.24.4" } },
      { kind: "package", package: { type: "npm", name: "@types/bun", version: "1.2.13" } },
    ],
  },
]);

test.each([
  ["a package from Git", '{"packages": {"sync": ["@prettier/sync@github:prettier/sync#527e8ce", {}, ""]}}'],
  ["a file without packages", "{}"],
  ["another file", "words\n"],
])("lock/bun reports %s", (_, damaged) => {
  expect(extractorProblems(bunLock, "bun.lock", damaged)).toHaveLength(1);
});
