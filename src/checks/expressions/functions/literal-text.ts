import { compareText } from "../../../model/text/compare-text.ts";
import { EvaluationFault } from "../values/fault.ts";
import type { Meter } from "../values/meter.ts";
import { kindOf, ListValue, MapValue, type Value } from "../values/value.ts";
import { decodeUtf8 } from "./conversions.ts";
import { stringText } from "./string-text.ts";
import { durationText, timestampText } from "./time-text.ts";

const deepest = 100;
const shortEscapes: Readonly<Record<string, string>> = {
  "\x07": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
  "\\": "\\\\",
  '"': '\\"',
};
// Go prints letters, marks, numbers, punctuation, symbols and the plain space as they are.
const escaped = /["\\]|[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu;

/**
 * A value as `%s` prints it on an API server: a text as it is, and within a list or a map as a literal of CEL. Source:
 * google/cel-go, ext/formatting. @throws EvaluationFault
 */
export function literalText(value: Value, meter: Meter): string {
  return value instanceof ListValue || value instanceof MapValue
    ? literal(value, { depth: 0, meter })
    : stringText(value, { depth: 0, meter });
}

function literal(value: Value, { depth, meter }: { depth: number; meter: Meter }): string {
  meter.spend(1);
  if (depth > deepest)
    throw new EvaluationFault(`error during formatting: the value is nested more than ${deepest} deep`);
  const below = { depth: depth + 1, meter };
  if (typeof value === "string") return quoted(value);
  if (typeof value === "number") return doubleLiteral(value);
  if (value instanceof Uint8Array) return `b${quoted(decodeUtf8(value))}`;
  if (value instanceof ListValue) return `[${value.items.map((item) => literal(item, below)).join(", ")}]`;
  if (value instanceof MapValue) {
    const entries = value.keys().map((key) => {
      if (typeof key === "number")
        throw new EvaluationFault(`error during formatting: no formatting function for map key of type ${kindOf(key)}`);
      return [literal(key, below), literal(value.get(key) ?? null, below)] as const;
    });
    entries.sort(([a], [b]) => compareText(a, b));
    return `{${entries.map(([key, content]) => `${key}:${content}`).join(", ")}}`;
  }
  if (typeof value === "object" && value !== null && value.kind === "timestamp")
    return `timestamp(${quoted(timestampText(value))})`;
  if (typeof value === "object" && value !== null && value.kind === "duration")
    return `duration(${quoted(durationText(value))})`;
  return stringText(value, below);
}

function doubleLiteral(value: number): string {
  if (Number.isNaN(value)) return '"NaN"';
  if (!Number.isFinite(value)) return value > 0 ? '"+Inf"' : '"-Inf"';
  return Math.abs(value) >= 1e21 ? `${BigInt(value)}.000000` : value.toFixed(6);
}

/** A text in double quotes, as `%q` of Go prints it. */
function quoted(text: string): string {
  return `"${text.replace(escaped, (character) => shortEscapes[character] ?? codeEscape(character))}"`;
}

function codeEscape(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const digits = code.toString(16);
  if (code < 0x80) return `\\x${digits.padStart(2, "0")}`;
  return code > 0xffff ? `\\U${digits.padStart(8, "0")}` : `\\u${digits.padStart(4, "0")}`;
}
