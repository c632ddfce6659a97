import fc from "fast-check";
import { expect, test } from "vitest";
import { describeScheme } from "./conformance.ts";
import { semver } from "./semver.ts";

const identifiers = fc
  .array(fc.constantFrom("0", "1", "01", "10", "a", "rc", "A", "-", "1a", ""), { maxLength: 3 })
  .map((parts) => (parts.length === 0 ? "" : `-${parts.join(".")}`));

describeScheme(semver, {
  ascending: [
    "0.0.0-0",
    "0",
    "1.0.0-0",
    "1.0.0-2",
    "1.0.0-10",
    "1.0.0--",
    "1.0.0-A",
    "1.0.0-alpha",
    "1.0.0-alpha.1",
    "1.0.0-alpha.beta",
    "1.0.0-rc.1",
    "1.0.0",
    "1.0.0.1",
    "1.0.1-0.20240101000000-abcdef012345",
    "1.0.1",
    "1.1",
    "2",
    "v10.0.0+incompatible",
  ],
  equal: [
    ["1.0.0", "v1.0.0", "1", "1.0", "=1.0.0", "= v1.0.0", " 1.0.0\n", "1.0.0+build.5", "01.00.0", "1.0.0.0"],
    ["1.0.0-a..0", "1.0.0-a.-.0", "1.0.0-a.-.00+b"],
  ],
  refused: [
    "",
    "v",
    "1.",
    ".1",
    "1..0",
    "a",
    "1.0.0a",
    "1.x",
    "1.0.0-a_b",
    "1.0.0 beta",
    "1.0.0+a b",
    "V1",
    "(devel)",
    "1,2",
  ],
  versions: fc
    .tuple(
      fc.constantFrom("", "v"),
      fc.array(fc.constantFrom("0", "1", "2", "10", "01"), { minLength: 1, maxLength: 4 }),
      identifiers,
      fc.constantFrom("", "+b", "+incompatible"),
    )
    .map(([prefix, numbers, prerelease, build]) => `${prefix}${numbers.join(".")}${prerelease}${build}`),
});

test("keeps numbers as numbers and words as words", () => {
  expect(semver.parse("1.2.0-rc.1.x-1")).toEqual({ numbers: [1, 2], prerelease: ["rc", 1, "x-1"] });
});
