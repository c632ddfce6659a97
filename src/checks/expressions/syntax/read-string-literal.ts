import { CompileFault } from "../values/fault.ts";

const simpleEscapes: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  t: 9,
  n: 10,
  v: 11,
  f: 12,
  r: 13,
  "\\": 92,
  "?": 63,
  '"': 34,
  "'": 39,
  "`": 96,
};

/** A literal that begins at an offset, and the offset behind it; undefined when none begins there. */
export function readStringLiteral(
  source: string,
  offset: number,
): { readonly value: string | Uint8Array; readonly end: number } | undefined {
  let at = offset;
  let isRaw = false;
  let isBytes = false;
  for (; /^[rRbB]$/.test(source[at] ?? ""); at++) {
    const isR = source[at] === "r" || source[at] === "R";
    if (isR ? isRaw : isBytes) return undefined;
    if (isR) isRaw = true;
    else isBytes = true;
  }
  const quote = source[at];
  if (quote !== '"' && quote !== "'") return undefined;
  const isLong = source.startsWith(quote.repeat(3), at);
  const delimiter = isLong ? quote.repeat(3) : quote;
  at += delimiter.length;
  const parts: (string | number)[] = [];
  let plain = at;
  while (!source.startsWith(delimiter, at)) {
    const character = source[at];
    if (character === undefined || (!isLong && (character === "\n" || character === "\r"))) {
      throw new CompileFault("the string is not closed", offset);
    }
    if (character !== "\\") {
      at++;
    } else if (isRaw) {
      at += 2;
    } else {
      parts.push(source.slice(plain, at));
      const found = readEscape(source, { at, isBytes });
      parts.push(found.value);
      at = found.end;
      plain = at;
    }
  }
  parts.push(source.slice(plain, at));
  const end = at + delimiter.length;
  return { value: isBytes ? bytesOf(parts) : textOf(parts), end };
}

/** A number is a code point in a string, and a byte in bytes. */
function readEscape(source: string, { at, isBytes }: { at: number; isBytes: boolean }): { value: number; end: number } {
  const letter = source[at + 1] ?? "";
  const simple = Object.hasOwn(simpleEscapes, letter) ? simpleEscapes[letter] : undefined;
  if (simple !== undefined) return { value: simple, end: at + 2 };
  if (/^[0-3]$/.test(letter)) {
    const digits = source.slice(at + 1, at + 4);
    if (/^[0-7]{3}$/.test(digits)) return { value: Number.parseInt(digits, 8), end: at + 4 };
  }
  const length = { x: 2, X: 2, u: 4, U: 8 }[letter];
  if (length !== undefined && !(isBytes && letter.toLowerCase() === "u")) {
    const digits = source.slice(at + 2, at + 2 + length);
    const value = Number.parseInt(digits, 16);
    const isCodePoint = value <= 0x10ffff && !(value >= 0xd800 && value <= 0xdfff);
    if (digits.length === length && /^[0-9a-fA-F]+$/.test(digits) && isCodePoint) {
      return { value, end: at + 2 + length };
    }
  }
  throw new CompileFault(`\\${letter} is not a valid escape in a ${isBytes ? "bytes" : "string"} literal`, at);
}

function textOf(parts: readonly (string | number)[]): string {
  return parts.map((part) => (typeof part === "string" ? part : String.fromCodePoint(part))).join("");
}

function bytesOf(parts: readonly (string | number)[]): Uint8Array {
  return Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part, "utf8") : Buffer.of(part))));
}
