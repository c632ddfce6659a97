import { expandVariables } from "./expand-variables.ts";

// Files `.env` as Compose reads them: https://docs.docker.com/reference/compose-file/services/#env_file-format.

/** The variables of a file `.env`, and the first line, from 1, that could not be read. */
export interface DotenvReading {
  readonly variables: ReadonlyMap<string, string>;
  readonly unreadLine?: number;
}

const mostVariables = 10_000;
// Characters of all values, with their variables replaced.
const mostCharacters = 4 * 1024 * 1024;
const start = /[^\S\n]*(?:export[^\S\n]+)?([A-Za-z_][\w.-]*)[^\S\n]*(?:([=:])[^\S\n]*|(?=\n|$))/y;
const blank = /[^\S\n]*(?:#[^\n]*)?(?:\n|$)/y;
const escapes: ReadonlyMap<string, string> = new Map([
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
]);

/**
 * Reads variables. A value without quotes ends at a blank before `#`; in double quotes and without quotes, variables
 * before it are put in their place. A name without a value has one of the environment, and is left out.
 */
export function readDotenv(content: string): DotenvReading {
  const text = content.replaceAll("\r\n", "\n").replace(/^\uFEFF/, "");
  const variables = new Map<string, string>();
  let at = 0;
  let size = 0;
  while (at < text.length) {
    const empty = matchAt(blank, text, at);
    if (empty) {
      at += Math.max(empty[0].length, 1);
      continue;
    }
    const match = matchAt(start, text, at);
    const [whole = "", name = "", separator] = match ?? [];
    const value = match && variables.size < mostVariables ? readValue(text, at + whole.length) : undefined;
    if (value === undefined) return { variables, unreadLine: text.slice(0, at).split("\n").length };
    const expanded = value.isLiteral ? value.text : expandVariables(value.text, variables);
    size += expanded.length;
    if (size > mostCharacters) return { variables, unreadLine: text.slice(0, at).split("\n").length };
    if (separator !== undefined) variables.set(name, expanded);
    else variables.delete(name);
    at = value.end;
  }
  return { variables };
}

interface DotenvValue {
  readonly text: string;
  readonly isLiteral: boolean;
  /** Where the next line begins. */
  readonly end: number;
}

function readValue(text: string, from: number): DotenvValue | undefined {
  const quote = text[from];
  const lineEnd = endOfLine(text, from);
  if (quote !== "'" && quote !== '"') {
    const line = text.slice(from, lineEnd);
    const comment = line.search(/(?:^|\s)#/);
    return { text: (comment < 0 ? line : line.slice(0, comment)).trim(), isLiteral: false, end: lineEnd + 1 };
  }
  let value = "";
  for (let at = from + 1; at < text.length; at++) {
    const character = text[at] ?? "";
    if (character === quote) {
      const rest = matchAt(blank, text, at + 1);
      return rest === null
        ? undefined
        : { text: value, isLiteral: quote === "'", end: at + 1 + Math.max(rest[0].length, 1) };
    }
    if (character === "\\" && at + 1 < text.length) {
      const next = text[++at] ?? "";
      if (quote === "'") value += next === "'" ? next : `\\${next}`;
      else value += next === "$" ? "$$" : (escapes.get(next) ?? next);
    } else value += character;
  }
  return undefined;
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  return end < 0 ? text.length : end;
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}
