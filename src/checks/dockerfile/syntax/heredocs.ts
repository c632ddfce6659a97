import type { Heredoc } from "./dockerfile.ts";
import { expandWords } from "./expand-words.ts";

const mostHeredocs = 100;

/** What begins a heredoc: `<<NAME`, `<<-NAME`, `2<<"NAME"`. */
type HeredocStart = Omit<Heredoc, "content" | "line">;

/** The heredocs that a joined instruction begins, in order; `error` when one has no clear name. */
export function heredocStarts(text: string): readonly HeredocStart[] | { readonly error: string } {
  const line = expandWords(text, {
    keepQuotes: true,
    keepEscapes: true,
    keepUnset: true,
  });
  if ("error" in line) return [];
  const starts: HeredocStart[] = [];
  for (const word of line.words) {
    const start = heredocStart(word);
    if (start === undefined) continue;
    if ("error" in start) return start;
    starts.push(start);
    if (starts.length > mostHeredocs) return { error: `more than ${mostHeredocs} heredocs` };
  }
  return starts;
}

/** Reads one word; `undefined` when it begins no heredoc. */
function heredocStart(word: string): HeredocStart | { readonly error: string } | undefined {
  const match = /^(\d{0,9})<<(-?)\s*([^\s<][^<]*)$/.exec(word);
  if (match === null) return undefined;
  const [, descriptor = "", dash = "", rest = ""] = match;
  const plain = expandWords(rest, { keepUnset: true });
  const quoted = expandWords(rest, { keepUnset: true, keepQuotes: true });
  if ("error" in plain || "error" in quoted) return { error: "the name of a heredoc has an unclosed quote" };
  const [name, ...others] = plain.words;
  if (name === undefined || others.length > 0) return undefined;
  return {
    name,
    chomp: dash === "-",
    expand: quotes(name) === quotes(quoted.words.join(" ")),
    descriptor: Number(descriptor),
  };
}

function quotes(text: string): number {
  return text.split(/["']/).length;
}
