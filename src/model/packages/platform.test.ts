import { expect, test } from "vitest";
import { isSamePlatform, parsePlatform, platformText, runsOn, usualPlatformName, withUsualNames } from "./platform.ts";

test("many names of one platform are read as its usual ones", () => {
  expect(parsePlatform("linux/x86_64")).toEqual(parsePlatform("Linux/AMD64"));
  expect(parsePlatform("linux/arm/7")).toEqual({ os: "linux", architecture: "arm", variant: "v7" });
  expect(parsePlatform("linux/arm64/8")).toEqual({ os: "linux", architecture: "arm64" });
});

test.each([
  "",
  "/",
  "linux/",
  "linux/*",
  "a/b/c/d",
  "linux/amd64,",
  "linux/amd64,osver=",
  "linux amd64",
  "linux/amd64,osver=1,osver=2",
])("%j is not a platform", (text) => {
  expect(parsePlatform(text)).toBeUndefined();
});

test("a missing variant of arm is v7", () => {
  const [arm, v6, v7, v8] = ["linux/arm", "linux/arm/v6", "linux/arm/v7", "linux/arm/v8"].map(
    (text) => parsePlatform(text) ?? {},
  );
  expect(isSamePlatform(arm ?? {}, v7 ?? {})).toBe(true);
  expect(runsOn(v6 ?? {}, arm ?? {})).toBe(true);
  expect(runsOn(v8 ?? {}, arm ?? {})).toBe(false);
});

test("a platform is written without what it lacks", () => {
  expect(platformText({ os: "linux", architecture: "arm", variant: "v7" })).toBe("linux/arm/v7");
  expect(platformText({ os: "linux", architecture: "amd64", variant: "" })).toBe("linux/amd64");
});

test.each([
  ["linux/arm64/v8", "linux/arm64"],
  ["linux/aarch64", "linux/arm64"],
  ["linux/arm64/v9", "linux/arm64/v9"],
  ["linux/arm", "linux/arm/v7"],
  ["linux/arm/6", "linux/arm/v6"],
  ["linux/amd64/v1", "linux/amd64"],
  ["linux/amd64/v3", "linux/amd64/v3"],
  ["windows/amd64", "windows/amd64"],
  ["no platform", "no platform"],
])("%s is called %s in reports", (text, name) => {
  expect(usualPlatformName(text)).toBe(name);
});

test.each([
  ["linux/arm64/v8", "linux/arm64"],
  ["linux/aarch64", "linux/arm64"],
  ["linux/arm", "linux/arm"],
  ["linux/arm/6", "linux/arm/v6"],
  ["windows/amd64,osver=10.0.17763.1", "windows/amd64,osver=10.0.17763.1"],
  ["no platform", "no platform"],
])("%s is %s under its usual names, and no variant is made up", (text, name) => {
  expect(withUsualNames(text)).toBe(name);
});
