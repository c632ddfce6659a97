import { trimEnd } from "../../../model/text/trim-end.ts";
import { EvaluationFault } from "../values/fault.ts";
import type { DurationValue, TimestampValue } from "../values/value.ts";
import { durationOf, timestampOf } from "./time-range.ts";

const billion = 1_000_000_000n;
const rfc3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,30}))?(?:[Zz]|([+-])(\d\d):(\d\d))$/;

/** A point in time as RFC 3339 writes it. @throws EvaluationFault */
export function parseTimestamp(text: string): TimestampValue {
  const match = text.length > 80 ? null : rfc3339.exec(text);
  if (!match) throw new EvaluationFault(`${JSON.stringify(text.slice(0, 80))} is not an RFC 3339 timestamp`);
  const [
    ,
    year = "",
    month = "",
    day = "",
    hour = "",
    minute = "",
    secondText = "",
    fraction = "",
    sign,
    hours = "0",
    minutes = "0",
  ] = match;
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  const isDate = date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
  if (
    !isDate ||
    Number(hour) > 23 ||
    Number(minute) > 59 ||
    Number(secondText) > 59 ||
    Number(hours) > 23 ||
    Number(minutes) > 59
  ) {
    throw new EvaluationFault(`${JSON.stringify(text)} is not a valid time`);
  }
  const ofDay = Number(hour) * 3600 + Number(minute) * 60 + Number(secondText);
  const offset = (Number(hours) * 3600 + Number(minutes) * 60) * (sign === "-" ? -1 : 1);
  const seconds = BigInt(date.getTime() / 1000 + ofDay - offset);
  return timestampOf(seconds * billion + BigInt(fraction.slice(0, 9).padEnd(9, "0")));
}

/** As RFC 3339 writes it, in UTC, with as many digits of the second as it needs. */
export function timestampText({ nanoseconds }: TimestampValue): string {
  const { seconds, rest } = split(nanoseconds);
  const date = new Date(Number(seconds) * 1000);
  const year = String(date.getUTCFullYear()).padStart(4, "0");
  const [, monthToSecond = ""] = /^[+-]?\d{4,6}(-.*)\.\d{3}Z$/.exec(date.toISOString()) ?? [];
  return `${year}${monthToSecond}${fractionText(rest)}Z`;
}

const units: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1000n,
  µs: 1000n,
  μs: 1000n,
  ms: 1_000_000n,
  s: billion,
  m: 60n * billion,
  h: 3600n * billion,
};

/** A span as Go writes it: `1h30m`, `-1.5s`. @throws EvaluationFault */
export function parseDuration(text: string): DurationValue {
  const failed = new EvaluationFault(`${JSON.stringify(text.slice(0, 80))} is not a duration such as 1h30m`);
  const sign = text.startsWith("-") ? -1n : 1n;
  const body = text.replace(/^[+-]/, "");
  if (body === "0") return durationOf(0n);
  if (body === "" || body.length > 100) throw failed;
  const part = /(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)/y;
  let total = 0n;
  for (let at = 0; at < body.length; at = part.lastIndex) {
    part.lastIndex = at;
    const match = part.exec(body);
    if (!match) throw failed;
    const [, digits = "", fraction = "", unit = ""] = match;
    if (digits === "" && fraction === "") throw failed;
    const size = units[unit] ?? 0n;
    total += BigInt(digits === "" ? "0" : digits) * size;
    if (fraction !== "") total += (BigInt(fraction) * size) / 10n ** BigInt(fraction.length);
  }
  return durationOf(sign * total);
}

/** In seconds: `5400s`, `1.5s`. */
export function durationText({ nanoseconds }: DurationValue): string {
  const size = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  return `${nanoseconds < 0n ? "-" : ""}${size / billion}${fractionText(size % billion)}s`;
}

/** Whole seconds and what is above them in nanoseconds, which is never negative. */
export function split(nanoseconds: bigint): { seconds: bigint; rest: bigint } {
  const rest = ((nanoseconds % billion) + billion) % billion;
  return { seconds: (nanoseconds - rest) / billion, rest };
}

function fractionText(nanoseconds: bigint): string {
  if (nanoseconds === 0n) return "";
  return `.${trimEnd(String(nanoseconds).padStart(9, "0"), "0")}`;
}

/** True for a time of RFC 3339. */
export function isTimestamp(text: string): boolean {
  try {
    parseTimestamp(text);
    return true;
  } catch {
    return false;
  }
}
