import fc from "fast-check";
import { expect, test } from "vitest";
import { compareVersions, ecosystemsWithOrder } from "./ecosystems.ts";
import { leadingNumbers } from "./leading-numbers.ts";

test("the numbers before and after the first dot are read, and nothing else", () => {
  const texts = ["1.2.3", "012.3a", "0.0", "1.20", "9999999.9999999"];
  expect(texts.map(leadingNumbers)).toEqual([10_000_002, 120_000_003, 0, 10_000_020, 99_999_999_999_999]);
  const others = ["", "1", "0.", "1.x", "1.02", "1.00", "v1.2", "1:2.3", "1!2.3", ".5", "1-2.3", "x.1"];
  for (const text of [...others, "12345678.1", "1.12345678"]) expect(leadingNumbers(text)).toBeUndefined();
});

test.each(ecosystemsWithOrder)("versions of %s that begin with different numbers are never equal", (ecosystem) => {
  const number = fc.stringMatching(/^\d{1,4}$/);
  const rest = fc.oneof(
    fc.stringMatching(/^\d{1,2}(?:\.\d{1,2}){0,3}(?:[-_.+~!:]?(?:a|rc|post|dev|alpha|p|r|sp|final|\d){1,2}){0,2}$/),
    fc.string({ maxLength: 8 }),
  );
  const pair = fc.tuple(number, rest);
  const alike = fc.tuple(fc.constant("1"), rest);
  fc.assert(
    fc.property(fc.oneof(fc.tuple(pair, pair), fc.tuple(alike, alike)), ([[a, restOfA], [b, restOfB]]) => {
      const [left, right] = [`${a}.${restOfA}`, `${b}.${restOfB}`];
      const [ofLeft, ofRight] = [leadingNumbers(left), leadingNumbers(right)];
      if (ofLeft === undefined || ofRight === undefined || ofLeft === ofRight) return;
      expect(compareVersions(ecosystem, left, right)).not.toBe(0);
    }),
    { numRuns: 600 },
  );
});
