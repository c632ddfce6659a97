import fc from "fast-check";
import { expect, test } from "vitest";
import { compareNaturals, endOfDigits, readNatural } from "./natural.ts";

test("a number reads the same as its digits, whatever its size and its leading zeros", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 40n }), fc.nat(5), (value, zeros) => {
      const text = `x${"0".repeat(zeros)}${value}.`;
      const end = endOfDigits(text, 1);
      return end === text.length - 1 && BigInt(readNatural(text, 1, end)) === value;
    }),
  );
});

test("a value has one form: number below 10^15, bigint from there on", () => {
  expect(readNatural("000999999999999999", 0, 18)).toBe(999_999_999_999_999);
  expect(readNatural("1000000000000000", 0, 16)).toBe(1_000_000_000_000_000n);
  expect(readNatural("", 0, 0)).toBe(0);
});

test("numbers of both forms compare by value", () => {
  expect(compareNaturals(5, 10n ** 20n)).toBe(-1);
  expect(compareNaturals(10n ** 400n, Infinity)).toBe(-1);
  expect(compareNaturals(10n ** 20n, 10n ** 20n + 1n)).toBe(-1);
  expect(compareNaturals(7, 7)).toBe(0);
});
