import { expect, test } from "vitest";
import type { FieldType, FieldValue } from "./field.ts";
import { parseNetwork, parseValue } from "./parse-value.ts";

test.each<[string, FieldType, FieldValue]>([
  ["5", "INT64", 5],
  ["+5", "PID", 5],
  [" -5", "FD", -5],
  ["-1", "UID", 4294967295],
  ["4294967296", "UINT32", 0],
  ["70000", "INT16", 4464],
  ["200", "INT8", -56],
  ["-1", "UINT64", 18446744073709551615n],
  ["99999999999999999999", "UINT64", 18446744073709551615n],
  ["99999999999999999999", "INT64", 9223372036854775807n],
  ["70000", "PORT", 4464],
  ["https", "PORT", 443],
  ["", "PORT", 0],
  ["true", "BOOL", true],
  ["1.2.3.4", "IPADDR", "\x01\x02\x03\x04"],
  ["::1", "IPADDR", `${"\0".repeat(15)}\x01`],
  ["\xff", "CHARBUF", "\xff"],
])("%j as %s is %s", (text, type, value) => {
  expect(parseValue(text, type)).toBe(value);
});

test.each<[string, FieldType, string]>([
  ["0x10", "INT64", "0x10 is not a valid number"],
  ["1.5", "DOUBLE", "1.5 is not a valid number"],
  ["", "UINT8", " is not a valid number"],
  ["maybe", "BOOL", "filter error: unrecognized boolean value maybe"],
  ["1.2.3", "IPADDR", "unrecognized IPv4 address 1.2.3"],
  ["::ffff:1.2.3.4", "IPADDR", "unrecognized IPv4 address ::ffff:1.2.3.4"],
  ["nothing", "PORT", "unrecognized protocol nothing"],
  ["a\0b", "CHARBUF", "filter error: filter value cannot contain a NUL byte (\\x00)"],
  ["a".repeat(256), "BYTEBUF", "filter parameter too long (byte buf)"],
  ["a".repeat(256), "CHARBUF", `filter parameter too long (used=257, available=256):${"a".repeat(256)}`],
])("%j is not %s", (text, type, message) => {
  expect(() => parseValue(text, type)).toThrow(message);
});

test.each<[string, FieldType, string]>([
  ["10.0.0.0", "IPNET", "unrecognized IP network 10.0.0.0"],
  ["10.0.0/8", "IPNET", "unrecognized IP address 10.0.0/8"],
  ["10.0.0.0/33", "IPNET", "invalid netmask 33"],
  ["fe80::", "IPNET", "invalid v6 netmask: fe80::"],
  ["fe80::/0", "IPNET", "invalid v6 netmask 0"],
  ["fe80::/129", "IPNET", "invalid v6 netmask 129"],
])("%j is not a network", (text, type, message) => {
  expect(() => parseNetwork(text, type)).toThrow(message);
});

test("the mask of a network is read as a byte", () => {
  expect(parseNetwork("10.0.0.0/264", "IPNET").prefix).toBe(8);
});
