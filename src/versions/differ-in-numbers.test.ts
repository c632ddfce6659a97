import fc from "fast-check";
import { expect, test } from "vitest";
import { differInNumbers } from "./differ-in-numbers.ts";
import { compareVersions, ecosystemsWithOrder } from "./ecosystems.ts";

test.each([
  ["1.2.3", "1.2.4"],
  ["1.2.3", "1.3.3"],
  ["1.2", "1.20"],
  ["1.9", "1.10-rc1"],
  ["1.0.2a", "1.0.3"],
  ["2.0", "10.0"],
  ["1.0", "1.5"],
])("%s and %s differ in a number", (a, b) => {
  expect([differInNumbers(a, b), differInNumbers(b, a)]).toEqual([true, true]);
});

test.each([
  ["1.2.3", "1.2.3"],
  ["", "1.2"],
  ["1.2", "1.2.3"],
  ["1.2a", "1.2b"],
  ["1.2", "1.02"],
  ["1.0", "1.00"],
  ["1", "2"],
  ["1!2.3", "2.3"],
  ["1:2.3", "2.3"],
  ["v1.2", "v1.3"],
  ["1-2", "1-3"],
  [".5", ".x"],
])("of %s and %s it says nothing", (a, b) => {
  expect([differInNumbers(a, b), differInNumbers(b, a)]).toEqual([false, false]);
});

test.each(ecosystemsWithOrder)("versions of %s that differ in a number are never equal", (ecosystem) => {
  const rest = fc.oneof(
    fc.stringMatching(/^\d{1,2}(?:\.\d{1,2}){0,4}(?:[-_.+~!:]?(?:a|rc|post|dev|alpha|p|r|sp|final|\d){1,2}){0,2}$/),
    fc.stringMatching(/^[0-3](?:\.[0-3]){0,4}[-+:!~]?[0-3]?$/),
    fc.string({ maxLength: 8 }),
  );
  const version = fc.tuple(fc.stringMatching(/^(?:\d{1,4}\.|1\.|1\.2\.)?$/), rest).map((parts) => parts.join(""));
  fc.assert(
    fc.property(version, version, (a, b) => {
      if (differInNumbers(a, b)) expect(compareVersions(ecosystem, a, b)).not.toBe(0);
    }),
    { numRuns: 1500 },
  );
});
