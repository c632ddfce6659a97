/**
 * The numbers before and after the first dot as one: 1.2.3 gives 1 * 10^7 + 2. Undefined when anything else stands there,
 * when the second has a zero in front, which some orders weigh, or when one has more than seven digits. Every order here
 * compares these two first, so versions with different ones are never equal. (An epoch would stand before `:` or `!`.)
 */
export function leadingNumbers(text: string): number | undefined {
  let index = 0;
  let code = text.charCodeAt(0);
  let first = 0;
  for (; code >= zero && code <= nine; code = text.charCodeAt(++index)) first = first * 10 + code - zero;
  if (index === 0 || index > longest || code !== dot) return undefined;
  const start = ++index;
  code = text.charCodeAt(start);
  const hasZero = code === zero;
  let second = 0;
  for (; code >= zero && code <= nine; code = text.charCodeAt(++index)) second = second * 10 + code - zero;
  const digits = index - start;
  if (digits === 0 || digits > longest || (hasZero && digits > 1)) return undefined;
  return first * 10 ** longest + second;
}

const dot = 46;
const zero = 48;
const nine = 57;
/** Digits of a number; two of them together are exact. */
const longest = 7;
