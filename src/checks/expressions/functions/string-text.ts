import { compareText } from "../../../model/text/compare-text.ts";
import { EvaluationFault } from "../values/fault.ts";
import type { Meter } from "../values/meter.ts";
import { kindOf, ListValue, MapValue, type Value } from "../values/value.ts";
import { decodeUtf8 } from "./conversions.ts";
import { plainText } from "./number-text.ts";
import { durationText, timestampText } from "./time-text.ts";

const deepest = 100;

/** A value as `%s` prints it: texts within lists and maps without quotes. @throws EvaluationFault */
export function stringText(value: Value, { depth, meter }: { depth: number; meter: Meter }): string {
  meter.spend(1);
  if (depth > deepest)
    throw new EvaluationFault(`error during formatting: the value is nested more than ${deepest} deep`);
  const below = { depth: depth + 1, meter };
  switch (typeof value) {
    case "string":
      return value;
    case "boolean":
    case "bigint":
      return String(value);
    case "number":
      return Number.isFinite(value) ? plainText(value) : String(value);
    default:
      break;
  }
  if (value === null) return "null";
  if (value instanceof Uint8Array) return decodeUtf8(value);
  if (value instanceof ListValue) return `[${value.items.map((item) => stringText(item, below)).join(", ")}]`;
  if (value instanceof MapValue) {
    const entries = value
      .keys()
      .map((key) => [stringText(key, below), stringText(value.get(key) ?? null, below)] as const);
    entries.sort(([a], [b]) => compareText(a, b));
    return `{${entries.map(([key, content]) => `${key}: ${content}`).join(", ")}}`;
  }
  switch (value.kind) {
    case "uint":
      return String(value.value);
    case "timestamp":
      return timestampText(value);
    case "duration":
      return durationText(value);
    case "type":
      return value.name;
    default:
      throw new EvaluationFault(
        `error during formatting: string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps, was given ${kindOf(value)}`,
      );
  }
}
