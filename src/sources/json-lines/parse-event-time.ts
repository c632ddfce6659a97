const form = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,40}))?(?:([Zz])|([+-])(\d\d):?(\d\d))$/;

/** Nanoseconds since 1970 of a time in RFC 3339; undefined when the text is none, or from before 1970. */
export function parseEventTime(text: unknown): bigint | undefined {
  if (typeof text !== "string" || text.length > 80) return undefined;
  const match = form.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second, fraction = "", , sign, zoneHour = "0", zoneMinute = "0"] = match;
  const date = Date.UTC(Number(year), Number(month) - 1, Number(day));
  const isDay = new Date(date).getUTCDate() === Number(day) && new Date(date).getUTCMonth() === Number(month) - 1;
  if (!isDay || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return undefined;
  const zone = (Number(zoneHour) * 60 + Number(zoneMinute)) * (sign === "-" ? -60 : 60);
  const seconds = date / 1000 + Number(hour) * 3600 + Number(minute) * 60 + Number(second) - zone;
  if (seconds < 0) return undefined;
  return BigInt(seconds) * 1_000_000_000n + BigInt(fraction.slice(0, 9).padEnd(9, "0"));
}
