import { PlimsollError } from "../../model/error.ts";
import { isTag } from "../../model/packages/reference.ts";

/** Says whether a tag is wanted. */
export type TagFilter = (tag: string) => boolean;

const mostPatterns = 100;
const longestPattern = 128;

/** A character of a pattern: says whether one of a tag fits it. */
type Place = (character: string) => boolean;

/** A pattern: what stands between its stars. */
type Glob = readonly (readonly Place[])[];

/**
 * Reads tag patterns, separated by commas: `*` stands for any characters, `?` for one, `[a-z0-9]` for one of these
 * and `[!a-z]` for one of the others, anything else for itself; `!` before a pattern takes away what it fits. A tag is
 * wanted when one of the patterns without `!` fits it, or there are none, and none with `!` does. Without patterns all
 * tags are.
 *
 * Error: `usage`.
 */
export function tagFilter(patterns: readonly string[]): TagFilter {
  if (patterns.length > mostPatterns) throw new PlimsollError("usage", `more than ${mostPatterns} tag patterns`);
  const globs = patterns.map((pattern) => ({ leavesOut: pattern.startsWith("!"), glob: read(pattern) }));
  const unwanted = globs.filter(({ leavesOut }) => leavesOut);
  const wanted = globs.filter(({ leavesOut }) => !leavesOut);
  return (tag) =>
    (wanted.length === 0 || wanted.some(({ glob }) => fits(glob, tag))) &&
    !unwanted.some(({ glob }) => fits(glob, tag));
}

function read(pattern: string): Glob {
  const glob = pattern.replace(/^!/, "");
  const parts = glob.length > longestPattern ? [] : (glob.match(/\[!?[\w.-]+\]|./gs) ?? []);
  if (parts.length === 0 || !isTag(parts.map((part) => (/^[*?]$|^\[.+\]$/.test(part) ? "x" : part)).join(""))) {
    throw new PlimsollError("usage", `${JSON.stringify(pattern.slice(0, longestPattern))} is not a valid tag pattern`, {
      hint: "Use letters, digits, dots, hyphens, *, ? and [0-9], separated by commas: 1.*,latest,!*-debug.",
    });
  }
  const pieces: Place[][] = [[]];
  for (const part of parts) {
    if (part === "*") pieces.push([]);
    else pieces.at(-1)?.push(placeOf(part));
  }
  return pieces;
}

function placeOf(part: string): Place {
  if (part === "?") return () => true;
  const set = /^\[(!?)(.+)\]$/.exec(part);
  if (!set) return (character) => character === part;
  const [, negation, content = ""] = set;
  const ranges = content.match(/.-.|./gs) ?? [];
  return (character) => (negation === "") === ranges.some((range) => isIn(character, range));
}

/** `a-z`, or one character; a hyphen at either end stands for itself. */
function isIn(character: string, range: string): boolean {
  return range.length === 3 ? character >= range.charAt(0) && character <= range.charAt(2) : character === range;
}

/**
 * Pieces between stars are looked for from left to right and never again further left: the work is at most the product
 * of the two lengths, which are short.
 */
function fits(glob: Glob, tag: string): boolean {
  const [first = [], ...rest] = glob;
  const last = rest.pop();
  if (last === undefined) return tag.length === first.length && isAt(tag, 0, first);
  if (!isAt(tag, 0, first)) return false;
  const end = tag.length - last.length;
  let at = first.length;
  for (const piece of rest) {
    while (at + piece.length <= end && !isAt(tag, at, piece)) at++;
    at += piece.length;
  }
  return at <= end && isAt(tag, end, last);
}

function isAt(tag: string, start: number, piece: readonly Place[]): boolean {
  return start + piece.length <= tag.length && piece.every((place, index) => place(tag.charAt(start + index)));
}
