import { bytesOf, isAlphanumeric, type Pattern, withBothCases } from "../syntax/pattern.ts";
import type { Modifiers } from "../syntax/rule-syntax.ts";
import type { ScanBudget } from "./scan-budget.ts";

/** Bytes to look for as they are. */
export interface Literal {
  readonly bytes: Uint8Array;
  readonly nocase: boolean;
  readonly isWide: boolean;
  /** Keys with which the bytes may be combined by exclusive or. */
  readonly xor?: { readonly lowest: number; readonly highest: number };
}

/** The literals that a text with its modifiers stands for. */
export function literalsOf(text: string, modifiers: Modifiers): readonly Literal[] {
  const plain = Uint8Array.from(text, (character) => character.charCodeAt(0));
  const isAscii = modifiers.ascii === true || modifiers.wide !== true;
  const forms = [
    ...(isAscii ? [{ bytes: plain, isWide: false }] : []),
    ...(modifiers.wide === true ? [{ bytes: widened(plain), isWide: true }] : []),
  ];
  const nocase = modifiers.nocase === true;
  if (modifiers.base64 === undefined && modifiers.base64wide === undefined) {
    return forms.map((form) => ({ ...form, nocase, ...(modifiers.xor && { xor: modifiers.xor }) }));
  }
  return forms.flatMap(({ bytes }) => [
    ...(modifiers.base64 === undefined ? [] : encodings(bytes, modifiers.base64, { isWide: false })),
    ...(modifiers.base64wide === undefined ? [] : encodings(bytes, modifiers.base64wide, { isWide: true })),
  ]);
}

/** Each byte followed by a zero. */
export function widened(bytes: Uint8Array): Uint8Array {
  const wide = new Uint8Array(bytes.length * 2);
  for (const [index, byte] of bytes.entries()) wide[index * 2] = byte;
  return wide;
}

/** What of the base64 form of a text is the same wherever the text begins. */
function encodings(bytes: Uint8Array, alphabet: string, { isWide }: { readonly isWide: boolean }): readonly Literal[] {
  return [0, 1, 2].map((shift) => {
    const shifted = Buffer.concat([Buffer.alloc(shift), bytes]);
    const missing = (3 - (shifted.length % 3)) % 3;
    const digits = shifted.toString("base64").replaceAll("=", "");
    const own = digits.slice(shift === 0 ? 0 : shift + 1, missing === 0 ? undefined : -1);
    const encoded = Buffer.from(translated(own, alphabet), "latin1");
    return { bytes: isWide ? widened(encoded) : encoded, nocase: false, isWide };
  });
}

function translated(digits: string, alphabet: string): string {
  const standard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  return Array.from(digits, (digit) => alphabet[standard.indexOf(digit)] ?? "").join("");
}

/** The literal that a pattern is, if it is no more than one. */
export function literalOf(pattern: Pattern, { nocase }: { readonly nocase: boolean }): Literal | undefined {
  const parts = pattern.kind === "sequence" ? pattern.parts : [pattern];
  const bytes = parts.map((part) => {
    if (part.kind !== "bytes") return undefined;
    const values = bytesOf(part.set);
    const [value, second] = values;
    if (values.length === 1) return value;
    // Both cases of a letter.
    const isLetter = nocase && values.length === 2 && value !== undefined && second === value + 0x20;
    return isLetter && isAlphanumeric(value) && bytesOf(withBothCases(part.set)).length === 2 ? second : undefined;
  });
  if (bytes.length === 0 || bytes.includes(undefined)) return undefined;
  return { bytes: Uint8Array.from(bytes, (byte) => byte ?? 0), nocase, isWide: false };
}

/**
 * The key with which a literal lies at an offset, 0 for the literal as it is; undefined if it does not. Error:
 * `BudgetSpent`.
 */
export function keyAt(
  bytes: Uint8Array,
  offset: number,
  { literal, budget }: { readonly literal: Literal; readonly budget: ScanBudget },
): number | undefined {
  const wanted = literal.bytes;
  if (offset < 0 || offset + wanted.length > bytes.length) return undefined;
  const key = literal.xor ? (bytes[offset] ?? 0) ^ (wanted[0] ?? 0) : 0;
  if (literal.xor && (key < literal.xor.lowest || key > literal.xor.highest)) return undefined;
  for (let index = 0; index < wanted.length; index++) {
    const found = (bytes[offset + index] ?? 0) ^ key;
    const expected = wanted[index] ?? 0;
    if (found === expected || (literal.nocase && lower(found) === lower(expected))) continue;
    budget.spend(index >> 2);
    return undefined;
  }
  budget.spend(wanted.length >> 2);
  return key;
}

function lower(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
}

/** Whether no letter or digit is next to a match. */
export function isFullWord(
  bytes: Uint8Array,
  {
    offset,
    end,
    isWide,
    key,
  }: { readonly offset: number; readonly end: number; readonly isWide: boolean; readonly key: number },
): boolean {
  const at = (position: number): number => (bytes[position] ?? 0) ^ key;
  if (isWide) {
    if (offset >= 2 && at(offset - 1) === 0 && isAlphanumeric(at(offset - 2))) return false;
    return !(end + 1 < bytes.length && at(end + 1) === 0 && isAlphanumeric(at(end)));
  }
  if (offset >= 1 && isAlphanumeric(at(offset - 1))) return false;
  return !(end < bytes.length && isAlphanumeric(at(end)));
}
