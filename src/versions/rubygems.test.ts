import fc from "fast-check";
import { expect, test } from "vitest";
import { describeScheme } from "./conformance.ts";
import { rubygems } from "./rubygems.ts";

describeScheme(rubygems, {
  ascending: [
    "0.a",
    "0",
    "0.9",
    "1.0.0.A",
    "1.0.a",
    "1.0.a.2",
    "1.0.a10",
    "1.0.b1",
    "1-java",
    "1.0.pre",
    "1.0-1",
    "1.0.rc1",
    "1.0",
    "1.0.0.1.pre",
    "1.0.0.1",
    "1.0.1.rc",
    "1.0.1",
    "1.9",
    "1.10",
    "10",
  ],
  equal: [
    ["1", "1.0", "1.0.0", " 1 ", "01", "1.00\n"],
    ["1.0.a2", "1.0.a.2", "1.a.2", "1.0.0.a.02", "1a2", "1.a.2.0"],
    ["1.0-rc1", "1.0.pre.rc1", "1.pre.rc.1"],
    ["0", "0.0"],
  ],
  refused: [
    "",
    " ",
    "a",
    "v1.0",
    ".1",
    "1.",
    "1..2",
    "1.0-",
    "1_0",
    "1.0+build",
    "1 2",
    "1.0\u00002",
    "1.é",
    ">= 1.0",
    "-1",
  ],
  versions: fc
    .tuple(
      fc.array(fc.constantFrom("0", "1", "2", "10", "01", "1a"), { minLength: 1, maxLength: 4 }),
      fc.array(fc.constantFrom("0", "1", "10", "a", "A", "b2", "pre", "rc1", "0x"), { maxLength: 3 }),
      fc.constantFrom("", "-1", "-rc.1", "-a-b", "-"),
    )
    .map(([numbers, words, tail]) => `${[...numbers, ...words].join(".")}${tail}`),
});

test("keeps numbers and words apart and drops the zeros that mean nothing", () => {
  expect(rubygems.parse("1.2.0.beta10.0")).toEqual({ segments: [1, 2, "beta", 10] });
});
