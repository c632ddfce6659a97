import { expect, test } from "vitest";
import { isAddress } from "./is-address.ts";

test.each([
  ["https://mirror.example/advisories", true],
  ["HTTP://127.0.0.1:8080", true],
  ["http:advisories", false],
  ["./http://advisories", false],
  ["ftp://mirror.example/", false],
  ["/srv/advisories", false],
])("%s is an address: %s", (place, expected) => {
  expect(isAddress(place)).toBe(expected);
});
