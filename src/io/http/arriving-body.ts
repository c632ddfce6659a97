import { appendFileSync, closeSync, openSync, rmSync } from "node:fs";
import type { HttpAnswer } from "./http-answer.ts";
import type { KeptDownload, OpenKeptOptions } from "./kept-download.ts";
import type { KeptDownloads } from "./kept-downloads.ts";

/** Bytes: a download of which so many have come is worth keeping for another run. */
const worthKeeping: number = 1024 * 1024;

/** Where a body goes. */
export interface ArrivingBodyOptions {
  readonly address: string;
  /** A file for the body; it is replaced. */
  readonly path: string;
  /** Where a large body goes instead, so that it outlives the process. */
  readonly kept: KeptDownloads | undefined;
}

/**
 * The body of an answer while it arrives, with its content encoding: in a file of the run, or, once it is large and the
 * server can be asked for the rest, among the kept downloads. Methods throw the errors of the file system.
 */
export class ArrivingBody {
  readonly #address: string;
  readonly #path: string;
  readonly #downloads: KeptDownloads | undefined;
  #kept: KeptDownload | undefined;
  /** In the file of the run. */
  #length = 0;
  #file: number | undefined;
  #answer: HttpAnswer | undefined;
  #mayBeKept = true;

  constructor({ address, path, kept }: ArrivingBodyOptions) {
    this.#address = address;
    this.#path = path;
    this.#downloads = kept;
  }

  /** Takes up what an earlier run left. Error: `AbortError`. */
  async resume(options: OpenKeptOptions): Promise<void> {
    this.#kept = await this.#downloads?.open(this.#address, options);
    this.#answer = this.#kept?.answer;
  }

  /** What the server said with the first byte; undefined when there is none. */
  get answer(): HttpAnswer | undefined {
    return this.#answer;
  }

  /** Bytes that are here. */
  get length(): number {
    return this.#kept?.length ?? this.#length;
  }

  /** True when the body is here as a whole, from an earlier run. */
  get isWhole(): boolean {
    return this.#kept?.isWhole === true;
  }

  /** True when it is among the kept downloads. */
  get isKept(): boolean {
    return this.#kept !== undefined;
  }

  /** The file that holds it. */
  get path(): string {
    return this.#kept?.path ?? this.#path;
  }

  /**
   * Begins again, with another answer or none. Kept content stays until it is replaced, because a failing server
   * usually recovers.
   */
  restart(answer?: HttpAnswer): void {
    if (this.#kept) this.#downloads?.leave(this.#address, this.#kept);
    this.#kept = undefined;
    this.pause();
    this.#length = 0;
    this.#answer = answer;
    this.#mayBeKept = true;
  }

  /** Adds to it; even nothing makes the file. */
  append(bytes: Uint8Array): void {
    if (this.#kept) {
      this.#kept.append(bytes);
      return;
    }
    this.#file ??= openSync(this.#path, this.#length > 0 ? "a" : "w");
    appendFileSync(this.#file, bytes);
    this.#length += bytes.length;
    if (this.#length >= worthKeeping && this.#mayBeKept) this.#keep();
  }

  /** Ends an attempt: more may be appended later. */
  pause(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  /** Says that nothing more will come. Returns the SHA-256 of a body that is kept, hexadecimal. */
  finish(): string | undefined {
    return this.#kept?.finish();
  }

  /** Leaves what is kept of it to the next run. */
  leave(): void {
    if (this.#kept) this.#downloads?.leave(this.#address, this.#kept);
    this.#kept = undefined;
  }

  /** Leaves a whole body to the run. */
  handOut(): void {
    if (this.#kept) this.#downloads?.handOut(this.#address, { name: this.#path });
    else this.#downloads?.remove(this.#address);
    this.#kept = undefined;
  }

  /** Removes what is kept of the address. */
  remove(): void {
    this.#downloads?.remove(this.#address, this.#kept);
    this.#kept = undefined;
    this.#answer = undefined;
    this.#length = 0;
  }

  #keep(): void {
    this.#mayBeKept = false;
    if (this.#answer?.rangeValidator === undefined) return;
    this.#kept = this.#downloads?.create(this.#address, { answer: this.#answer, path: this.#path });
    if (!this.#kept) return;
    this.pause();
    rmSync(this.#path, { force: true });
  }
}
