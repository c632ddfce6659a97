import fc from "fast-check";
import { expect, test } from "vitest";
import type { Affected, AffectedRange, RangeEvent } from "../../model/findings/advisory.ts";
import { rememberingSchemeOf } from "../../versions/remembering-scheme.ts";
import { prepareRanges } from "./prepare-ranges.ts";

function entry(ecosystem: string, versions: readonly string[], ...events: readonly RangeEvent[]): Affected {
  return { package: { ecosystem, name: "a" }, versions, ranges: [{ type: "ECOSYSTEM", events }] };
}

const zero: RangeEvent = { introduced: "0" };
const two: RangeEvent = { fixed: "2.0" };

test("ranges that ascend are written as bounds, and of the versions those are told that no range covers", () => {
  const prepared = prepareRanges(entry("PyPI", ["1.0", "2.0", "1.5"], zero, two));
  expect(prepared).toEqual({ type: "ECOSYSTEM", bounds: [["0", "2.0"]], unranged: ["2.0"] });
  expect(prepareRanges(entry("PyPI", ["1.0"], zero, two)).unranged).toEqual([]);
});

test("what cannot be compared lies in no range", () => {
  expect(prepareRanges(entry("npm", ["1.0.0", "trunk"], zero, { fixed: "2.0.0" })).unranged).toEqual(["trunk"]);
});

test("without a version in a range nothing is told of the versions", () => {
  expect(prepareRanges(entry("PyPI", ["2.0", "2.1"], zero, two))).toEqual({
    type: "ECOSYSTEM",
    bounds: [["0", "2.0"]],
  });
  expect(prepareRanges({ package: { ecosystem: "PyPI", name: "a" }, versions: ["1.0"] })).toEqual({});
});

test.each<readonly [string, readonly RangeEvent[]]>([
  ["an end that is itself affected", [zero, { last_affected: "2.0" }]],
  ["a limit", [zero, { limit: "2.0" }]],
  ["two bounds in one event", [{ introduced: "1.0", fixed: "2.0" }]],
  ["a bound that is not a version", [zero, { fixed: "some day!" }]],
  ["an end at the beginning", [two]],
  ["two beginnings", [zero, { introduced: "1.0" }, two]],
  ["bounds in the wrong order", [{ introduced: "3.0" }, two]],
  ["an end that is the next beginning", [zero, two, { introduced: "2.0" }]],
])("a range stays as it is with %s", (_title, events) => {
  const ranges = [{ type: "ECOSYSTEM", events }] as const;
  expect(prepareRanges({ package: { ecosystem: "PyPI", name: "a" }, ranges })).toEqual({ ranges });
});

test("ranges of two types stay as they are, and so do those of commits", () => {
  const named = { ecosystem: "npm", name: "a" };
  const both: AffectedRange[] = [
    { type: "SEMVER", events: [zero] },
    { type: "ECOSYSTEM", events: [zero] },
  ];
  expect(prepareRanges({ package: named, ranges: both })).toEqual({ ranges: both });
  const ofCommits: AffectedRange[] = [{ type: "GIT", repo: "https://example.org/a", events: [zero] }];
  expect(prepareRanges({ package: named, ranges: ofCommits })).toEqual({ ranges: ofCommits });
});

test.each([
  ["of which no order is known", "Nowhere"],
  ["whose suffix chooses another order than its name alone", "Echo:PyPI"],
])("nothing is concluded in an ecosystem %s", (_title, ecosystem) => {
  const plain = entry(ecosystem, ["1.0"], zero, two);
  expect(prepareRanges(plain)).toEqual({ ranges: plain.ranges });
});

test("in Go, where some versions stand for none, every listed version counts", () => {
  expect(prepareRanges(entry("Go", ["0.0.0"], zero, two))).toEqual({ type: "ECOSYSTEM", bounds: [["0", "2.0"]] });
});

test("a record with more versions and events than anybody maintains is written as it is", () => {
  const versions = Array.from({ length: 2000 }, (_, index) => `1.${index}`);
  const events = Array.from(
    { length: 501 },
    (_, index): RangeEvent => (index % 2 === 0 ? { introduced: `2.${index}` } : { fixed: `2.${index}` }),
  );
  expect(prepareRanges(entry("PyPI", versions, ...events)).unranged).toBeUndefined();
});

test("a listed version that equals one outside all ranges is never left out", () => {
  const numbers = fc.uniqueArray(fc.nat(9), { minLength: 1, maxLength: 5 });
  const scheme = rememberingSchemeOf("PyPI");
  fc.assert(
    fc.property(numbers, fc.array(fc.nat(10), { minLength: 1 }), fc.nat(10), (bounds, listed, asked) => {
      const sorted = bounds.toSorted((a, b) => a - b);
      const events = sorted.map((n, i): RangeEvent => (i % 2 === 0 ? { introduced: `${n}.0` } : { fixed: `${n}.0` }));
      const isInside = sorted.filter((bound) => bound <= asked).length % 2 === 1;
      const versions = listed.map((number) => `${number}.0.0`);
      const { unranged = versions } = prepareRanges(entry("PyPI", versions, ...events));
      const isListed = (texts: readonly string[]): boolean =>
        texts.some((text) => scheme?.compare(scheme.parse(text), scheme.parse(`${asked}`)) === 0);
      expect(isInside || isListed(unranged)).toBe(isInside || isListed(versions));
    }),
  );
});

test("a version in a range that stands for others outside it is told too", () => {
  expect(prepareRanges(entry("PyPI", ["1.0", "2.0"], zero, { fixed: "2.0+build1" })).unranged).toEqual(["2.0"]);
  expect(prepareRanges(entry("PyPI", ["1.0", "2.0"], zero, { last_affected: "2.0" })).unranged).toEqual([]);
});
