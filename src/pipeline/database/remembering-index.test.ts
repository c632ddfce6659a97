import { expect, test } from "vitest";
import type { AdvisoryIndex } from "../../model/findings/advisory.ts";
import { openAdvisories } from "./open-advisories.ts";
import { rememberingIndex } from "./remembering-index.ts";

test("each question is asked once, and answered as the index does", () => {
  const index = openAdvisories(undefined);
  const asked: string[] = [];
  const counting: AdvisoryIndex = {
    ...index,
    find(ecosystem, name) {
      asked.push(name);
      return index.find(ecosystem, name);
    },
  };
  const remembering = rememberingIndex(counting);
  for (let round = 0; round < 3; round++) {
    for (const name of ["org.apache.logging.log4j:log4j-core", "lodash"]) {
      expect(remembering.find("Maven", name)).toEqual(index.find("Maven", name));
    }
    expect(remembering.covers("Maven")).toBe(index.covers("Maven"));
    expect(remembering.facts("CVE-2021-44228")).toEqual(index.facts("CVE-2021-44228"));
  }
  expect(asked).toEqual(["org.apache.logging.log4j:log4j-core", "lodash"]);
  const forgetful = rememberingIndex(counting, 1);
  for (let round = 0; round < 2; round++) for (const name of ["a", "b"]) forgetful.find("npm", name);
  expect(asked.slice(2)).toEqual(["a", "b", "a", "b"]);
  remembering.close();
});
