import fc from "fast-check";
import { expect, test } from "vitest";
import { describeScheme } from "./conformance.ts";
import { pub } from "./pub.ts";

const identifier = fc.constantFrom("0", "1", "10", "01", "a", "B", "b2", "rc", "a-1", "");

describeScheme(pub, {
  ascending: [
    "0.9.9",
    "1.0.0-1",
    "1.0.0-a",
    "1.0.0-a+1",
    "1.0.0-a+b",
    "1.0.0-a.1",
    "1.0.0-rc.1",
    "1.0.0",
    "1.0.0+1",
    "1.0.0+2",
    "1.0.0+10",
    "1.0.0+10.0",
    "1.0.0+A",
    "1.0.0+a",
    "1.0.0+a-b",
    "1.0.0+a1",
    "1.0.1-0",
    "1.0.1",
    "10.0.0",
  ],
  equal: [
    ["1.2.3", "v1.2.3", " 1.2.3 ", "1.2.3+"],
    ["1.2.3+01", "1.2.3+1"],
  ],
  refused: ["", " ", "a", ".1", "1.0.", "1.0.0_1", "1.0.0 +1", "1.0.0+é", "^1.0.0", "1.0.0-a_b"],
  versions: fc
    .tuple(
      fc.array(fc.constantFrom("0", "1", "2", "10"), { minLength: 3, maxLength: 3 }),
      fc.array(identifier, { maxLength: 2 }),
      fc.array(identifier, { maxLength: 3 }),
    )
    .map(([numbers, prerelease, build]) => {
      const before = prerelease.length === 0 ? "" : `-${prerelease.join(".")}`;
      return `${numbers.join(".")}${before}${build.length === 0 ? "" : `+${build.join(".")}`}`;
    }),
});

test("keeps a plus that stands inside build metadata", () => {
  expect(pub.parse("1.0.0+a+b")?.build).toEqual(["a+b"]);
});
