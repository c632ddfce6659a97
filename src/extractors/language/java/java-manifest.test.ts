import { expect, test } from "vitest";
import { parseManifest } from "./java-manifest.ts";

test.each(["\n", "\r\n", "\r"])("the main section is read up to the first empty line, with line end %j", (end) => {
  const lines = [
    "Manifest-Version: 1.0",
    "Bundle-Name: A lo",
    " ng na",
    " me",
    "no attribute",
    "",
    "Name: x",
    "Key: y",
  ];
  expect(Object.fromEntries(parseManifest(lines.join(end)))).toEqual({
    "manifest-version": "1.0",
    "bundle-name": "A long name",
  });
});

test("names are compared without case, and the last of two counts", () => {
  expect(parseManifest("KEY: a\nkey: b").get("key")).toBe("b");
});

test("a continuation of nothing is passed over", () => {
  expect(parseManifest(" lost\nKey: a").get("key")).toBe("a");
});
