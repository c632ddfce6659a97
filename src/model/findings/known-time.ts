/** What `modified` of a record is when its publisher gives no date. */
export const unknownTime = "1970-01-01T00:00:00Z";

/**
 * True for a time of a record that its publisher gave: not for {@link unknownTime}, nor for Go's zero time, which is in
 * the year 1.
 */
export function isKnownTime(modified: string): boolean {
  return modified > unknownTime;
}
