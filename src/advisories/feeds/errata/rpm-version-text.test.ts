import { expect, test } from "vitest";
import { isRpmVersion } from "./rpm-version-text.ts";

test.each(["0:1-2", "1-2.el9", "1", "0:0-0", "30:9.3.3-8.el5", "1.0~rc1^git1+x-0.1.a", "2:r5-1"])(
  "%s is a version of an rpm package",
  (text) => {
    expect(isRpmVersion(text)).toBe(true);
  },
);

test.each([
  ["", "none", "None", "NA", "0:none", "none-1.el9", "none-none", "0:-1.amzn2023", "-1", "0:-", "0:2-", "0:"],
  ["(none):2-1", "-1:2-1", "a:2-1", "1 2", "0: 2-1", "1-2-3", "1:2:3-1", "é1-1", `1${"0".repeat(1100)}`],
])("a word, or a version of which a part is missing, is none", (...texts) => {
  expect(texts.filter(isRpmVersion)).toEqual([]);
});
