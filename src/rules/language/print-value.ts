import type { AlertValue } from "../../model/events/alert.ts";
import { cleanText } from "./byte-string.ts";
import type { FieldType, FieldValue, PrintFormat } from "./field.ts";
import { printAddress } from "./ip-address.ts";

/** What decides how a value prints. */
export interface ValueKind {
  readonly type: FieldType;
  readonly format: PrintFormat;
}

// The longest text that the library makes of a list, and of a byte buffer, before it cuts.
const longestList = 1023;
const longestBuffer = 1022;

// Bits of the integer types; negative for the signed ones.
const widths: Partial<Record<FieldType, number>> = {
  INT8: -8,
  INT16: -16,
  INT32: -32,
  INT64: -64,
  FD: -64,
  PID: -64,
  ERRNO: -64,
  UINT8: 8,
  FLAGS8: 8,
  ENUMFLAGS8: 8,
  L4PROTO: 8,
  SOCKFAMILY: 8,
  SIGTYPE: 8,
  UINT16: 16,
  FLAGS16: 16,
  ENUMFLAGS16: 16,
  PORT: 16,
  SYSCALLID: 16,
  UINT32: 32,
  FLAGS32: 32,
  ENUMFLAGS32: 32,
  MODE: 32,
  UID: 32,
  GID: 32,
  UINT64: 64,
  RELTIME: 64,
  ABSTIME: 64,
};

/**
 * A value as text, a byte string, as libsinsp prints it by its type and format
 * (`sinsp_filter_check::rawval_to_string`); `undefined` for a number with a format that its type does not know, which
 * prints as a missing value.
 */
export function printValue(value: FieldValue, kind: ValueKind): string | undefined {
  if (typeof value === "string") return printBytes(value, kind.type);
  if (typeof value === "boolean") return value ? "true" : "false";
  if (kind.type === "BOOL") return Number(value) === 0 ? "false" : "true";
  if (kind.type === "DOUBLE") return Number(value).toFixed(1);
  return printInteger(value, kind);
}

/** The values of a list in parentheses, cut where libsinsp cuts; `undefined` when one of them does not print. */
export function printList(values: readonly FieldValue[], kind: ValueKind): string | undefined {
  const printed = values.map((value) => printValue(value, kind));
  return printed.includes(undefined) ? undefined : `(${printed.join(",")})`.slice(0, longestList);
}

/**
 * A value as JSON output carries it: numbers and booleans as such unless their format is not decimal. Texts are UTF-8
 * clean.
 */
export function jsonValue(value: FieldValue, kind: ValueKind): AlertValue {
  if (typeof value === "boolean") return value;
  if (typeof value !== "string") {
    if (kind.type === "BOOL") return Number(value) !== 0;
    if (kind.type === "DOUBLE") return kind.format === "DEC" ? Math.trunc(Number(value)) : Number(value);
    if (kind.format === "DEC" || kind.format === "ID" || kind.type === "ERRNO") return value;
  }
  const printed = printValue(value, kind);
  return printed === undefined ? null : cleanText(printed);
}

function printBytes(value: string, type: FieldType): string | undefined {
  switch (type) {
    case "BYTEBUF":
      return printBuffer(value);
    case "IPADDR":
    case "IPV4ADDR":
    case "IPV6ADDR":
      return printAddress(value);
    case "IPNET":
    case "IPV4NET":
    case "IPV6NET":
      return "<IPNET>";
    default: {
      const end = value.indexOf("\0");
      return end === -1 ? value : value.slice(0, end);
    }
  }
}

// One byte more than fits costs the last byte that would have fitted.
function printBuffer(value: string): string {
  const shown = value.length > longestBuffer ? value.slice(0, longestBuffer - 1) : value;
  return shown.replace(/[^ -~]/g, ".");
}

function printInteger(value: number | bigint, { type, format }: ValueKind): string | undefined {
  const width = widths[type] ?? -64;
  switch (format) {
    case "DEC":
    case "ID":
      return String(value);
    case "10_PADDED_DEC":
      if (Math.abs(width) !== 64) return undefined;
      return value < 0 ? `-${String(-value).padStart(8, "0")}` : String(value).padStart(9, "0");
    case "HEX":
      return unsigned(value, width).toString(16).toUpperCase();
    case "OCT":
      return unsigned(value, width).toString(8);
    default:
      return width === -64 ? String(value) : undefined;
  }
}

// C widens what is narrower than an int before it prints it.
function unsigned(value: number | bigint, width: number): bigint {
  return BigInt.asUintN(Math.max(32, Math.abs(width)), BigInt(value));
}
