import { limits } from "../limits.ts";
import { addByte, anyByte, type ByteSet, byte, complementOf, emptySet, type Pattern } from "./pattern.ts";
import { RuleError } from "./rule-error.ts";

const token = /\s*(?:(~?)([0-9A-Fa-f?]{2})|\[\s*([0-9]*)\s*(-?)\s*([0-9]*)\s*\]|([(|)]))/y;

/** The pattern of a hex string, from the text between its braces. Errors: {@link RuleError}. */
export function parseHex(text: string, line: number): Pattern {
  const source = text.trim();
  const open: Pattern[][][] = [[[]]];
  const innermost = (): Pattern[][] => open.at(-1) ?? [];
  const add = (part: Pattern): void => {
    const parts = innermost().at(-1);
    const last = parts?.at(-1);
    if (part.kind !== "repeat" || last?.kind !== "repeat") parts?.push(part);
    // Two jumps are one.
    else parts?.splice(-1, 1, { ...part, least: part.least + last.least, most: part.most + last.most });
  };
  token.lastIndex = 0;
  while (token.lastIndex < source.length) {
    const at = token.lastIndex;
    const found = token.exec(source);
    if (!found)
      throw new RuleError(line, `unexpected ${JSON.stringify(source.slice(at).trim().charAt(0))} in a hex string`);
    const [, negation, digits, from, dash, to, bracket] = found;
    if (digits !== undefined) add(nibbles(digits, negation === "~"));
    else if (from !== undefined) add(jump(from, dash === "-", to ?? "", line));
    else if (bracket === "(") {
      open.push([[]]);
      if (open.length > limits.depth) throw new RuleError(line, "hex string has too many nested brackets");
    } else if (bracket === "|") {
      if (open.length === 1) throw new RuleError(line, "alternatives in a hex string must be in brackets");
      innermost().push([]);
    } else {
      const options = open.pop() ?? [];
      if (open.length === 0) throw new RuleError(line, "closing bracket without an opening one in a hex string");
      if (options.some(({ length }) => length === 0)) throw new RuleError(line, "empty alternative in a hex string");
      add({ kind: "choice", parts: options.map(sequence) });
    }
  }
  const [parts = []] = open[0] ?? [];
  if (open.length > 1) throw new RuleError(line, "hex string without a closing bracket");
  if (parts.length === 0) throw new RuleError(line, "empty hex string");
  if (isJump(parts[0]) || isJump(parts.at(-1))) throw new RuleError(line, "hex string begins or ends with a jump");
  return sequence(parts);
}

function sequence(parts: readonly Pattern[]): Pattern {
  const [only] = parts;
  return parts.length === 1 && only ? only : { kind: "sequence", parts };
}

function isJump(part: Pattern | undefined): boolean {
  return part?.kind === "repeat";
}

/** The patterns of bytes with wildcards; there are fewer than a thousand. */
const wild = new Map<string, Pattern>();

function nibbles(digits: string, isNegated: boolean): Pattern {
  if (!digits.includes("?") && !isNegated) return byte(Number.parseInt(digits, 16));
  const key = (isNegated ? "~" : "") + digits.toLowerCase();
  const known = wild.get(key);
  if (known) return known;
  const pattern: Pattern = { kind: "bytes", set: setOfNibbles(digits, isNegated) };
  wild.set(key, pattern);
  return pattern;
}

function setOfNibbles(digits: string, isNegated: boolean): ByteSet {
  const set = emptySet();
  for (let value = 0; value < 256; value++) {
    const hex = value.toString(16).padStart(2, "0");
    const fits = (index: number): boolean => {
      const digit = digits.charAt(index).toLowerCase();
      return digit === "?" || digit === hex[index];
    };
    if (fits(0) && fits(1)) addByte(set, value);
  }
  return isNegated ? complementOf(set) : set;
}

function jump(from: string, isRange: boolean, to: string, line: number): Pattern {
  if (!isRange && (from === "") === (to === "")) throw new RuleError(line, "empty jump in a hex string");
  const least = from === "" ? 0 : Number(from);
  const most = isRange ? (to === "" ? Number.POSITIVE_INFINITY : Number(to)) : least;
  if (most < least) throw new RuleError(line, "jump in a hex string ends before it begins");
  return { kind: "repeat", part: { kind: "bytes", set: anyByte }, least, most, isLazy: true };
}
