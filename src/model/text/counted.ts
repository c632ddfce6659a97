import { readableNumber } from "./readable-number.ts";

/** A number with its noun, as a person reads it: `1 package`, `2 packages`, `1,200 packages`. */
export function counted(number: number, singular: string, plural = `${singular}s`): string {
  return `${readableNumber(number)} ${number === 1 ? singular : plural}`;
}
