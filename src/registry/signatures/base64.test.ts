import { expect, test } from "vitest";
import { decodeBase64 } from "./base64.ts";

test("base64 with its padding is read", () => {
  for (const text of ["", "a", "ab", "abc", "abcd", "\u00ff\u00fe?>"]) {
    expect(decodeBase64(Buffer.from(text).toString("base64"))).toEqual(Buffer.from(text));
  }
  const large = Buffer.alloc(12 * 1024 * 1024, 7);
  expect(decodeBase64(large.toString("base64"))?.equals(large)).toBe(true);
});

test.each(["A", "AA", "AAA", "AA=", "====", "A===", "AA=A", "AA==AAAA", "AAA\n", " AAA", "AA-_", "AAAÄ"])(
  "%j is no base64",
  (text) => {
    expect(decodeBase64(text)).toBeUndefined();
  },
);
