import { CompileFault } from "../values/fault.ts";
import { UnsignedValue } from "../values/value.ts";
import { readStringLiteral } from "./read-string-literal.ts";

/** A word of the language. `text` of an `escaped` name is what stands between its backquotes. */
export type Token = { readonly offset: number } & (
  | { readonly kind: "name" | "escaped" | "symbol"; readonly text: string }
  | { readonly kind: "literal"; readonly value: string | Uint8Array | bigint | number | UnsignedValue }
  /** A whole number too large for an `int`: the sign before it may still make it one. */
  | { readonly kind: "large"; readonly value: bigint }
  | { readonly kind: "end" }
);

const space = /[ \t\r\n\f]+|\/\/[^\n]*/y;
const name = /[A-Za-z_][A-Za-z0-9_]*/y;
const escaped = /`([A-Za-z0-9_./ -]+)`/y;
const float = /(?:\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\.\d+(?:[eE][+-]?\d+)?)/y;
const whole = /(0[xX][0-9a-fA-F]+|\d+)([uU]?)/y;
const symbol = /&&|\|\||==|!=|<=|>=|[-+*/%!<>?:.,()[\]{}]/y;

/** The words of an expression, the last of them the end. @throws CompileFault for what is not a word. */
export function tokensOf(source: string): Token[] {
  const tokens: Token[] = [];
  let offset = 0;
  while (true) {
    offset = skipSpace(source, offset);
    if (offset >= source.length) {
      tokens.push({ kind: "end", offset });
      return tokens;
    }
    const { token, end } = readToken(source, offset);
    tokens.push(token);
    offset = end;
  }
}

function skipSpace(source: string, offset: number): number {
  for (let at = offset; ; at += space.lastIndex - at) {
    space.lastIndex = at;
    if (!space.test(source)) return at;
  }
}

function readToken(source: string, offset: number): { token: Token; end: number } {
  const literal = readStringLiteral(source, offset);
  if (literal) return { token: { kind: "literal", value: literal.value, offset }, end: literal.end };
  const word = match(name, { source, offset });
  if (word) return { token: { kind: "name", text: word[0], offset }, end: offset + word[0].length };
  const quoted = match(escaped, { source, offset });
  if (quoted) return { token: { kind: "escaped", text: quoted[1] ?? "", offset }, end: offset + quoted[0].length };
  const decimal = match(float, { source, offset });
  if (decimal) {
    return { token: { kind: "literal", value: Number(decimal[0]), offset }, end: offset + decimal[0].length };
  }
  const digits = match(whole, { source, offset });
  if (digits) return { token: wholeNumber(digits, offset), end: offset + digits[0].length };
  const sign = match(symbol, { source, offset });
  if (sign) return { token: { kind: "symbol", text: sign[0], offset }, end: offset + sign[0].length };
  const character = String.fromCodePoint(source.codePointAt(offset) ?? 0);
  throw new CompileFault(`unexpected character ${JSON.stringify(character)}`, offset);
}

function match(pattern: RegExp, { source, offset }: { source: string; offset: number }): RegExpExecArray | null {
  pattern.lastIndex = offset;
  return pattern.exec(source);
}

function wholeNumber(digits: RegExpExecArray, offset: number): Token {
  const value = BigInt(digits[1] ?? "0");
  if (digits[2] !== "") {
    if (value > 0xffffffffffffffffn) throw new CompileFault(`${digits[0]} is too large for a uint`, offset);
    return { kind: "literal", value: new UnsignedValue(value), offset };
  }
  if (value === 0x8000000000000000n) return { kind: "large", value, offset };
  if (value > 0x7fffffffffffffffn) throw new CompileFault(`${digits[0]} is too large for an int`, offset);
  return { kind: "literal", value, offset };
}
