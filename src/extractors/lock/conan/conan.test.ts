import { expect, test } from "vitest";
import { extractorProblems } from "../../../../tests/setup/extractor-problems.ts";
import { describeExtractor } from "../../conformance.ts";
import { conanLock } from "./conan.ts";

const text = `{
 "version": "0.5",
 "requires": [
  "sound32/1.0#83d4%1675278904.07"
 ],
 "build_requires": [
  "automake/1.16.5#058b%1701120593.68"
 ],
 "python_requires": []
}`;

describeExtractor(conanLock, [
  {
    path: "conan.lock",
    bytes: Buffer.from(text),
    expected: [
      { kind: "package", package: { type: "conan", name: "sound32", version: "1.0" } },
      {
        kind: "package",
        package: { type: "conan", name: "automake", version: "1.16.5", declaration: { development: true } },
      },
    ],
  },
]);

test.each([
  ["a package without a version", '{"graph_lock":{"nodes":{"1":{"ref":"zlib"}}}}'],
  ["a file without packages", "{}"],
  ["another file", "words\n"],
])("lock/conan reports %s", (_, damaged) => {
  expect(extractorProblems(conanLock, "conan.lock", damaged)).toHaveLength(1);
});
