import { trimEnd } from "../../model/text/trim-end.ts";

const any = -1;
const star = -2;
const never = -3;
const firstSet = -4;

const classes: Readonly<Record<string, RegExp>> = {
  alnum: /[0-9A-Za-z]/,
  alpha: /[A-Za-z]/,
  blank: /[ \t]/,
  cntrl: /[\0-\x1f\x7f]/,
  digit: /[0-9]/,
  graph: /[!-~]/,
  lower: /[a-z]/,
  print: /[ -~]/,
  punct: /[!-/:-@[-`{-~]/,
  space: /[ \t\n\v\f\r]/,
  upper: /[A-Z]/,
  xdigit: /[0-9A-Fa-f]/,
};

/**
 * A test for a pattern of `fnmatch(3)` with no flags in the C locale: `*` and `?` match slashes too, `\` escapes,
 * `[!a-z[:digit:]]` are sets. With `ignoresCase` letters of ASCII match in either case. Pattern and values are byte
 * strings. A match costs at most the length of the pattern times that of the value.
 */
export function compileGlob(pattern: string, ignoresCase = false): (value: string) => boolean {
  const simple = ignoresCase ? undefined : simpleGlob(pattern);
  if (simple !== undefined) return simple;
  const sets: Uint8Array[] = [];
  const tokens = tokensOf(ignoresCase ? asciiLower(pattern) : pattern, sets, ignoresCase);
  if (ignoresCase) return (value) => matches(tokens, sets, asciiLower(value));
  return (value) => matches(tokens, sets, value);
}

/** The text with the letters of ASCII in lower case. */
export function asciiLower(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

// A pattern whose only stars stand at its ends.
function simpleGlob(pattern: string): ((value: string) => boolean) | undefined {
  const text = trimEnd(pattern.replace(/^\*+/, ""), "*");
  if (/[*?[\\]/.test(text)) return undefined;
  const isOpenAtStart = pattern.startsWith("*");
  const isOpenAtEnd = pattern.endsWith("*");
  if (isOpenAtStart && isOpenAtEnd) return (value) => value.includes(text);
  if (isOpenAtStart) return (value) => value.endsWith(text);
  if (isOpenAtEnd) return (value) => value.startsWith(text);
  return (value) => value === text;
}

function tokensOf(pattern: string, sets: Uint8Array[], ignoresCase: boolean): Int32Array {
  const tokens: number[] = [];
  for (let index = 0; index < pattern.length; index++) {
    const character = pattern[index];
    if (character === "*") {
      if (tokens.at(-1) !== star) tokens.push(star);
    } else if (character === "?") tokens.push(any);
    else if (character === "\\") {
      index++;
      tokens.push(index < pattern.length ? pattern.charCodeAt(index) : never);
    } else if (character === "[") {
      const set = setAt(pattern, index, ignoresCase);
      if (set === undefined) tokens.push(pattern.charCodeAt(index));
      else {
        tokens.push(firstSet - sets.length);
        sets.push(set.members);
        index = set.end;
      }
    } else tokens.push(pattern.charCodeAt(index));
  }
  return Int32Array.from(tokens);
}

// The set that begins at `start` and the place of its closing bracket; none without one, then the bracket stands for
// itself.
function setAt(pattern: string, start: number, ignoresCase: boolean): { members: Uint8Array; end: number } | undefined {
  const members = new Uint8Array(256);
  let index = start + 1;
  const isNegated = pattern[index] === "!" || pattern[index] === "^";
  if (isNegated) index++;
  const first = index;
  for (; index < pattern.length; index++) {
    if (pattern[index] === "]" && index > first) {
      return { members: isNegated ? members.map((member) => 1 - member) : members, end: index };
    }
    const name = /^\[:([a-z]+):\]/.exec(pattern.slice(index, index + 12))?.[1];
    if (name !== undefined) {
      // With either case, the value is in lower case by then.
      const letters = classes[ignoresCase && name === "upper" ? "lower" : name];
      for (let code = 0; code < 256; code++) if (letters?.test(String.fromCharCode(code))) members[code] = 1;
      index += name.length + 3;
      continue;
    }
    if (pattern[index] === "\\" && index + 1 < pattern.length) index++;
    const from = pattern.charCodeAt(index);
    let to = from;
    if (pattern[index + 1] === "-" && index + 2 < pattern.length && pattern[index + 2] !== "]") {
      index += 2;
      if (pattern[index] === "\\" && index + 1 < pattern.length) index++;
      to = pattern.charCodeAt(index);
    }
    members.fill(1, from, to + 1);
  }
  return undefined;
}

// On a mismatch the last star takes one character more: earlier stars need not be tried again.
function matches(tokens: Int32Array, sets: readonly Uint8Array[], value: string): boolean {
  let token = 0;
  let index = 0;
  let starToken = -1;
  let starIndex = 0;
  while (index < value.length) {
    const expected = token < tokens.length ? (tokens[token] as number) : never;
    const code = value.charCodeAt(index);
    if (expected === star) {
      starToken = token++;
      starIndex = index;
    } else if (
      expected === code ||
      expected === any ||
      (expected <= firstSet && sets[firstSet - expected]?.[code] === 1)
    ) {
      token++;
      index++;
    } else if (starToken !== -1) {
      token = starToken + 1;
      index = ++starIndex;
    } else return false;
  }
  while (tokens[token] === star) token++;
  return token === tokens.length;
}
