import type { YamlShape } from "../../io/documents/yaml-shape.ts";

/** Whether a text is a day of the calendar such as `2027-01-31`. */
export function isDay(text: string): boolean {
  // Some days that no calendar has, as 2027-02-30, are read as others.
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : Number.NaN;
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

/** Reads a day. Error: `file-malformed` with the place. */
export function readDay(shape: YamlShape): string {
  const text = shape.text();
  return isDay(text) ? text : shape.refuse("is not a date such as 2027-01-31");
}
