import type { AlertValue } from "../../model/events/alert.ts";
import { compareText } from "../../model/text/compare-text.ts";

/** A member of an object and its JSON text. */
export type JsonMember = readonly [name: string, json: string];

/**
 * Members as an object without blanks, sorted by the bytes of their names; of members with one name the last counts.
 */
export function jsonObject(members: readonly JsonMember[]): string {
  const sorted = [...new Map(members)].sort(([a], [b]) => compareBytes(a, b));
  return `{${sorted.map(([name, json]) => `${jsonString(name)}:${json}`).join(",")}}`;
}

/** A text with the escapes that JSON demands and no others. Half of a surrogate pair becomes U+FFFD. */
export function jsonString(text: string): string {
  return JSON.stringify(text.isWellFormed() ? text : text.toWellFormed());
}

/**
 * A value as JSON, in the form in which Falco prints it: large integers in full, numbers with a fraction as C++ writes
 * them.
 */
export function jsonValue(value: AlertValue): string {
  switch (typeof value) {
    case "string":
      return jsonString(value);
    case "number":
      return jsonNumber(value);
    case "bigint":
    case "boolean":
      return String(value);
    default:
      // Deeper than fields ever are: lists hold texts and numbers.
      return value === null ? "null" : `[${value.map(jsonValue).join(",")}]`;
  }
}

/** The order of two texts by their bytes in UTF-8. */
export function compareBytes(a: string, b: string): number {
  return isAscii(a) && isAscii(b) ? compareText(a, b) : Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function isAscii(text: string): boolean {
  return !/[^\0-\x7f]/.test(text);
}

function jsonNumber(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e21) return Object.is(value, -0) ? "-0.0" : String(value);
  if (!Number.isFinite(value)) return "null";
  const [digits = "", power = "0"] = value.toExponential().split("e");
  const exponent = Number(power);
  // Without an exponent from 1e-4 to below 1e15; beyond, an exponent has at least two digits.
  if (exponent >= -4 && exponent < 15) return exponent < 0 ? plainFraction(digits, exponent) : String(value);
  return `${digits}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

function plainFraction(digits: string, exponent: number): string {
  const sign = digits.startsWith("-") ? "-" : "";
  return `${sign}0.${"0".repeat(-exponent - 1)}${digits.replace(/[-.]/g, "")}`;
}
