import { styleText } from "node:util";
import { trimEnd } from "../model/text/trim-end.ts";

/*
 * Text for a terminal. Names, paths and instructions come out of untrusted images: an escape sequence among them could
 * recolour a verdict, a line break could add one, and a direction override could turn a name around. Everything that
 * comes from outside goes through `printable` before it becomes part of a line.
 */

/** How a piece of a line looks where colour is allowed. */
export type Style =
  | "plain"
  | "bold"
  | "dim"
  | "cyan"
  | "yellow"
  | "red"
  | "bold-red"
  | "bold-yellow"
  | "bold-green"
  | "bold-cyan";

/** A piece of a line. Its text has been made printable. */
export interface Span {
  readonly text: string;
  readonly style: Style;
}

/** One line, left to right. */
export type Line = readonly Span[];

const longestText = 2000;
const escaped = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;
const ordinary = /^[ -~]*$/;
const stackedMarks = /(\p{M}{3})\p{M}+/gu;

/**
 * The text without anything that a terminal would obey or hide: control, format and other invisible characters become
 * `\x1b`, `\u{202e}`. At most 2,000 characters of it.
 */
export function printable(text: string): string {
  const short = text.length > longestText ? `${text.slice(0, longestText)}…` : text;
  return harmlessText(short);
}

/** As {@link printable}, however long it is. In both, of marks that are stacked on one character three stay. */
export function harmlessText(text: string): string {
  return ordinary.test(text) ? text : text.replace(escaped, visibleEscape).replace(stackedMarks, "$1");
}

/** As {@link printable}, line by line: of a text whose line breaks are our own. */
export function printableLines(text: string): string {
  return text.split("\n").map(printable).join("\n");
}

function visibleEscape(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (character === "\n") return "\\n";
  if (character === "\t") return " ";
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u{${code.toString(16)}}`;
}

/**
 * First and last code points of the scripts and signs that take two columns. Source: Unicode TR 11, wide and fullwidth.
 */
const wideRanges: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x231a, 0x231b],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x16fe0, 0x18aff],
  [0x1b000, 0x1b2ff],
  [0x1f300, 0x1f64f],
  [0x1f680, 0x1f6ff],
  [0x1f900, 0x1faff],
  [0x20000, 0x3fffd],
];
const emoji = /^\p{Emoji_Presentation}$/u;
const mark = /^\p{M}$/u;

function characterWidth(character: string): 0 | 1 | 2 {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x300) return 1;
  if (mark.test(character)) return 0;
  return wideRanges.some(([first, last]) => code >= first && code <= last) || emoji.test(character) ? 2 : 1;
}

/** The columns that printable text takes. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

/** The beginning of the text that fits into `width` columns, with `…` where something is missing. */
export function clip(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  if (width < 1) return "";
  let kept = "";
  let used = 1;
  for (const character of text) {
    used += characterWidth(character);
    if (used > width) break;
    kept += character;
  }
  return `${kept}…`;
}

/** The end of the text that fits into `width` columns: of a path, the end says more. */
export function clipStart(text: string, width: number): string {
  let missing = displayWidth(text) - width;
  if (missing <= 0) return text;
  if (width < 1) return "";
  missing += 1;
  let dropped = 0;
  for (const character of text) {
    const size = characterWidth(character);
    if (missing <= 0 && size > 0) break;
    missing -= size;
    dropped += character.length;
  }
  return `…${text.slice(dropped)}`;
}

/** The text in lines of at most `width` columns, broken between words, and inside a word only when it must be. */
export function wrap(text: string, width: number): string[] {
  return wrapPieces(text, width, (word) => pieces(word, width));
}

/** As {@link wrap}, but a word that is longer than a line stays whole on a line of its own. */
export function wrapWords(text: string, width: number): string[] {
  return wrapPieces(text, width, (word) => [word]);
}

function wrapPieces(text: string, width: number, piecesOf: (word: string) => readonly string[]): string[] {
  const lines: string[] = [];
  let line = "";
  let used = 0;
  for (const word of text.split(" ").filter((part) => part !== "")) {
    for (const [index, piece] of piecesOf(word).entries()) {
      const size = displayWidth(piece);
      if (line !== "" && (index > 0 || used + 1 + size > width)) {
        lines.push(line);
        line = "";
        used = 0;
      }
      line = line === "" ? piece : `${line} ${piece}`;
      used += size + (used > 0 ? 1 : 0);
    }
  }
  if (line !== "") lines.push(line);
  return lines;
}

function pieces(word: string, width: number): string[] {
  if (displayWidth(word) <= width) return [word];
  const result: string[] = [];
  let piece = "";
  let used = 0;
  for (const character of word) {
    const size = characterWidth(character);
    if (used + size > width && piece !== "") {
      result.push(piece);
      piece = "";
      used = 0;
    }
    piece += character;
    used += size;
  }
  return [...result, piece];
}

const formats = {
  plain: undefined,
  bold: "bold",
  dim: "dim",
  cyan: "cyan",
  yellow: "yellow",
  red: "red",
  "bold-red": ["bold", "red"],
  "bold-yellow": ["bold", "yellow"],
  "bold-green": ["bold", "green"],
  "bold-cyan": ["bold", "cyan"],
} as const;

/** The line with its line break, cut at `width` columns, without spaces at its end. */
export function renderLine(line: Line, { width, colour }: { width: number; colour: boolean }): string {
  let room = width;
  let text = "";
  for (const span of line) {
    const piece = clip(span.text, room);
    const format = formats[span.style];
    // `styleText` would ask the standard output whether it wants colour; here the caller has decided.
    text +=
      colour && format && piece.trim() !== "" ? styleText([format].flat(), piece, { validateStream: false }) : piece;
    room -= displayWidth(piece);
    if (room <= 0) break;
  }
  return `${trimEnd(text, " ")}\n`;
}
