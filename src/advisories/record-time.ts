/** What `modified` of a record is when its publisher gives no date. */
export const unknownTime = "1970-01-01T00:00:00Z";

/** True for a time in the form of RFC 3339 that records have: `2024-01-02T03:04:05Z`, with a fraction or an offset. */
export function isRecordTime(text: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,12})?(Z|[+-]\d\d:\d\d)$/.test(text);
}
