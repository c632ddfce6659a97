/** True for a time in the form of RFC 3339 that records have: `2024-01-02T03:04:05Z`, with or without a fraction. */
export function isRecordTime(text: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,12})?Z$/.test(text);
}

/**
 * A time by RFC 3339 as records have it, in UTC, as OSV's schema wants it; undefined for another text. For a fraction
 * with an offset, milliseconds are kept.
 */
export function recordTime(text: string): string | undefined {
  if (isRecordTime(text)) return text;
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,12})?[+-]\d\d:\d\d$/.test(text)) return undefined;
  const time = new Date(text);
  const utc = Number.isNaN(time.getTime()) ? "" : time.toISOString().replace(".000Z", "Z");
  return isRecordTime(utc) ? utc : undefined;
}
