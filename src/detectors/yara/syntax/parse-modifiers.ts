import type { Lexer } from "./lexer.ts";
import { RuleError } from "./rule-error.ts";
import type { Modifiers } from "./rule-syntax.ts";

const ofKind: Readonly<Record<"text" | "regexp" | "hex", readonly string[]>> = {
  text: ["nocase", "wide", "ascii", "fullword", "private", "xor", "base64", "base64wide"],
  regexp: ["nocase", "wide", "ascii", "fullword", "private"],
  hex: ["private"],
};

const excluding: readonly (readonly [keyof Modifiers, keyof Modifiers])[] = [
  ["xor", "nocase"],
  ["xor", "base64"],
  ["xor", "base64wide"],
  ["base64", "nocase"],
  ["base64", "fullword"],
  ["base64wide", "nocase"],
  ["base64wide", "fullword"],
];

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** The modifiers behind a string of this kind. Errors: {@link RuleError} for those that do not go together. */
export function parseModifiers(lexer: Lexer, kind: "text" | "regexp" | "hex"): Modifiers {
  const modifiers: { -readonly [Name in keyof Modifiers]: Modifiers[Name] } = {};
  for (;;) {
    const token = lexer.peek();
    if (token.kind !== "name" || !ofKind.text.includes(token.text)) break;
    const name = token.text;
    lexer.next();
    if (!ofKind[kind].includes(name))
      throw new RuleError(token.line, `${name} is not possible with this kind of string`);
    if (name in modifiers) throw new RuleError(token.line, `${name} is given twice`);
    if (name === "xor") modifiers.xor = xorKeys(lexer);
    else if (name === "base64" || name === "base64wide") modifiers[name] = base64Alphabet(lexer);
    else modifiers[name as "nocase" | "wide" | "ascii" | "fullword" | "private"] = true;
  }
  for (const [one, other] of excluding) {
    if (modifiers[one] !== undefined && modifiers[other] !== undefined)
      lexer.fail(`${one} and ${other} exclude each other`);
  }
  return modifiers;
}

function xorKeys(lexer: Lexer): { readonly lowest: number; readonly highest: number } {
  if (!lexer.accept("(")) return { lowest: 0, highest: 255 };
  const lowest = key(lexer);
  const highest = lexer.accept("-") ? key(lexer) : lowest;
  lexer.expect(")");
  if (highest < lowest) lexer.fail("range of xor ends before it begins");
  return { lowest, highest };
}

function key(lexer: Lexer): number {
  const token = lexer.next();
  if (token.kind === "integer" && token.value < 256) return token.value;
  throw new RuleError(token.line, "xor takes keys from 0 to 255");
}

function base64Alphabet(lexer: Lexer): string {
  if (!lexer.accept("(")) return alphabet;
  const token = lexer.next();
  if (token.kind !== "text" || token.value.length !== 64) {
    throw new RuleError(token.line, "the alphabet of base64 must have 64 bytes");
  }
  lexer.expect(")");
  return token.value;
}
