import { closeSync, fdatasyncSync, fstatSync, openSync, renameSync, unlinkSync, writeSync } from "node:fs";
import { reasonOf } from "../../io/reason-of.ts";
import { PlimsollError } from "../../model/error.ts";
import type { Alert } from "../../model/events/alert.ts";
import type { AlertOutput } from "./alert-output.ts";

/** Options of an output into a file. */
export interface FileOutputOptions {
  /**
   * Before a regular file becomes longer than so many bytes it is renamed to `PATH.1`, what was that to `PATH.2`, and
   * so on. Without it the file grows until something else moves it away.
   */
  readonly maxBytes?: number;
  /** How many renamed files are kept; 5 unless given. */
  readonly keep?: number;
}

/**
 * Appends lines to a file, made for its owner alone when it is not there. When `write` returns, the operating system
 * has the line; when `flush` is fulfilled, the disk has it.
 */
export class FileOutput implements AlertOutput {
  readonly id: string;
  readonly #path: string;
  readonly #maxBytes: number;
  readonly #keep: number;
  #descriptor: number;
  #size = 0;
  #isRegular = false;
  /** The last line was cut off, so that the next one must begin a new line. */
  #isTorn = false;

  /** Error: {@link PlimsollError} `output-not-written` when the file cannot be opened. */
  constructor(path: string, { maxBytes = Number.POSITIVE_INFINITY, keep = 5 }: FileOutputOptions = {}) {
    this.id = `file ${path}`;
    this.#path = path;
    this.#maxBytes = maxBytes;
    this.#keep = keep;
    this.#descriptor = this.#open();
  }

  write(_alert: Alert, formatted: string): void {
    const bytes = Buffer.from(this.#isTorn ? `\n${formatted}\n` : `${formatted}\n`);
    try {
      if (this.#isRegular && this.#size > 0 && this.#size + bytes.length > this.#maxBytes) this.#rotate();
      this.#append(bytes);
      this.#isTorn = false;
    } catch (cause) {
      throw this.#failure(cause);
    }
  }

  flush(): Promise<void> {
    try {
      if (this.#isRegular) fdatasyncSync(this.#descriptor);
      return Promise.resolve();
    } catch (cause) {
      return Promise.reject(this.#failure(cause));
    }
  }

  async close(): Promise<void> {
    try {
      await this.flush();
    } finally {
      closeSync(this.#descriptor);
    }
  }

  reopen(): void {
    const before = this.#descriptor;
    this.#descriptor = this.#open();
    closeSync(before);
  }

  #append(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; ) {
      const written = writeSync(this.#descriptor, bytes, at, bytes.length - at);
      at += written;
      this.#size += written;
      this.#isTorn = at < bytes.length;
    }
  }

  #rotate(): void {
    if (this.#keep === 0) unlinkSync(this.#path);
    for (let index = this.#keep; index > 0; index--) {
      moveIfThere(index === 1 ? this.#path : `${this.#path}.${index - 1}`, `${this.#path}.${index}`);
    }
    this.reopen();
  }

  #open(): number {
    try {
      const descriptor = openSync(this.#path, "a", 0o600);
      const stat = fstatSync(descriptor);
      this.#isRegular = stat.isFile();
      this.#size = stat.size;
      this.#isTorn = false;
      return descriptor;
    } catch (cause) {
      throw this.#failure(cause);
    }
  }

  #failure(cause: unknown): PlimsollError {
    if (cause instanceof PlimsollError) return cause;
    return new PlimsollError("output-not-written", `alerts cannot be written to ${this.#path}: ${reasonOf(cause)}`, {
      cause,
    });
  }
}

function moveIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (cause) {
    if (!(cause instanceof Error && "code" in cause && cause.code === "ENOENT")) throw cause;
  }
}
