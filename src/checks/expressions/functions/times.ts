import { EvaluationFault } from "../values/fault.ts";
import type { TimestampValue } from "../values/value.ts";
import { type Overload, overload } from "./overload.ts";
import { split } from "./time-text.ts";

/** A point in time as clocks and calendars of some place show it. */
interface Clock {
  readonly date: Date;
  readonly milliseconds: number;
}

const second = 1_000_000_000n;

/** The parts of timestamps and durations. */
export const timeFunctions: readonly Overload[] = [
  ...part("getFullYear", ({ date }) => date.getUTCFullYear()),
  ...part("getMonth", ({ date }) => date.getUTCMonth()),
  ...part("getDate", ({ date }) => date.getUTCDate()),
  ...part("getDayOfMonth", ({ date }) => date.getUTCDate() - 1),
  ...part("getDayOfWeek", ({ date }) => date.getUTCDay()),
  ...part("getDayOfYear", ({ date }) => dayOfYear(date)),
  ...part("getHours", ({ date }) => date.getUTCHours()),
  ...part("getMinutes", ({ date }) => date.getUTCMinutes()),
  ...part("getSeconds", ({ date }) => date.getUTCSeconds()),
  ...part("getMilliseconds", ({ milliseconds }) => milliseconds),
  span("getHours", (nanoseconds) => nanoseconds / (3600n * second)),
  span("getMinutes", (nanoseconds) => nanoseconds / (60n * second)),
  span("getSeconds", (nanoseconds) => nanoseconds / second),
  span("getMilliseconds", (nanoseconds) => (nanoseconds % second) / 1_000_000n),
];

function part(name: string, get: (clock: Clock) => number): Overload[] {
  return [
    overload(`.${name}`, { takes: ["timestamp"], gives: "int", run: ([time]) => BigInt(get(clockAt(time, 0))) }),
    overload(`.${name}`, {
      takes: ["timestamp", "string"],
      gives: "int",
      run: ([time, zone]) => BigInt(get(clockAt(time, offsetOf(time, zone)))),
    }),
  ];
}

function span(name: string, get: (nanoseconds: bigint) => bigint): Overload {
  return overload(`.${name}`, { takes: ["duration"], gives: "int", run: ([{ nanoseconds }]) => get(nanoseconds) });
}

/** With an offset from UTC in seconds. */
function clockAt({ nanoseconds }: TimestampValue, offset: number): Clock {
  const { seconds, rest } = split(nanoseconds);
  return { date: new Date((Number(seconds) + offset) * 1000), milliseconds: Number(rest / 1_000_000n) };
}

function dayOfYear(date: Date): number {
  const first = new Date(0);
  first.setUTCFullYear(date.getUTCFullYear(), 0, 1);
  return Math.floor((date.getTime() - first.getTime()) / 86_400_000);
}

/** How many seconds a place (`-08:00`, `Europe/Berlin`) is ahead of UTC at a time. */
function offsetOf({ nanoseconds }: TimestampValue, zone: string): number {
  const fixed = /^([+-]?)(\d\d):(\d\d)$/.exec(zone);
  if (fixed) {
    const [, sign, hours = "0", minutes = "0"] = fixed;
    return (Number(hours) * 3600 + Number(minutes) * 60) * (sign === "-" ? -1 : 1);
  }
  if (zone === "" || zone === "UTC") return 0;
  const seconds = Number(split(nanoseconds).seconds);
  const parts = new Map(
    zoneFormat(zone)
      .formatToParts(new Date(seconds * 1000))
      .map(({ type, value }) => [type, value]),
  );
  const number = (type: string): number => Number(parts.get(type as Intl.DateTimeFormatPartTypes) ?? "0");
  const local = new Date(0);
  const year = parts.get("era")?.startsWith("B") ? 1 - number("year") : number("year");
  local.setUTCFullYear(year, number("month") - 1, number("day"));
  local.setUTCHours(number("hour"), number("minute"), number("second"));
  return local.getTime() / 1000 - seconds;
}

function zoneFormat(timeZone: string): Intl.DateTimeFormat {
  if (timeZone.length > 64) throw new EvaluationFault("the time zone name is too long");
  try {
    return new Intl.DateTimeFormat("en-US", {
      timeZone,
      era: "short",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
      hourCycle: "h23",
    });
  } catch {
    throw new EvaluationFault(`unknown time zone ${timeZone}`);
  }
}
