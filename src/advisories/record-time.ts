/** What `modified` of a record is when its publisher gives no date. */
export const unknownTime = "1970-01-01T00:00:00Z";

/**
 * True for a time of a record that its publisher gave: not for {@link unknownTime}, nor for Go's zero time, which is in
 * the year 1.
 */
export function isKnownTime(modified: string): boolean {
  return modified > unknownTime;
}

/** True for a time in the form of RFC 3339 that records have: `2024-01-02T03:04:05Z`, with or without a fraction. */
export function isRecordTime(text: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,12})?Z$/.test(text);
}

/**
 * A time by RFC 3339 as records have it, in UTC, as OSV's schema wants it; undefined for another text. Of a fraction
 * beside an offset milliseconds are kept.
 */
export function recordTime(text: string): string | undefined {
  if (isRecordTime(text)) return text;
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,12})?[+-]\d\d:\d\d$/.test(text)) return undefined;
  const time = new Date(text);
  const utc = Number.isNaN(time.getTime()) ? "" : time.toISOString().replace(".000Z", "Z");
  return isRecordTime(utc) ? utc : undefined;
}
