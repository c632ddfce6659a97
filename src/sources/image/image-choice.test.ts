import { expect, test } from "vitest";
import { firstForPlatform, matchesPlatform } from "./image-choice.ts";

test.each([
  ["linux/amd64", "linux/amd64", true],
  ["linux/amd64", "linux/x86_64", true],
  ["linux/arm64", "linux/arm64/v8", true],
  ["linux/arm64/v8", "linux/arm64", true],
  ["linux/arm/v6", "linux/arm", true],
  ["linux/arm", "linux/arm/v6", true],
  ["linux/amd64", "linux", true],
  ["linux/arm/v6", "linux/arm/v7", false],
  ["linux/arm64", "linux/arm", false],
  ["windows/amd64", "linux/amd64", false],
  ["linux/amd64", "amd64", false],
  ["", "linux/amd64", false],
  ["odd platform", "odd platform", true],
])("an image for %j and the wish for %j: %j", (platform, wanted, expected) => {
  expect(matchesPlatform(platform, wanted)).toBe(expected);
});

test("of several that may be meant the very platform is taken", () => {
  const items = ["linux/arm/v5", "linux/arm/v7", "linux/arm64/v9", "linux/arm64/v8"].map((platform) => ({ platform }));
  expect(firstForPlatform(items, "linux/arm")).toBe(items[1]);
  expect(firstForPlatform(items, "linux/arm64")).toBe(items[3]);
  expect(firstForPlatform(items, "linux/arm/v5")).toBe(items[0]);
  expect(firstForPlatform(items, "linux/arm/v6")).toBeUndefined();
});
