import { randomUUID } from "node:crypto";
import { closeSync, openSync, realpathSync, renameSync, rmSync, statSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { styleText } from "node:util";
import { openPipeForWriting } from "../../../io/files/open-pipe-for-writing.ts";
import { reasonOf } from "../../../io/reason-of.ts";
import { type ErrorCode, PlimsollError } from "../../../model/error.ts";
import type { ProblemCode } from "../../../model/reports/problem.ts";
import { harmlessJson } from "../../../reporters/json.ts";
import { harmlessText, printableLines } from "../../../reporters/terminal-text.ts";
import { hidePasswords } from "./hide-passwords.ts";

/** Writes to stdout. */
export function writeOut(text: string | Uint8Array): void {
  process.stdout.write(text);
}

/** Writes a value as JSON to stdout, indented or in one line; big integers as texts. It cannot steer a terminal. */
export function writeJson(value: unknown, form: "indented" | "line" = "indented"): void {
  const text = JSON.stringify(
    value,
    (_, member: unknown) => (typeof member === "bigint" ? String(member) : member),
    form === "indented" ? 2 : 0,
  );
  writeOut(`${harmlessJson(text)}\n`);
}

/** A message: one line, whatever it holds, or several. */
export type Message = string | readonly string[];

/** What an error line has beside its message. */
export interface ErrorLine {
  /** The heading in docs/errors.md. */
  readonly code: ErrorCode | ProblemCode;
  readonly hint?: string | undefined;
}

/**
 * Writes one error with its code, and what to do about it, to stderr; the error as {@link hidePasswords} leaves it.
 * Nothing in either can steer a terminal, and only a hint and a message of several lines have line breaks.
 */
export function writeError(message: Message, { code, hint }: ErrorLine): void {
  const isColoured = hasColour(process.stderr);
  const label = isColoured ? styleText("red", "error:") : "error:";
  const suffix = isColoured ? styleText("dim", `[${code}]`) : `[${code}]`;
  const [first = "", ...more] = typeof message === "string" ? [message] : message;
  const colon = more.length > 0 && first.endsWith(":") ? ":" : "";
  const lines = [
    `${label} ${harmless(first.slice(0, first.length - colon.length))} ${suffix}${colon}`,
    ...more.map(harmless),
  ];
  process.stderr.write(`${lines.join("\n")}\n`);
  if (hint !== undefined) process.stderr.write(`       ${printableLines(hint)}\n`);
}

/** The line of progress at the bottom of stderr; empty when there is none. */
let lineBelow = "";

/** Says which line of progress was drawn to stderr last, so that remarks are written above it. */
export function keepBelowNotes(line: string): void {
  lineBelow = line;
}

/** Writes a remark that changes nothing about the result to stderr, as {@link noteText} has it. */
export function writeNote(message: Message, hint?: string): void {
  const note = noteText(message, hint);
  process.stderr.write(lineBelow === "" ? note : `\r\u001b[2K${note}${lineBelow}`);
}

/**
 * Writes what another program says to a person to stderr, in the place of the line of progress, piece by piece as it
 * comes. Line breaks are all that steers the terminal; anything else that would is shown for what it is.
 */
export function writeWords(words: string): void {
  const clear = lineBelow === "" ? "" : "\r\u001b[2K";
  lineBelow = "";
  const lines = words.replace(/\r(?=\n)/g, "").split("\n");
  process.stderr.write(`${clear}${lines.map(harmlessText).join("\n")}`);
}

/** The lines of a remark; what {@link writeError} promises holds for it too. */
export function noteText(message: Message, hint?: string): string {
  const label = hasColour(process.stderr) ? styleText("yellow", "note:") : "note:";
  return `${label} ${harmless(message)}\n${hint === undefined ? "" : `      ${printableLines(hint)}\n`}`;
}

/** Longest line: the end says why an operation failed, and is never cut; the longest path fits twice. */
const longestLine = 10_000;

function harmless(message: Message): string {
  const lines = typeof message === "string" ? [message] : message;
  return lines.map((line) => harmlessText(withoutMiddle(hidePasswords(line)))).join("\n");
}

function withoutMiddle(line: string): string {
  if (line.length <= longestLine) return line;
  return `${line.slice(0, longestLine / 2)}…${line.slice(-longestLine / 2)}`;
}

/**
 * True when `FORCE_COLOR` is set to anything but `0` or `false`, which turn colour off. Without it, true on a terminal
 * unless `NO_COLOR` is set. Source: force-color.org, no-color.org.
 */
export function hasColour(stream: NodeJS.WriteStream): boolean {
  const forced = process.env["FORCE_COLOR"];
  if (forced) return forced !== "0" && forced !== "false";
  return stream.isTTY === true && !process.env["NO_COLOR"] && process.env["TERM"] !== "dumb";
}

/** The columns that `COLUMNS` states, else those of the terminal; 100 without a terminal. */
export function widthOf(stream: NodeJS.WriteStream): number {
  const stated = /^[1-9]\d{0,4}$/.test(process.env["COLUMNS"] ?? "") ? Number(process.env["COLUMNS"]) : undefined;
  return Math.max(40, stated ?? (stream.isTTY ? stream.columns || 80 : 100));
}

/** The columns of a terminal; without one no limit, since whoever searches a list by lines wants them whole. */
export function listWidthOf(stream: NodeJS.WriteStream): number {
  return stream.isTTY ? widthOf(stream) : Number.POSITIVE_INFINITY;
}

/**
 * Writes pieces to a file, or to stdout without one and for `-`. The file appears whole or not at all, and an old one
 * stays until then; a device or a pipe is written to directly. Error: `output-not-written`.
 */
export function writePieces(pieces: Iterable<string | Uint8Array>, path: string | undefined): void {
  if (path === undefined || path === "-") {
    for (const piece of pieces) writeOut(piece);
    return;
  }
  try {
    const existing = statSync(path, { throwIfNoEntry: false });
    if (existing?.isFIFO()) writeAll(pieces, openPipeForWriting(path));
    else if (existing && !existing.isFile()) writeAll(pieces, openSync(path, "w"));
    else replaceFile(pieces, existing ? realpathSync(path) : path);
  } catch (cause) {
    const isMissing = cause instanceof Error && "code" in cause && cause.code === "ENOENT";
    const reason = isMissing ? `the folder ${dirname(path)} does not exist` : reasonOf(cause);
    throw new PlimsollError("output-not-written", `${path} cannot be written: ${reason}`, { cause });
  }
}

function replaceFile(pieces: Iterable<string | Uint8Array>, path: string): void {
  const temporary = `${path}.${randomUUID()}`;
  try {
    writeAll(pieces, openSync(temporary, "wx", 0o644));
    renameSync(temporary, path);
  } catch (cause) {
    rmSync(temporary, { force: true });
    throw cause;
  }
}

function writeAll(pieces: Iterable<string | Uint8Array>, descriptor: number): void {
  try {
    for (const piece of pieces) {
      const bytes = Buffer.from(piece);
      for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done);
    }
  } finally {
    closeSync(descriptor);
  }
}
