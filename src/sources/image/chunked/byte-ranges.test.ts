import { describe, expect, test } from "vitest";
import { type ByteRange, costOf, joinRanges } from "./byte-ranges.ts";

const kib = 1024;
const mib: number = kib * kib;

/** So many ranges of 100 bytes that begin this far from each other. */
function spread(count: number, distance: number): ByteRange[] {
  return Array.from({ length: count }, (_, index) => ({ from: index * distance, to: index * distance + 100 }));
}

describe("ranges", () => {
  test("that are near come with one request of at most 4 MiB", () => {
    expect(joinRanges(spread(3, 60 * kib))).toEqual([{ from: 0, to: 120 * kib + 100 }]);
    expect(joinRanges(spread(3, 70 * kib))).toEqual(spread(3, 70 * kib));
    expect(joinRanges(spread(200, 60 * kib)).every(({ from, to }) => to - from <= 4 * mib)).toBe(true);
  });

  test("of which there are too many are joined over larger gaps", () => {
    expect(joinRanges(spread(2_000, 70 * kib))).toHaveLength(2_000);
    expect(joinRanges(spread(2_001, 70 * kib)).length).toBeLessThan(100);
    const near = spread(1_500, 100 * kib);
    const far = spread(1_500, 10 * mib).map(({ from, to }) => ({ from: from + 1024 * mib, to: to + 1024 * mib }));
    const joined = joinRanges([...near, ...far]);
    expect(joined.length).toBeLessThan(1_600);
    expect(joined.slice(-1_500)).toEqual(far);
  });

  test("that cannot be joined to few enough cost more than any layer", () => {
    expect(costOf(joinRanges(spread(2_000, 10 * mib)))).toBe(2_000 * (100 + 64 * kib));
    expect(costOf(joinRanges(spread(2_001, 10 * mib)))).toBe(Number.POSITIVE_INFINITY);
    expect(costOf(joinRanges(spread(3_000, 10 * kib).reverse()))).toBe(Number.POSITIVE_INFINITY);
  });

  test("keep their order, and each lies in one of the joined", () => {
    const ranges = [...spread(50, 30 * kib), ...spread(50, 90 * kib), { from: 5, to: 9 * mib }, { from: 7, to: 8 }];
    const joined = joinRanges(ranges);
    let at = 0;
    for (const { from, to } of ranges) {
      while (joined[at] && (from < (joined[at]?.from ?? 0) || to > (joined[at]?.to ?? 0))) at++;
      expect(joined[at]).toBeDefined();
    }
  });
});
