import { expect, test } from "vitest";
import type { FieldType, FieldValue, PrintFormat } from "./field.ts";
import { jsonValue, printList, printValue } from "./print-value.ts";

test.each<[FieldValue, FieldType, PrintFormat, string | undefined]>([
  [-22, "ERRNO", "DEC", "-22"],
  [5, "INT64", "NA", "5"],
  [5, "UINT32", "NA", undefined],
  [420, "UINT32", "OCT", "644"],
  [255, "FLAGS32", "HEX", "FF"],
  [-1, "INT8", "HEX", "FFFFFFFF"],
  [-1, "INT64", "HEX", "FFFFFFFFFFFFFFFF"],
  [18446744073709551615n, "UINT64", "DEC", "18446744073709551615"],
  [12345, "RELTIME", "10_PADDED_DEC", "000012345"],
  [-5, "INT64", "10_PADDED_DEC", "-00000005"],
  [12.34, "DOUBLE", "NA", "12.3"],
  [true, "BOOL", "NA", "true"],
  ["a\0b", "CHARBUF", "NA", "a"],
  ["a\0\xffb\n", "BYTEBUF", "NA", "a..b."],
  ["\x7f\0\0\x01", "IPADDR", "NA", "127.0.0.1"],
  [`${"\0".repeat(15)}\x01`, "IPADDR", "NA", "::1"],
])("%s of type %s in format %s prints %s", (value, type, format, text) => {
  expect(printValue(value, { type, format })).toBe(text);
});

test("a byte buffer is cut where the library cuts it", () => {
  const kind = { type: "BYTEBUF", format: "NA" } as const;
  expect(printValue("a".repeat(1022), kind)).toHaveLength(1022);
  expect(printValue("a".repeat(2000), kind)).toHaveLength(1021);
});

test("a list prints in parentheses, and is cut as well", () => {
  const kind = { type: "CHARBUF", format: "NA" } as const;
  expect(printList(["a", "b"], kind)).toBe("(a,b)");
  expect(printList([], kind)).toBe("()");
  expect(printList(["a".repeat(2000)], kind)).toHaveLength(1023);
});

test("numbers and booleans stay themselves in JSON, unless their format is not decimal", () => {
  expect(jsonValue(5, { type: "UINT32", format: "DEC" })).toBe(5);
  expect(jsonValue(255, { type: "UINT32", format: "HEX" })).toBe("FF");
  expect(jsonValue(2n ** 60n, { type: "ABSTIME", format: "DEC" })).toBe(2n ** 60n);
  expect(jsonValue(true, { type: "BOOL", format: "NA" })).toBe(true);
  expect(jsonValue("\xff", { type: "CHARBUF", format: "NA" })).toBe("\u{fffd}");
  expect(jsonValue(5, { type: "UINT64", format: "NA" })).toBeNull();
});
