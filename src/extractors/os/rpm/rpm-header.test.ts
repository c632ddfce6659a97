import { expect, test } from "vitest";
import { headerBlob, type TagValue } from "./rpm-fixtures.ts";
import { readRpmHeader } from "./rpm-header.ts";

/** A header whose entries are all there: a name, and so many numbers under tags of no meaning. */
function headerWith(entries: number): Uint8Array {
  const numbers = Array.from({ length: entries - 1 }, (_, index): TagValue => [10_000 + index, 1]);
  return headerBlob([[1000, "bash"], ...numbers]);
}

test("a header may have 65,535 entries and no more, though all of them are there", () => {
  expect(readRpmHeader(headerWith(65_535))).toMatchObject({ name: "bash", fault: undefined });
  expect(readRpmHeader(headerWith(65_536))).toMatch(
    /^a header of \d+ bytes claims 65536 entries and \d+ bytes of data$/,
  );
});
