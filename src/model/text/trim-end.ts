/**
 * The text without these characters at its end, whatever their order. A regular expression such as `/x+$/` looks at a
 * long run of them once for each of its places, in quadratic time; this looks at it once.
 */
export function trimEnd(text: string, characters: string): string {
  let end = text.length;
  while (end > 0 && characters.includes(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}
