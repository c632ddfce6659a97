import { expect, test } from "vitest";
import { decodeBase64 } from "./base64.ts";

test("base64 with its padding is read", () => {
  for (const text of ["", "a", "ab", "abc", "abcd", "\u00ff\u00fe?>"]) {
    expect(decodeBase64(Buffer.from(text).toString("base64"))).toEqual(Buffer.from(text));
  }
  const large = Buffer.alloc(12 * 1024 * 1024, 7);
  expect(decodeBase64(large.toString("base64"))?.equals(large)).toBe(true);
});

test("line breaks are passed over anywhere, as in what base64 of coreutils writes", () => {
  for (const length of [1, 2, 3, 100, 255]) {
    const bytes = Buffer.alloc(length, "abc");
    const text = bytes.toString("base64");
    for (const [pattern, by] of [
      [/.{76}/g, "$&\n"],
      [/$/, "\n"],
      [/^/, "\r\n"],
      [/./g, "$&\r\n"],
    ] as const) {
      expect(decodeBase64(text.replace(pattern, by))).toEqual(bytes);
    }
  }
});

test.each([
  "A",
  "AA",
  "AAA",
  "AA=",
  "====",
  "A===",
  "AA=A",
  "AA==AAAA",
  "AAA\n",
  " AAA",
  "AA-_",
  "AAAÄ",
  "AAA\t",
  "AA=\n=\n=",
  "A\nAA",
  "AA\u2028AA",
])("%j is not a base64", (text) => {
  expect(decodeBase64(text)).toBeUndefined();
});
