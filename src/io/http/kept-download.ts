import { createHash, type Hash } from "node:crypto";
import {
  appendFileSync,
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  lstatSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
} from "node:fs";
import { setImmediate as turn } from "node:timers/promises";
import { answerLine, type KeptMark, markLine, readKeptState } from "../files/kept-state.ts";
import type { HttpAnswer } from "./http-answer.ts";

/** Bytes: as much may have arrived and be lost when the process is killed. */
const betweenMarks: number = 1024 * 1024;
const longestState: number = 1024 * 1024;

/** How a download of an earlier run is looked at. */
export interface OpenKeptOptions {
  /** Bytes. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

/**
 * The body of an answer, with its content encoding, that is written so that another process can go on where this one is
 * killed: the body in `STEM.body`, what is needed to go on in `STEM.state`.
 *
 * Received bytes are hashed, and the digest is written down for every mebibyte; a changed body is detected when it is
 * opened again. Methods throw the errors of the file system.
 */
export class KeptDownload {
  /** What the server said with the first byte. */
  readonly answer: HttpAnswer;
  readonly #stem: string;
  readonly #files: Files;
  readonly #hash: Hash;
  #length: number;
  #marked: number;
  #open = true;

  private constructor(stem: string, { answer, files, hash, length }: Opened) {
    this.answer = answer;
    this.#stem = stem;
    this.#files = files;
    this.#hash = hash;
    this.#length = length;
    this.#marked = length;
  }

  /** Begins one, in place of what has the name. */
  static create(stem: string, answer: HttpAnswer): KeptDownload {
    removeKeptDownload(stem);
    const body = openSync(bodyPath(stem), newFile, ownerOnly);
    try {
      const state = openSync(statePath(stem), newFile, ownerOnly);
      const kept = new KeptDownload(stem, { answer, files: { body, state }, hash: createHash("sha256"), length: 0 });
      appendFileSync(state, answerLine(answer));
      return kept;
    } catch (cause) {
      closeSync(body);
      removeKeptDownload(stem);
      throw cause;
    }
  }

  /**
   * Opens what an earlier run left, up to the last byte that is proved to be as it came. Undefined, and gone, when
   * there is nothing that can be used: no regular file of this user's, a link, too long, damaged from the start. Error:
   * `AbortError`.
   */
  static async open(stem: string, { maxBytes, signal }: OpenKeptOptions): Promise<KeptDownload | undefined> {
    const opened: Partial<Files> = {};
    try {
      const state = openOwnFile(statePath(stem), longestState);
      Object.assign(opened, { state });
      const body = openOwnFile(bodyPath(stem), maxBytes);
      Object.assign(opened, { body });
      const { answer, marks } = readKeptState(readFileSync(state, "utf8")) ?? {};
      const proved = answer && (await proveMarks(body, marks ?? [], signal));
      if (!proved) throw new Error("no part of it can be used");
      ftruncateSync(body, proved.mark.length);
      ftruncateSync(state, proved.mark.end);
      const { length, whole } = proved.mark;
      const kept = { ...answer, length: whole ? length : answer.length };
      return new KeptDownload(stem, { answer: kept, files: { body, state }, hash: proved.hash, length });
    } catch {
      for (const descriptor of Object.values(opened)) closeSync(descriptor);
      signal.throwIfAborted();
      removeKeptDownload(stem);
      return undefined;
    }
  }

  /** Path of the body. */
  get path(): string {
    return bodyPath(this.#stem);
  }

  /** Bytes that have arrived. */
  get length(): number {
    return this.#length;
  }

  /** True when nothing is missing. */
  get isWhole(): boolean {
    return this.#length === this.answer.length;
  }

  append(bytes: Uint8Array): void {
    appendFileSync(this.#files.body, bytes);
    this.#hash.update(bytes);
    this.#length += bytes.length;
    if (this.#length - this.#marked >= betweenMarks) this.#mark({ whole: false });
  }

  /** Says that nothing more will come, and closes the files. Returns the SHA-256 of the body, hexadecimal. */
  finish(): string {
    const sha256 = this.#mark({ whole: true });
    this.close();
    return sha256;
  }

  /** Closes the files; what has arrived counts to the last byte. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    try {
      if (this.#length > this.#marked) this.#mark({ whole: false });
    } finally {
      for (const descriptor of [this.#files.body, this.#files.state]) closeSync(descriptor);
    }
  }

  /** Closes the files as they are. */
  abandon(): void {
    this.#marked = this.#length;
    this.close();
  }

  #mark({ whole }: { readonly whole: boolean }): string {
    const sha256 = this.#hash.copy().digest("hex");
    appendFileSync(this.#files.state, markLine({ length: this.#length, sha256, whole }));
    this.#marked = this.#length;
    return sha256;
  }
}

/** Removes the files of a kept download, whatever they are, if that can be done. */
export function removeKeptDownload(stem: string): void {
  for (const path of [statePath(stem), bodyPath(stem)]) {
    try {
      rmSync(path, { recursive: true, force: true });
    } catch {
      // What stays is tried again by the next run.
    }
  }
}

/** Bytes of the body of a kept download; 0 when there is none. Errors: the file system's. */
export function keptSize(stem: string): number {
  return lstatSync(bodyPath(stem), { throwIfNoEntry: false })?.size ?? 0;
}

/** Gives the files of a kept download another place on the same disk. Errors: the file system's. */
export function moveKeptDownload(from: string, to: string): void {
  renameSync(bodyPath(from), bodyPath(to));
  renameSync(statePath(from), statePath(to));
}

interface Files {
  readonly body: number;
  readonly state: number;
}

interface Opened {
  readonly answer: HttpAnswer;
  readonly files: Files;
  readonly hash: Hash;
  readonly length: number;
}

const ownerOnly = 0o600;
const newFile = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_EXCL;
/** Without O_NONBLOCK opening a pipe would wait for a writer. */
const oldFile = constants.O_RDWR | constants.O_APPEND | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

function bodyPath(stem: string): string {
  return `${stem}.body`;
}

function statePath(stem: string): string {
  return `${stem}.state`;
}

/** A file with a second name may be anybody's, and would be written to. */
function openOwnFile(path: string, maxBytes: number): number {
  const descriptor = openSync(path, oldFile);
  const stat = fstatSync(descriptor);
  const isOwn = process.getuid === undefined || stat.uid === process.getuid();
  if (stat.isFile() && isOwn && stat.nlink === 1 && stat.size <= maxBytes) return descriptor;
  closeSync(descriptor);
  throw new Error(`${path} was changed by another program`);
}

interface Proof {
  readonly mark: KeptMark;
  /** Hash of the bytes up to that length. */
  readonly hash: Hash;
}

const pieceSize: number = 1024 * 1024;

/** The last mark up to which the body is as it came; undefined when there is none. */
async function proveMarks(body: number, marks: readonly KeptMark[], signal: AbortSignal): Promise<Proof | undefined> {
  const piece = Buffer.allocUnsafe(pieceSize);
  const hash = createHash("sha256");
  let position = 0;
  let proof: Proof | undefined;
  for (const mark of marks) {
    while (position < mark.length) {
      const read = readSync(body, piece, 0, Math.min(piece.length, mark.length - position), position);
      if (read === 0) return proof;
      hash.update(piece.subarray(0, read));
      position += read;
    }
    if (hash.copy().digest("hex") !== mark.sha256) return proof;
    proof = { mark, hash: hash.copy() };
    await turn();
    signal.throwIfAborted();
  }
  return proof;
}
