import fc from "fast-check";
import { expect, test } from "vitest";
import { describeScheme } from "./conformance.ts";
import { rpm } from "./rpm.ts";

const segments = fc.string({ unit: fc.constantFrom(..."0019az.~^_"), maxLength: 6 });

describeScheme(rpm, {
  ascending: [
    "1.0~rc1-1",
    "1.0",
    "1.0-1.el9",
    "1.0-1.el9_2",
    "1.0-2.el9",
    "1.0-10.el9",
    "1.0^git1-1",
    "1.0a-1",
    "1.0.1~rc1",
    "1.0.1",
    "1.0.2",
    "1:0.5-1",
    "2:0.1-1",
  ],
  equal: [
    ["1.0-1", "0:1.0-1", "00:1.0-1", ":1.0-1", "1_0-1", "1.00-01", "1.0-1."],
    ["1.1.α", "1.1.β", "1.1.ββ"],
  ],
  refused: [" ", "1 0", "1.0\n", "1.0-1\u0000", "\t1"],
  versions: fc
    .tuple(fc.constantFrom("", "0:", "1:", "a:"), segments, fc.option(segments))
    .map(([epoch, version, release]) => `${epoch}${version}${release === null ? "" : `-${release}`}`),
});

test("a missing epoch equals 0 and a missing release is lower than any", () => {
  expect(rpm.parse("1.0")).toEqual({ epoch: 0, version: "1.0", release: undefined });
  expect(rpm.parse("3:1.0-2.el9")).toEqual({ epoch: 3, version: "1.0", release: "2.el9" });
});

test("the release starts after the last dash", () => {
  expect(rpm.parse("1-2-3")).toEqual({ epoch: 0, version: "1-2", release: "3" });
});
