import { ConditionError } from "./condition.ts";

const letters: Readonly<Record<string, string>> = {
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\\": "\\\\",
  '"': '\\"',
};

// In quotes, `\ ` stands for a backslash: rules of the past were written so.
const escapes: Readonly<Record<string, string>> = {
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  " ": "\\",
  "\\": "\\",
  "/": "/",
};

/**
 * A value as it stands in a condition: in double quotes where it needs them, with escapes. Byte strings on both sides.
 */
export function escapeText(text: string): string {
  if (!/[\b\f\n\r\t \\"'=\0]/.test(text)) return text;
  return `"${text.replace(/[\b\f\n\r\t\\"]/g, (character) => letters[character] ?? character)}"`;
}

/**
 * The text of a quoted string, which is given with its quotes. A `ConditionError` for an escape that the language does
 * not have; `\xHH` came after generation `0.40`.
 */
export function unescapeText(quoted: string, generation: "head" | "0.40" = "head"): string {
  if (!quoted.includes("\\")) return quoted.slice(1, -1);
  const quote = quoted[0];
  const end = quoted.length - 1;
  let text = "";
  for (let index = 1; index < end; index++) {
    const character = quoted[index] as string;
    if (character !== "\\") {
      text += character;
      continue;
    }
    index++;
    if (index >= end) break;
    const letter = quoted[index] as string;
    const plain = escapes[letter];
    if (plain !== undefined) text += plain;
    else if (letter === quote) text += letter;
    else if (letter === '"') throw new ConditionError("invalid \\\" escape in '-quoted string");
    else if (letter === "'") throw new ConditionError("invalid \\' escape in \"-quoted string");
    else if (letter === "x" && generation === "head") {
      if (index + 2 >= end) throw new ConditionError("truncated hex char escape sequence");
      const digits = quoted.slice(index + 1, index + 3);
      if (!/^[0-9a-fA-F]{2}$/.test(digits)) throw new ConditionError(`invalid hex char escape sequence: ${digits}`);
      text += String.fromCharCode(Number.parseInt(digits, 16));
      index += 2;
    } else throw new ConditionError(`unsupported string escape sequence: \\${letter}`);
  }
  return text;
}
