import { endOfDigits, isDigit } from "./natural.ts";

/**
 * Whether two versions differ in one of the dotted numbers that they begin with, which no order here holds for equal:
 * 1.2.3 and 1.2.4, 1.9 and 1.10-rc1. False says nothing: it is also given for numbers with a zero in front, which some
 * orders weigh, and for a first number without a dot behind it, which may be an epoch.
 */
export function differInNumbers(a: string, b: string): boolean {
  let start = 0;
  let index = 0;
  for (let code = a.charCodeAt(0); code === b.charCodeAt(index); code = a.charCodeAt(++index)) {
    if (code === dot) start = index + 1;
    else if (!isDigit(code)) return false;
  }
  const endOfA = endOfDigits(a, index);
  const endOfB = endOfDigits(b, index);
  if (endOfA === start || endOfB === start || (endOfA === index && endOfB === index)) return false;
  if (start === 0 && (a.charCodeAt(endOfA) !== dot || b.charCodeAt(endOfB) !== dot)) return false;
  const isPadded =
    (endOfA > start + 1 && a.charCodeAt(start) === zero) || (endOfB > start + 1 && b.charCodeAt(start) === zero);
  return !isPadded;
}

const dot = 46;
const zero = 48;
