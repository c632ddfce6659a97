import { expect, test } from "vitest";
import { networkTest, parseIpv4, parseIpv6, printAddress } from "./ip-address.ts";

test.each(["::", "::1", "1::", "fe80::1:0:0:1", "1:2:3:4:5:6:7:8", "::ffff:1.2.3.4", "::1.2.3.4", "1:0:0:2:0:0:0:3"])(
  "%s is read and printed the same",
  (text) => {
    const expected = text === "1:0:0:2:0:0:0:3" ? "1:0:0:2::3" : text;
    expect(printAddress(parseIpv6(text) ?? "")).toBe(expected);
  },
);

test.each(["1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", " 1.2.3.4", ""])("%j is not an address of IPv4", (text) => {
  expect(parseIpv4(text)).toBeUndefined();
});

test.each([
  ":",
  ":::",
  "1::2::3",
  "1:2:3:4:5:6:7",
  "1:2:3:4:5:6:7:8:9",
  "12345::",
  "::1.2.3",
  "1.2.3.4::",
  "g::",
  "1:",
])("%j is not an address of IPv6", (text) => {
  expect(parseIpv6(text)).toBeUndefined();
});

test("an address is inside a network of its own family when the first bits agree", () => {
  const isInside = networkTest(parseIpv4("10.128.0.0") ?? "", 9);
  expect(isInside(parseIpv4("10.200.1.1") ?? "")).toBe(true);
  expect(isInside(parseIpv4("10.127.1.1") ?? "")).toBe(false);
  expect(isInside(parseIpv6("::") ?? "")).toBe(false);
  expect(networkTest("\0\0\0\0", 0)("\x01\x02\x03\x04")).toBe(true);
});
