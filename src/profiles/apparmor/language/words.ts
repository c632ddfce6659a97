/** The meaning of a word: without quotes, with escapes that are only needed for the lexer removed. */
export function wordValue(word: string): string {
  const quoted = word.length >= 2 && word.startsWith('"') && word.endsWith('"');
  const text = quoted ? word.slice(1, -1) : word;
  let value = "";
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character !== "\\" || at + 1 === text.length) {
      value += character;
      continue;
    }
    const { escaped, length } = readEscape(text, at + 1);
    value += escaped;
    at += length;
  }
  return value;
}

const namedEscapes: Readonly<Record<string, string>> = {
  '"': '"',
  "!": "!",
  ",": ",",
  "#": "#",
  " ": " ",
  "\t": "\t",
  a: "\x07",
  e: "\x1b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

/** Escapes of glob characters stay, because the glob has to see them. */
function readEscape(text: string, at: number): { escaped: string; length: number } {
  const character = text.charAt(at);
  if (character === ",") return { escaped: "\\,", length: 1 };
  const named = namedEscapes[character];
  if (named !== undefined) return { escaped: named, length: 1 };
  const octal = /^[0-3][0-7]{2}/.exec(text.slice(at, at + 3))?.[0];
  if (octal !== undefined) return { escaped: literal(Number.parseInt(octal, 8)), length: 3 };
  const decimal = /^d([01][0-9]{2}|2[0-4][0-9]|25[0-5])/.exec(text.slice(at, at + 4))?.[1];
  if (decimal !== undefined) return { escaped: literal(Number(decimal)), length: 4 };
  const hexadecimal = /^x([0-9A-Fa-f]{2})/.exec(text.slice(at, at + 3))?.[1];
  if (hexadecimal !== undefined) return { escaped: literal(Number.parseInt(hexadecimal, 16)), length: 3 };
  return { escaped: `\\${character}`, length: 1 };
}

/** A character by its number, never with a meaning in a glob. */
function literal(code: number): string {
  const character = String.fromCharCode(code);
  return "*?[]{}^,\\".includes(character) ? `\\${character}` : character;
}
