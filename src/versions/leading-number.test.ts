import fc from "fast-check";
import { expect, test } from "vitest";
import { compareVersions, ecosystemsWithOrder } from "./ecosystems.ts";
import { leadingNumber } from "./leading-number.ts";

test("the number before the first dot is read, and nothing else", () => {
  expect(["1.2.3", "012.a", "0.", "123456789012345.0"].map(leadingNumber)).toEqual([1, 12, 0, 123456789012345]);
  const others = ["", "1", "v1.2", "1:2.3", "1!2.3", ".5", "1-2.3", "1234567890123456.0", "x.1"];
  for (const text of others) expect(leadingNumber(text)).toBeUndefined();
});

test.each(ecosystemsWithOrder)("versions of %s that begin with different numbers are never equal", (ecosystem) => {
  const number = fc.stringMatching(/^\d{1,4}$/);
  const rest = fc.oneof(
    fc.stringMatching(/^\d{1,2}(?:\.\d{1,2}){0,3}(?:[-_.+~!:]?(?:a|rc|post|dev|alpha|p|r|sp|final|\d){1,2}){0,2}$/),
    fc.string({ maxLength: 8 }),
  );
  fc.assert(
    fc.property(number, rest, number, rest, (a, restOfA, b, restOfB) => {
      const [left, right] = [`${a}.${restOfA}`, `${b}.${restOfB}`];
      if (leadingNumber(left) !== leadingNumber(right)) expect(compareVersions(ecosystem, left, right)).not.toBe(0);
    }),
    { numRuns: 300 },
  );
});
