import { RE2JS } from "re2js";
import { ScriptRefusal } from "./parse-script.ts";

const longestPattern = 4096;

/** How a pattern of grep, sed or awk is written. */
export interface PatternOptions {
  /** POSIX extended syntax; basic without it. */
  readonly extended?: boolean;
  readonly ignoresCase?: boolean;
}

/** Compiles a POSIX pattern with GNU's additions to one that runs in linear time. Error: {@link ScriptRefusal}. */
export function compilePosixPattern(pattern: string, { extended = false, ignoresCase = false }: PatternOptions): RE2JS {
  if (pattern.length > longestPattern) throw new ScriptRefusal("a pattern is too long");
  try {
    return RE2JS.compile(translated(pattern, extended), ignoresCase ? RE2JS.CASE_INSENSITIVE : 0);
  } catch (error) {
    if (error instanceof ScriptRefusal) throw error;
    throw new ScriptRefusal(`the pattern ${pattern} is not supported`);
  }
}

/** A pattern that matches exactly this text. */
export function compileFixedPattern(text: string, { ignoresCase = false }: PatternOptions): RE2JS {
  return RE2JS.compile(RE2JS.quote(text), ignoresCase ? RE2JS.CASE_INSENSITIVE : 0);
}

function translated(pattern: string, extended: boolean): string {
  let result = "";
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at] ?? "";
    if (character === "[") {
      const end = bracketEnd(pattern, at);
      result += pattern.slice(at, end).replaceAll("\\", "\\\\");
      at = end - 1;
    } else if (character === "\\") {
      const next = pattern[++at] ?? "";
      if (/[1-9]/.test(next)) throw new ScriptRefusal("back-references in patterns are not supported");
      if (next === "<" || next === ">") result += "\\b";
      else if (/[(){}|+?]/.test(next)) result += extended ? `\\${next}` : next;
      else result += /[sSwWbB]/.test(next) ? `\\${next}` : next === "" ? "\\\\" : RE2JS.quote(next);
    } else if (!extended && /[(){}|+?]/.test(character)) result += `\\${character}`;
    else if (!extended && character === "*" && (result === "" || result === "^" || result.endsWith("(")))
      result += "\\*";
    else if (!extended && character === "^" && result !== "" && !/[(|]$/.test(result)) result += "\\^";
    else if (!extended && character === "$" && at < pattern.length - 1 && !/^\\[)|]/.test(pattern.slice(at + 1))) {
      result += "\\$";
    } else result += character;
  }
  return result;
}

function bracketEnd(pattern: string, start: number): number {
  let at = start + 1;
  if (pattern[at] === "^") at++;
  if (pattern[at] === "]") at++;
  while (at < pattern.length && pattern[at] !== "]") {
    const isClass = pattern.startsWith("[:", at);
    const end = isClass ? pattern.indexOf(":]", at) : -1;
    at = end < 0 ? at + 1 : end + 2;
  }
  if (at >= pattern.length) throw new ScriptRefusal("a bracket of a pattern is not closed");
  return at + 1;
}
