const second = 1_000_000_000n;

/** `23:59:58`, in the zone, with nine digits of the fraction when asked for. */
export function timeOfDay(time: bigint, timeZone: string, withFraction: boolean): string {
  return `${wallClock(time, timeZone).slice(11, 19)}${withFraction ? fraction(time) : ""}`;
}

/** `2026-07-31 23:59:58.000000001`, in the zone. */
export function localDateTime(time: bigint, timeZone: string): string {
  return `${localDate(time, timeZone)} ${timeOfDay(time, timeZone, true)}`;
}

/** `2026-07-31`, in the zone. */
export function localDate(time: bigint, timeZone: string): string {
  return wallClock(time, timeZone).slice(0, 10);
}

/** `2026-07-31T23:59:58.000000001+0000`. */
export function isoTime(time: bigint): string {
  return `${wallClock(time, "UTC")}${fraction(time)}+0000`;
}

function fraction(time: bigint): string {
  return `.${(time % second).toString().padStart(9, "0")}`;
}

/** `2026-07-31T23:59:58` in the zone; the last second that JavaScript knows for times after it. */
function wallClock(time: bigint, timeZone: string): string {
  const milliseconds = Math.min(Number(time / second) * 1000, 8.64e15);
  const shifted = milliseconds + (timeZone === "UTC" ? 0 : zoneOffset(milliseconds, timeZone));
  return new Date(shifted).toISOString().slice(-24, -5);
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** How far the zone is ahead of UTC then, in milliseconds. */
function zoneOffset(milliseconds: number, timeZone: string): number {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" });
    formats.set(timeZone, format);
  }
  const name = format.formatToParts(milliseconds).find(({ type }) => type === "timeZoneName")?.value ?? "";
  const [, sign, hours = "0", minutes = "0"] = /GMT([+-])(\d\d):?(\d\d)?/.exec(name) ?? [];
  return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}
