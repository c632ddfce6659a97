import { endOfDigits } from "./natural.ts";

/**
 * The number before the first dot; undefined when anything else stands there. Every order here compares it first, so versions
 * with different ones are never equal. (An epoch would stand before `:` or `!`.)
 */
export function leadingNumber(text: string): number | undefined {
  const end = endOfDigits(text, 0);
  if (end === 0 || end > longest || text.charCodeAt(end) !== 46) return undefined;
  let value = 0;
  for (let index = 0; index < end; index++) value = value * 10 + text.charCodeAt(index) - 48;
  return value;
}

/** Digits of a number that is exact. */
const longest = 15;
