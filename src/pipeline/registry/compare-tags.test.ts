import { expect, test } from "vitest";
import { compareTags } from "./compare-tags.ts";

test("tags have a natural order", () => {
  const sorted = ["1", "1.2", "1.2-rc1", "1.9.1", "1.10", "2", "0020", "latest", "v2", "v10", "v10-1"];
  expect(sorted.toReversed().sort(compareTags)).toEqual(sorted);
});
