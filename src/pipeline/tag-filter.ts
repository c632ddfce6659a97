import { PlimsollError } from "../model/error.ts";
import { isTag } from "../model/reference.ts";

/** Says whether a tag is wanted. */
export type TagFilter = (tag: string) => boolean;

const mostPatterns = 100;
const longestPattern = 128;

/**
 * Reads patterns for tags, separated by commas: `*` stands for any characters, `?` for one, anything else for itself; `!` before a
 * pattern takes away what it fits. A tag is wanted when one of the patterns without `!` fits it, or there are none, and none with `!`
 * does. Without patterns all tags are.
 *
 * Error: `usage`.
 */
export function tagFilter(patterns: readonly string[]): TagFilter {
  if (patterns.length > mostPatterns) throw new PlimsollError("usage", `more than ${mostPatterns} patterns for tags`);
  for (const pattern of patterns) check(pattern);
  const unwanted = patterns.filter((pattern) => pattern.startsWith("!")).map((pattern) => pattern.slice(1));
  const wanted = patterns.filter((pattern) => !pattern.startsWith("!"));
  return (tag) =>
    (wanted.length === 0 || wanted.some((pattern) => fits(pattern, tag))) &&
    !unwanted.some((pattern) => fits(pattern, tag));
}

function check(pattern: string): void {
  const glob = pattern.replace(/^!/, "");
  if (glob !== "" && glob.length <= longestPattern && isTag(glob.replaceAll(/[*?]/g, "x"))) return;
  throw new PlimsollError("usage", `${JSON.stringify(pattern.slice(0, longestPattern))} is no pattern for tags`, {
    hint: "Write letters, digits, dots, hyphens, * and ?, separated by commas: 1.*,latest,!*-debug.",
  });
}

/**
 * Pieces between stars are looked for from left to right and never again further left: the work is at most the product of the two
 * lengths, which are short.
 */
function fits(pattern: string, tag: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  const last = rest.pop();
  if (last === undefined) return tag.length === pattern.length && isAt(tag, 0, pattern);
  if (!isAt(tag, 0, first)) return false;
  const end = tag.length - last.length;
  let at = first.length;
  for (const piece of rest) {
    while (at + piece.length <= end && !isAt(tag, at, piece)) at++;
    at += piece.length;
  }
  return at <= end && isAt(tag, end, last);
}

function isAt(tag: string, start: number, piece: string): boolean {
  if (start + piece.length > tag.length) return false;
  for (let index = 0; index < piece.length; index++) {
    if (piece[index] !== "?" && piece[index] !== tag[start + index]) return false;
  }
  return true;
}
