import { expect, test } from "vitest";
import { addressText, isMappedIpv4 } from "./socket-text.ts";

function ipv6(...words: number[]): string {
  return String.fromCharCode(...words.flatMap((word) => [word >> 8, word & 0xff]));
}

test.each([
  ["10.1.2.255", "\x0a\x01\x02\xff"],
  ["::", ipv6(0, 0, 0, 0, 0, 0, 0, 0)],
  ["::1", ipv6(0, 0, 0, 0, 0, 0, 0, 1)],
  ["2001:db8::3", ipv6(0x2001, 0xdb8, 0, 0, 0, 0, 0, 3)],
  ["2001:0:1::2", ipv6(0x2001, 0, 1, 0, 0, 0, 0, 2)],
  ["1::", ipv6(1, 0, 0, 0, 0, 0, 0, 0)],
  ["1:0:2:3:4:5:6:7", ipv6(1, 0, 2, 3, 4, 5, 6, 7)],
  ["fe80::a:0:0:b", ipv6(0xfe80, 0, 0, 0, 0xa, 0, 0, 0xb)],
  ["::ffff:1.2.3.4", ipv6(0, 0, 0, 0, 0, 0xffff, 0x102, 0x304)],
  ["::1.2.3.4", ipv6(0, 0, 0, 0, 0, 0, 0x102, 0x304)],
])("the address %s is written as the C library writes it", (text, bytes) => {
  expect(addressText(bytes)).toBe(text);
});

test("an IPv6 address may stand for an IPv4 one", () => {
  expect(isMappedIpv4(ipv6(0, 0, 0, 0, 0, 0xffff, 0x102, 0x304))).toBe(true);
  expect(isMappedIpv4(ipv6(0, 0, 0, 0, 0, 0, 0, 0))).toBe(true);
  expect(isMappedIpv4(ipv6(0, 0, 0, 0, 0, 0, 0, 1))).toBe(false);
});
