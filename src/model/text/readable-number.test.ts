import fc from "fast-check";
import { expect, test } from "vitest";
import { readableNumber } from "./readable-number.ts";

test("a whole number is written as Node writes it for English", () => {
  fc.assert(fc.property(fc.maxSafeInteger(), (number) => readableNumber(number) === number.toLocaleString("en")));
  for (const number of [0, 1, 999, 1000, -1000, 999_999, 1_000_000]) {
    expect(readableNumber(number)).toBe(number.toLocaleString("en"));
  }
});
