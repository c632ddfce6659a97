import { expect, test } from "vitest";
import { isSameArchitecture } from "./same-architecture.ts";

test.each([
  ["amd64", "x86_64"],
  ["arm64", "aarch64"],
  ["i386", "i686"],
  ["AMD64", "amd64"],
  ["ppc64el", "ppc64le"],
  ["s390x", "s390x"],
])("%s and %s are one architecture", (one, other) => {
  expect(isSameArchitecture(one, other)).toBe(true);
});

test.each([
  ["x86_64", "i686"],
  ["aarch64", "armhf"],
  ["ppc64", "ppc64le"],
  ["", "x86_64"],
])("%j and %s are two", (one, other) => {
  expect(isSameArchitecture(one, other)).toBe(false);
});
