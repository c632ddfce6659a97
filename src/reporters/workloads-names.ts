import { gutter, row } from "./table-layout.ts";
import { clip, clipStart, displayWidth, type Line, type Span, type Style } from "./terminal-text.ts";

/** The algorithm and 12 digits, which tell images apart and are what engines show themselves. */
export function shortDigest(digest: string): string {
  return digest.replace(/^([a-z0-9]+:[0-9a-f]{12})[0-9a-f]+$/, "$1");
}

/** The text with every digest in it as {@link shortDigest} has it. */
export function withShortDigests(text: string): string {
  return text.replace(/\bsha(?:256|512):[0-9a-f]{64,128}(?![0-9a-f])/g, shortDigest);
}

const leastStart = 8;

/**
 * A name in `width` columns: with a short digest, and where that is not enough without its middle, since the beginning
 * tells the registry, or the namespace, and the end the image and its tag. What follows the last slash is whole as long
 * as something of the beginning has room beside it.
 */
export function shortName(name: string, width: number): string {
  const short = withShortDigests(name);
  if (displayWidth(short) <= width) return short;
  const last = displayWidth(short.slice(short.lastIndexOf("/")));
  const end = Math.min(Math.max(last, Math.floor((width * 2) / 3)), width - leastStart);
  const start = clip(short, width - end);
  return start + clipStart(short, width - displayWidth(start) + 1).slice("…".length);
}

/** A printable name in at most `width` columns, or whole where that would make it look like another one. */
export type NameInColumns = (name: string, width: number) => string;

/**
 * Names as {@link shortName} has them, each whole that would be the same as another of `names` in as many columns.
 * `names` are printable.
 */
export function distinctNames(names: Iterable<string>): NameInColumns {
  const all = new Set(names);
  const namesOf = new Map<number, Map<string, number>>();
  return (name, width) => {
    const short = shortName(name, width);
    if (short === name) return name;
    let counts = namesOf.get(width);
    if (!counts) {
      counts = new Map();
      for (const other of all) {
        const text = shortName(other, width);
        counts.set(text, (counts.get(text) ?? 0) + 1);
      }
      namesOf.set(width, counts);
    }
    const alike = (counts.get(short) ?? 0) - (all.has(name) ? 1 : 0);
    return alike > 0 ? name : short;
  };
}

/**
 * Words in lines behind the gutter, the label beside the first. A word is never broken: one that is longer than a line
 * has a line of its own and goes beyond it, so that it can be copied.
 */
export function* wholeWords(
  label: Span | undefined,
  text: string,
  { columns, style = "plain" }: { readonly columns: number; readonly style?: Style },
): Iterable<Line> {
  let [rest, line] = [label, ""];
  for (const word of text.split(" ").filter((part) => part !== "")) {
    if (line !== "" && gutter + displayWidth(`${line} ${word}`) > columns) {
      yield row(rest, [{ text: line, style }]);
      [rest, line] = [undefined, ""];
    }
    line = line === "" ? word : `${line} ${word}`;
  }
  if (line !== "") yield row(rest, [{ text: line, style }]);
}
