import { compareText } from "../model/text/compare-text.ts";
import { endOfDigits, isDigit } from "./natural.ts";

/** A Python version that PEP 440 does not know, as the list of texts that setuptools compared before it. */
export interface LegacyPythonVersion {
  readonly kind: "legacy";
  readonly parts: readonly string[];
}

const final = "*final";
const dash = "*final-";
const zero = "00000000";
const replacements: ReadonlyMap<string, string> = new Map([
  ["pre", "c"],
  ["preview", "c"],
  ["rc", "c"],
  ["dev", "@"],
  ["-", "final-"],
]);

/**
 * Reads lower-case text as a version from before PEP 440: runs of digits, runs of letters and what stands between.
 * Undefined when it has no letter or digit, or when it has white space or anything that is not printable ASCII.
 *
 * Source: setuptools before version 8, `pkg_resources.parse_version`, which OSV still applies to such versions.
 */
export function parseLegacyPython(text: string): LegacyPythonVersion | undefined {
  if (!/^[!-~]+$/.test(text) || !/[a-z0-9]/.test(text)) return undefined;
  const parts: string[] = [];
  for (let position = 0; position < text.length; ) {
    const end = endOfPart(text, position);
    const raw = text.slice(position, end);
    position = end;
    if (raw !== ".") addPart(parts, replacements.get(raw) ?? raw);
  }
  addPart(parts, "final");
  return { kind: "legacy", parts };
}

/** Part by part; where one list is the start of the other, the shorter is lower. */
export function compareLegacyPython(a: LegacyPythonVersion, b: LegacyPythonVersion): -1 | 0 | 1 {
  for (let index = 0; ; index++) {
    const left = a.parts[index];
    const right = b.parts[index];
    if (left === undefined || right === undefined) return left !== undefined ? 1 : right !== undefined ? -1 : 0;
    const order = compareText(left, right);
    if (order !== 0) return order;
  }
}

function endOfPart(text: string, start: number): number {
  const kind = kindOf(text.charCodeAt(start));
  if (kind === "digit") return endOfDigits(text, start);
  if (kind === "separator") return start + 1;
  let end = start + 1;
  while (end < text.length && kindOf(text.charCodeAt(end)) === kind) end++;
  return end;
}

function kindOf(code: number): "digit" | "letter" | "separator" | "other" {
  if (isDigit(code)) return "digit";
  if (code >= 97 && code <= 122) return "letter";
  return code === 45 || code === 46 ? "separator" : "other";
}

/** Numbers are padded to eight digits; zeros and dashes in front of a word that sorts before the end are dropped. */
function addPart(parts: string[], part: string): void {
  if (isDigit(part.charCodeAt(0))) {
    parts.push(part.padStart(zero.length, "0"));
    return;
  }
  const word = `*${part}`;
  if (word < final) while (parts.at(-1) === dash) parts.pop();
  while (parts.at(-1) === zero) parts.pop();
  parts.push(word);
}
