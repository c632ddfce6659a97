/**
 * A whole number as a person reads it: `1,200`. `toLocaleString`, which says the same, takes 15 ms for its first
 * number, a twentieth of the scan of an image that is known.
 */
export function readableNumber(number: number): string {
  return String(number).replace(/\B(?=(?:\d{3})+$)/g, ",");
}
