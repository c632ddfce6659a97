/**
 * A whole number of any size, exact: a `number` below 10^15, a `bigint` from there on. JavaScript compares the two with
 * each other exactly; `===` between them is false for different values only, because each value has one form.
 */
export type Natural = number | bigint;

const zero = 48;
const nine = 57;
const longestNumber = 15;

/** True for the ASCII digits. */
export function isDigit(code: number): boolean {
  return code >= zero && code <= nine;
}

/** True for the ASCII letters. */
export function isLetter(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90);
}

/** The index of the first character from `start` on that is not a digit. */
export function endOfDigits(text: string, start: number): number {
  let end = start;
  while (end < text.length && isDigit(text.charCodeAt(end))) end++;
  return end;
}

/** The value of the digits from `start` to `end`, with or without leading zeros; 0 where there are none. */
export function readNatural(text: string, start: number, end: number): Natural {
  let first = start;
  while (first < end && text.charCodeAt(first) === zero) first++;
  if (end - first > longestNumber) return BigInt(text.slice(first, end));
  let value = 0;
  for (let index = first; index < end; index++) value = value * 10 + text.charCodeAt(index) - zero;
  return value;
}

/** Numeric order. */
export function compareNaturals(a: Natural, b: Natural): -1 | 0 | 1 {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The order the other way round. */
export function negate(order: -1 | 0 | 1): -1 | 0 | 1 {
  return order === 0 ? 0 : order > 0 ? -1 : 1;
}

/** True for a text with ASCII white space or an ASCII control character in it. */
export function hasBlank(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code <= 32 || code === 127) return true;
  }
  return false;
}
