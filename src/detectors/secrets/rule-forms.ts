import type { Severity } from "../../model/findings/finding.ts";
import type { SecretRule } from "./secret-rule.ts";

type Details = Partial<Pick<SecretRule, "entropy" | "validate" | "guessable" | "hasExamples" | "shown" | "keywords">>;

/**
 * A token with a known beginning. `form` is a regular expression; `longest` the most characters that it
 * matches. The keyword is what the form begins with, unless `keywords` are given.
 */
export function token(
  [id, title, severity]: readonly [string, string, Severity],
  form: string,
  { longest = 300, ...details }: Details & { readonly longest?: number } = {},
): SecretRule {
  const [start = ""] = /^[\w-]+/.exec(form.replace(/\\\./g, "_dot_")) ?? [];
  const prefix = /^[A-Za-z\d_-]+/.exec(form)?.[0] ?? start;
  const keywords = details.keywords ?? [prefix.toLowerCase()];
  return {
    ...{
      id,
      title,
      severity,
      keywords,
      before: Math.max(...keywords.map(({ length }) => length)) + 90,
      after: longest,
    },
    ...{ shown: prefix.length, ...details },
    pattern: new RegExp(`(?<![A-Za-z0-9_])${form}(?![A-Za-z0-9_])`, "g"),
  };
}

/**
 * A value without a beginning of its own, which a name near it gives away: `words` in the name, then `=` or `:`, then
 * the value, perhaps in quotes. In all letter cases of the name.
 */
export function assigned(
  [id, title, severity]: readonly [string, string, Severity],
  words: readonly string[],
  value: string,
  { longest = 200, ...details }: Details & { readonly longest?: number } = {},
): SecretRule {
  const names = words.map((word) => word.replaceAll("_", "[_.-]?")).join("|");
  return {
    ...{ id, title, severity, before: 40, after: 60 + longest, shown: 0 },
    keywords: details.keywords ?? words.map((word) => word.split("_")[0]?.toLowerCase() ?? word),
    ...details,
    pattern: new RegExp(
      `(?:${anyCase(names)})[\\w.-]{0,30}["'\\]]{0,2}\\s{0,3}(?::=|=>|[=:])\\s{0,3}["'\`]?(?<secret>${value})(?![A-Za-z0-9_+/=-])`,
      "g",
    ),
  };
}

/** A regular expression of letters and `[_.-]?` that ignores the letter case, while the rest of a pattern does not. */
function anyCase(names: string): string {
  return names.replace(/[a-z]/gi, (letter) => `[${letter.toLowerCase()}${letter.toUpperCase()}]`);
}
