import { randomUUID } from "node:crypto";
import { closeSync, openSync, realpathSync, renameSync, rmSync, statSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { styleText } from "node:util";
import { openPipeForWriting } from "../../io/open-pipe-for-writing.ts";
import { reasonOf } from "../../io/reason-of.ts";
import { PlimsollError } from "../../model/error.ts";
import { hidePasswords } from "./hide-passwords.ts";

/** Writes to stdout. */
export function writeOut(text: string): void {
  process.stdout.write(text);
}

/** Writes one error, and what to do about it, to stderr; the error as {@link hidePasswords} leaves it. */
export function writeError(message: string, hint?: string): void {
  const label = hasColour(process.stderr) ? styleText("red", "error:") : "error:";
  process.stderr.write(`${label} ${hidePasswords(message)}\n`);
  if (hint !== undefined) process.stderr.write(`       ${hint}\n`);
}

/** The line of progress at the bottom of stderr; empty when there is none. */
let lineBelow = "";

/** Says which line of progress was drawn to stderr last, so that remarks are written above it. */
export function keepBelowNotes(line: string): void {
  lineBelow = line;
}

/** Writes a remark that changes nothing about the result to stderr. */
export function writeNote(message: string, hint?: string): void {
  const note = noteText(message, hint);
  process.stderr.write(lineBelow === "" ? note : `\r\u001b[2K${note}${lineBelow}`);
}

/** The lines of a remark, as {@link hidePasswords} leaves it. */
export function noteText(message: string, hint?: string): string {
  const label = hasColour(process.stderr) ? styleText("yellow", "note:") : "note:";
  return `${label} ${hidePasswords(message)}\n${hint === undefined ? "" : `      ${hint}\n`}`;
}

/** True on a terminal unless `NO_COLOR` is set. */
export function hasColour(stream: NodeJS.WriteStream): boolean {
  return stream.isTTY === true && !process.env["NO_COLOR"] && process.env["TERM"] !== "dumb";
}

/** The columns of a terminal; 100 where there is none. */
export function widthOf(stream: NodeJS.WriteStream): number {
  return Math.max(40, stream.isTTY ? stream.columns || 80 : 100);
}

/** The columns of a terminal; without one no limit, since whoever searches a list by lines wants them whole. */
export function listWidthOf(stream: NodeJS.WriteStream): number {
  return stream.isTTY ? widthOf(stream) : Number.POSITIVE_INFINITY;
}

/**
 * Writes pieces to a file, or to stdout without one and for `-`. The file appears whole or not at all, and an old one
 * stays until then; a device or a pipe is written to directly. Error: `output-not-written`.
 */
export function writePieces(pieces: Iterable<string>, path: string | undefined): void {
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

function replaceFile(pieces: Iterable<string>, path: string): void {
  const temporary = `${path}.${randomUUID()}`;
  try {
    writeAll(pieces, openSync(temporary, "wx", 0o644));
    renameSync(temporary, path);
  } catch (cause) {
    rmSync(temporary, { force: true });
    throw cause;
  }
}

function writeAll(pieces: Iterable<string>, descriptor: number): void {
  try {
    for (const piece of pieces) {
      const bytes = Buffer.from(piece);
      for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done);
    }
  } finally {
    closeSync(descriptor);
  }
}
