import { expect, test } from "vitest";
import { generalFormat, integerText } from "./number-text.ts";

const bytes = Buffer.from("feffffffffffffff", "hex");

test("integers print as C prints them", () => {
  expect(integerText(bytes, 0, { width: 8, format: "DEC", isSigned: true })).toBe("-2");
  expect(integerText(bytes, 0, { width: 8, format: "DEC", isSigned: false })).toBe("18446744073709551614");
  expect(integerText(bytes, 0, { width: 4, format: "HEX", isSigned: true })).toBe("FFFFFFFE");
  expect(integerText(bytes, 0, { width: 1, format: "OCT", isSigned: true })).toBe("0376");
  expect(integerText(Buffer.alloc(4), 0, { width: 4, format: "OCT", isSigned: true })).toBe("0");
  expect(integerText(Buffer.of(7), 0, { width: 1, format: "10_PADDED_DEC", isSigned: false })).toBe("000000007");
});

test("a number of general form has six digits and no zeros at its end", () => {
  expect([0, 1, 1.5, 0.000_000_02, 123_456.7, 1e7, 0.1].map(generalFormat)).toEqual([
    ...["0", "1", "1.5", "2e-08", "123457", "1e+07", "0.1"],
  ]);
});
