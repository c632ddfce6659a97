import { PlimsollError } from "../../../model/error.ts";
import type { Context } from "../../../model/plugin.ts";
import type { ProblemCode } from "../../../model/reports/problem.ts";

/** Bytes that the archives inside one file may take in memory at one time, when they have to be inflated. */
const memoryLimit = 256 * 1024 * 1024;
/** Bytes that are inflated for one file in all. */
const inflateLimit = 2 * 1024 * 1024 * 1024;
/** Entries that are passed over in one file in all. */
const entryLimit = 1_000_000;
/** Entries that are kept to be opened in one file in all. */
const openLimit = 50_000;
/** Number of problems that are reported individually. */
const problemLimit = 20;

/** What one file and all archives inside it may still cost, and where their problems go. */
export class ArchiveBudget {
  readonly #path: string;
  readonly #context: Context;
  #held = 0;
  #inflated = 0;
  #entries = 0;
  #opened = 0;
  #problems = 0;
  #exhausted = false;

  constructor(path: string, context: Context) {
    this.#path = path;
    this.#context = context;
  }

  /** True when nothing more may be read: a limit of the whole file is reached, or the scan was cancelled. */
  get stopped(): boolean {
    return this.#exhausted || this.#context.signal.aborted;
  }

  /** The bytes that may be inflated now. */
  get room(): number {
    return Math.min(memoryLimit - this.#held, inflateLimit - this.#inflated);
  }

  /** Counts an entry that is passed over. */
  spendEntry(): void {
    if (++this.#entries > entryLimit) this.#exhaust(`more than ${entryLimit} entries`);
  }

  /** Counts an entry that is kept to be opened. */
  spendOpening(): void {
    if (++this.#opened > openLimit) this.#exhaust(`more than ${openLimit} archives and package descriptions`);
  }

  /** Counts inflated bytes, whether they are used or not. */
  spendInflated(bytes: number): void {
    this.#inflated += bytes;
    if (this.#inflated >= inflateLimit) this.#exhaust(`more than ${inflateLimit} bytes to decompress`);
  }

  /** Counts bytes as in memory until the same number is released. */
  hold(bytes: number): void {
    this.#held += bytes;
  }

  release(bytes: number): void {
    this.#held -= bytes;
  }

  /** The place `inside` the file as messages and reports write it. */
  pathOf(inside: string | undefined): string {
    return inside === undefined ? this.#path : `${this.#path}!/${inside}`;
  }

  /** Reports a problem with what lies at `inside`; after some, only that there are more. */
  problem(code: ProblemCode, message: string, inside?: string): void {
    this.#problems++;
    if (this.#problems <= problemLimit) {
      this.#context.problem({ code, message, path: this.pathOf(inside) });
    } else if (this.#problems === problemLimit + 1) {
      const more = `${this.#path} has more unreadable parts; only the first ${problemLimit} are reported`;
      this.#context.problem({ code, message: more, path: this.#path });
    }
  }

  /** The result of `action`; undefined, and a problem, when it throws a {@link PlimsollError}. */
  attempt<T>(inside: string | undefined, action: () => T): T | undefined {
    try {
      return action();
    } catch (error) {
      if (!(error instanceof PlimsollError)) throw error;
      this.problem(error.code === "limit-exceeded" ? "limit-exceeded" : "unreadable", error.message, inside);
      return undefined;
    }
  }

  #exhaust(what: string): void {
    if (this.#exhausted) return;
    this.#exhausted = true;
    const message = `${this.#path} was not read completely: including nested archives, it has ${what}`;
    this.#context.problem({ code: "limit-exceeded", message, path: this.#path });
  }
}
