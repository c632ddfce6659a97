import { EvaluationFault } from "../values/fault.ts";
import { kindOf, TypeValue, typeName, UnsignedValue } from "../values/value.ts";
import { intOf, uintOf } from "./integers.ts";
import { doubleText } from "./number-text.ts";
import { type Overload, overload } from "./overload.ts";
import { timestampOf } from "./time-range.ts";
import { durationText, parseDuration, parseTimestamp, split, timestampText } from "./time-text.ts";

/** Functions that make a value of one type from one of another. */
export const conversions: readonly Overload[] = [
  overload("dyn", { takes: ["any"], gives: "any", run: ([value]) => value }),
  overload("type", { takes: ["any"], gives: "type", run: ([value]) => new TypeValue(typeName(kindOf(value))) }),

  overload("bool", { takes: ["bool"], gives: "bool", run: ([value]) => value }),
  overload("bool", { takes: ["string"], gives: "bool", run: ([text]) => parseBool(text) }),

  overload("int", { takes: ["int"], gives: "int", run: ([value]) => value }),
  overload("int", { takes: ["uint"], gives: "int", run: ([{ value }]) => intOf(value) }),
  overload("int", {
    takes: ["double"],
    gives: "int",
    run: ([value]) => intOf(whole(value, { low: -(2 ** 63), high: 2 ** 63 })),
  }),
  overload("int", { takes: ["string"], gives: "int", run: ([text]) => intOf(parseWhole(text, /^[+-]?\d{1,30}$/)) }),
  overload("int", { takes: ["timestamp"], gives: "int", run: ([{ nanoseconds }]) => split(nanoseconds).seconds }),
  overload("int", { takes: ["duration"], gives: "int", run: ([{ nanoseconds }]) => nanoseconds }),

  overload("uint", { takes: ["uint"], gives: "uint", run: ([value]) => value }),
  overload("uint", { takes: ["int"], gives: "uint", run: ([value]) => uintOf(value) }),
  overload("uint", {
    takes: ["double"],
    gives: "uint",
    run: ([value]) => uintOf(whole(value, { low: -1, high: 2 ** 64 })),
  }),
  overload("uint", { takes: ["string"], gives: "uint", run: ([text]) => uintOf(parseWhole(text, /^\d{1,30}$/)) }),

  overload("double", { takes: ["double"], gives: "double", run: ([value]) => value }),
  overload("double", { takes: ["int"], gives: "double", run: ([value]) => Number(value) }),
  overload("double", { takes: ["uint"], gives: "double", run: ([{ value }]) => Number(value) }),
  overload("double", { takes: ["string"], gives: "double", run: ([text]) => parseDouble(text) }),

  overload("string", { takes: ["string"], gives: "string", run: ([value]) => value }),
  overload("string", { takes: ["bool"], gives: "string", run: ([value]) => String(value) }),
  overload("string", { takes: ["int"], gives: "string", run: ([value]) => String(value) }),
  overload("string", { takes: ["uint"], gives: "string", run: ([{ value }]) => String(value) }),
  overload("string", { takes: ["double"], gives: "string", run: ([value]) => doubleText(value) }),
  overload("string", {
    takes: ["bytes"],
    gives: "string",
    run: ([bytes], meter) => {
      meter.spendOn(bytes.length);
      return decodeUtf8(bytes);
    },
  }),
  overload("string", { takes: ["timestamp"], gives: "string", run: ([time]) => timestampText(time) }),
  overload("string", { takes: ["duration"], gives: "string", run: ([span]) => durationText(span) }),

  overload("bytes", { takes: ["bytes"], gives: "bytes", run: ([value]) => value }),
  overload("bytes", {
    takes: ["string"],
    gives: "bytes",
    run: ([text], meter) => {
      meter.spendOn(text.length);
      return Buffer.from(text, "utf8");
    },
  }),

  overload("timestamp", { takes: ["timestamp"], gives: "timestamp", run: ([value]) => value }),
  overload("timestamp", { takes: ["string"], gives: "timestamp", run: ([text]) => parseTimestamp(text) }),
  overload("timestamp", {
    takes: ["int"],
    gives: "timestamp",
    run: ([seconds]) => timestampOf(seconds * 1_000_000_000n),
  }),
  overload("duration", { takes: ["duration"], gives: "duration", run: ([value]) => value }),
  overload("duration", { takes: ["string"], gives: "duration", run: ([text]) => parseDuration(text) }),
];

/** The text of UTF-8. @throws EvaluationFault when the bytes are none. */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new EvaluationFault("invalid UTF-8 in bytes, cannot convert to string");
  }
}

function parseBool(text: string): boolean {
  if (["1", "t", "T", "true", "TRUE", "True"].includes(text)) return true;
  if (["0", "f", "F", "false", "FALSE", "False"].includes(text)) return false;
  throw new EvaluationFault("type conversion error from 'string' to 'bool'");
}

function parseWhole(text: string, shape: RegExp): bigint {
  if (!shape.test(text)) throw new EvaluationFault(`${JSON.stringify(text.slice(0, 40))} is not an integer`);
  return text.startsWith("+") ? BigInt(text.slice(1)) : BigInt(text);
}

function whole(value: number, { low, high }: { low: number; high: number }): bigint {
  if (!(value > low && value < high)) throw new EvaluationFault("integer overflow: the double is out of range");
  return BigInt(Math.trunc(value));
}

function parseDouble(text: string): number {
  if (/^[+-]?(?:\d{1,400}\.?\d{0,400}|\.\d{1,400})(?:[eE][+-]?\d{1,6})?$/.test(text)) return Number(text);
  const special = /^([+-]?)(inf|infinity|nan)$/i.exec(text);
  if (!special) throw new EvaluationFault(`${JSON.stringify(text.slice(0, 40))} is not a number`);
  if (special[2]?.toLowerCase() === "nan") return Number.NaN;
  return special[1] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

/** The number that a value is, whatever its kind; undefined when it is none. */
export function wholeNumberOf(value: unknown): bigint | undefined {
  if (typeof value === "bigint") return value;
  return value instanceof UnsignedValue ? value.value : undefined;
}
