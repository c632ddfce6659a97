import { RE2JS, RE2JSException } from "re2js";
import { cleanText, isUtf8 } from "./byte-string.ts";
import { ConditionError } from "./condition.ts";

// re2js supports the larger syntax of Perl. What RE2 refuses or reads otherwise when it is asked for POSIX syntax
// alone, as Falco asks, is refused or rewritten here: no `(?`, no escapes that stand for classes or places, a second
// repetition repeats the first.

/**
 * A test for a regular expression in the syntax of RE2 for POSIX, matched against the whole value in linear time.
 * Pattern and values are byte strings; values that are not UTF-8 are cleaned first. Throws a `ConditionError` for a
 * pattern that is none.
 */
export function compileRegex(pattern: string): (value: string) => boolean {
  if (!isUtf8(pattern)) throw invalid("invalid UTF-8");
  const written = cleanText(pattern);
  const expression = compile(`(?m)${posixPattern(written)}`, written);
  return (value) => expression.matches(cleanText(value));
}

/** `written`: the pattern as messages show it. */
function compile(pattern: string, written: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    const reason = error.message.replace(/^error parsing regexp: /, "").replaceAll("`", "");
    // A part of the pattern that was rewritten is not in the user's text: then the whole text is shown.
    const part = /^[a-z ()/]*: (.*)$/s.exec(reason)?.[1] ?? "";
    throw invalid(written.includes(part) ? reason : `${reason.slice(0, reason.length - part.length)}${written}`);
  }
}

function invalid(reason: string): ConditionError {
  return new ConditionError(`invalid regex pattern: ${reason}`);
}

// Reads the pattern atom by atom and gives it in the syntax of Perl.
function posixPattern(pattern: string): string {
  const parts: string[] = [];
  const groups: number[] = [];
  let atom: number | undefined;
  let isRepeated = false;

  function pushAtom(text: string): void {
    atom = parts.length;
    isRepeated = false;
    parts.push(text);
  }

  let index = 0;
  while (index < pattern.length) {
    const character = pattern[index] as string;
    let length = 1;
    if (character === "\\") {
      length = escapeLength(pattern, index);
      pushAtom(pattern.slice(index, index + length));
    } else if (character === "[") {
      length = classLength(pattern, index);
      pushAtom(pattern.slice(index, index + length));
    } else if (character === "(") {
      groups.push(parts.length);
      atom = undefined;
      parts.push("(");
    } else if (character === ")") {
      const start = groups.pop();
      if (start === undefined) throw invalid(`unexpected ): ${pattern}`);
      parts.push(")");
      atom = start;
      isRepeated = false;
    } else if (character === "|") {
      parts.push("|");
      atom = undefined;
    } else {
      const repetition = /^(?:[*+?]|\{\d+(?:,\d*)?\})/.exec(pattern.slice(index, index + 20))?.[0];
      if (repetition === undefined) {
        const codePoint = pattern.codePointAt(index) as number;
        length = codePoint > 0xffff ? 2 : 1;
        pushAtom(pattern.slice(index, index + length));
      } else {
        length = repetition.length;
        if (atom === undefined) throw invalid(`no argument for repetition operator: ${repetition}`);
        if (isRepeated) {
          parts[atom] = `(?:${parts[atom]}`;
          parts.push(")");
        }
        parts.push(repetition);
        isRepeated = true;
      }
    }
    index += length;
  }
  return parts.join("");
}

// Only escapes for a single character are left: \n and its like, \x.., octal numbers, and punctuation.
function escapeLength(pattern: string, index: number): number {
  const letter = pattern[index + 1];
  if (letter === undefined) throw invalid("trailing \\");
  if (/[A-Za-z]/.test(letter) && !/[afnrtvx]/.test(letter)) throw invalid(`invalid escape sequence: \\${letter}`);
  if (letter === "x")
    return /^\\x(?:\{[0-9A-Fa-f]+\}|[0-9A-Fa-f]{2})/.exec(pattern.slice(index, index + 16))?.[0].length ?? 2;
  if (/[0-7]/.test(letter)) return /^\\[0-7]{1,3}/.exec(pattern.slice(index, index + 4))?.[0].length ?? 2;
  return 2;
}

function classLength(pattern: string, start: number): number {
  let index = start + 1;
  if (pattern[index] === "^") index++;
  const first = index;
  while (index < pattern.length) {
    const character = pattern[index];
    if (character === "]" && index > first) return index + 1 - start;
    const named = character === "[" ? /^\[:\^?[a-z]+:\]/.exec(pattern.slice(index, index + 12))?.[0] : undefined;
    if (named !== undefined) {
      index += named.length;
      continue;
    }
    if (character === "-" && index > first && pattern[index + 1] !== "]") {
      throw invalid(`invalid character class range: ${pattern.slice(index, index + 2)}`);
    }
    index += character === "\\" ? escapeLength(pattern, index) : 1;
    if (pattern[index] === "-" && pattern[index + 1] !== "]") {
      index++;
      index += pattern[index] === "\\" ? escapeLength(pattern, index) : 1;
    }
  }
  throw invalid(`missing ]: ${pattern.slice(start)}`);
}
