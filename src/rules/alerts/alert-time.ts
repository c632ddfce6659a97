/**
 * How the time in front of a message reads: `local` is the time of day where the program runs, `iso` a date and time in
 * UTC.
 */
export type TimeFormat = "local" | "iso";

/** `2016-08-04T16:17:57.881785348`, UTC, of nanoseconds since 1970. */
export function isoTime(time: bigint): string {
  const { seconds, fraction } = partsOf(time);
  const date = new Date(seconds * 1000);
  // A time that no calendar has comes from a damaged capture.
  const text = Number.isNaN(date.getTime()) ? "1970-01-01T00:00:00" : date.toISOString().slice(0, -5);
  return `${text}.${fraction}`;
}

/** `16:17:57.881785348`, in the time zone of the process. */
export function timeOfDay(time: bigint): string {
  const { seconds, fraction } = partsOf(time);
  const date = new Date(seconds * 1000);
  const parts = [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, "0"));
  return `${parts.join(":")}.${fraction}`;
}

/** The field that Falco adds to an alert for its time. */
export function timeField(format: TimeFormat): string {
  return format === "iso" ? "evt.time.iso8601" : "evt.time";
}

/** The value of that field as text. */
export function printTime(time: bigint, format: TimeFormat): string {
  return format === "iso" ? `${isoTime(time)}+0000` : timeOfDay(time);
}

const billion = 1_000_000_000n;

function partsOf(time: bigint): { readonly seconds: number; readonly fraction: string } {
  const fraction = BigInt.asUintN(64, time) % billion;
  return { seconds: Number(BigInt.asUintN(64, time) / billion), fraction: String(fraction).padStart(9, "0") };
}
