/**
 * What a text must be: itself, or, where the pattern has a `*`, the rest of the pattern with any characters, also none,
 * in place of each `*`. Nothing else has a meaning of its own, so a dot in an address is a dot.
 */
export type TextPattern = string;

/** The longest pattern and text that are compared; a longer text does not match. */
const longest = 4096;

/** True when the whole text is as the pattern says. Upper and lower case differ. */
export function matchesPattern(pattern: TextPattern, text: string): boolean {
  if (pattern.length > longest || text.length > longest) return false;
  const pieces = pattern.split("*");
  const first = pieces[0] ?? "";
  if (pieces.length === 1) return text === pattern;
  const last = pieces.at(-1) ?? "";
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
  // The leftmost place for each piece leaves the most room for those after it, so no other needs to be tried.
  const end = text.length - last.length;
  let at = first.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = text.indexOf(piece, at);
    if (found < 0 || found + piece.length > end) return false;
    at = found + piece.length;
  }
  return true;
}
