import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { KeptFolder } from "../files/kept-folder.ts";
import type { HttpAnswer } from "./http-answer.ts";
import { KeptDownload, keptSize, type OpenKeptOptions, removeKeptDownload } from "./kept-download.ts";

/** Bytes that stay free on the disk beside what is kept. */
const spareRoom: number = 1024 ** 3;
/** Bytes that must be free on the disk if a file is to stay that has been read. */
const roomForRead: number = 4 * 1024 ** 3;
const mostRead: number = 4 * 1024 ** 3;

/** When downloads are kept. */
export interface KeptDownloadsOptions {
  /** Bytes that must stay free on the disk; 1 GiB unless given. */
  readonly spareRoom?: number;
}

/** A download that is begun. */
export interface BegunDownload {
  readonly answer: HttpAnswer;
  /** The file that holds what has arrived. */
  readonly path: string;
}

/**
 * Downloads for a file in the making that outlive the process: a later one goes on where this one is killed. They lie
 * beside that file, for their owner alone, under the SHA-256 of their address, which may hold secrets. Two processes at
 * once do not disturb each other: what one writes the other does not see.
 *
 * Nothing here is an error: what cannot be kept is downloaded as if there were no such thing.
 */
export class KeptDownloads {
  readonly #folder: KeptFolder;
  readonly #spareRoom: number;
  readonly #inUse = new Set<string>();
  #handedOut: HandedOut[] = [];
  #group = 0;

  /** `output` is the file in the making. */
  constructor(output: string, options: KeptDownloadsOptions = {}) {
    this.#folder = new KeptFolder(output);
    this.#spareRoom = options.spareRoom ?? spareRoom;
  }

  /**
   * What an earlier run, or this one, has of an address; undefined when it has nothing that can be used. Error:
   * `AbortError`.
   */
  async open(address: string, options: OpenKeptOptions): Promise<KeptDownload | undefined> {
    const stem = this.#stemOf(address);
    if (this.#inUse.has(stem) || !existsSync(`${stem}.state`)) return undefined;
    this.#inUse.add(stem);
    let kept: KeptDownload | undefined;
    try {
      kept = await KeptDownload.open(stem, options);
      return kept;
    } finally {
      if (!kept) this.#inUse.delete(stem);
    }
  }

  /** Begins to keep a download, with what has arrived so far; undefined when it cannot be kept. */
  create(address: string, { answer, path }: BegunDownload): KeptDownload | undefined {
    const stem = this.#stemOf(address);
    if (this.#isNeeded(stem)) return undefined;
    let kept: KeptDownload | undefined;
    try {
      const missing = Math.max(0, (answer.length ?? 0) - statSync(path).size);
      if (this.#folder.room < this.#spareRoom + missing) return undefined;
      this.#folder.make();
      kept = KeptDownload.create(stem, answer);
      kept.append(readFileSync(path));
      this.#inUse.add(stem);
      return kept;
    } catch {
      kept?.abandon();
      removeKeptDownload(stem);
      return undefined;
    }
  }

  /** Closes a download of which more is to come, at the next run. */
  leave(address: string, kept: KeptDownload): void {
    const stem = this.#stemOf(address);
    this.#inUse.delete(stem);
    try {
      kept.close();
    } catch {
      // Only the recorded bytes count.
    }
  }

  /**
   * Takes note of a finished download that is handed out as `name`: it stays until `forget`, or until it was read and
   * room is needed.
   */
  handOut(address: string, { name }: { readonly name: string }): void {
    const stem = this.#stemOf(address);
    this.#inUse.delete(stem);
    this.#handedOut.push({ stem, name, group: this.#group });
  }

  /** Removes what is kept of an address. */
  remove(address: string, kept?: KeptDownload): void {
    const stem = this.#stemOf(address);
    if (kept) this.#inUse.delete(stem);
    kept?.abandon();
    if (!this.#isNeeded(stem)) removeKeptDownload(stem);
  }

  /** Begins a group of downloads, those that are handed out from now on, and gives its number. */
  startGroup(): number {
    return ++this.#group;
  }

  /** Removes what was handed out, in a group or at all: it has served, or is not what it should be. */
  forget(group?: number): void {
    const served = this.#handedOut.filter((one) => group === undefined || one.group === group);
    this.#handedOut = this.#handedOut.filter((one) => !served.includes(one));
    for (const { stem } of served) if (!this.#inUse.has(stem)) removeKeptDownload(stem);
  }

  /** Leaves all that was handed out to the next run. */
  leaveAll(): void {
    this.#handedOut = [];
  }

  /** Leaves what was handed out in a group and has not been read to the next run. */
  leaveUnread(group: number): void {
    this.#handedOut = this.#handedOut.filter((one) => one.group !== group || !existsSync(one.name));
  }

  /** Removes what was handed out and read, when it takes too much of the disk. */
  makeRoom(): void {
    const read = this.#handedOut.filter(({ stem }) => !this.#isNeeded(stem));
    if (read.length === 0 || !this.#isCrowded()) return;
    this.#handedOut = this.#handedOut.filter((one) => !read.includes(one));
    for (const { stem } of read) removeKeptDownload(stem);
  }

  /** True for a download that a process is writing, or has received and not yet read. */
  #isNeeded(stem: string): boolean {
    return this.#inUse.has(stem) || this.#handedOut.some((one) => one.stem === stem && existsSync(one.name));
  }

  #isCrowded(): boolean {
    try {
      const sizes = this.#handedOut.map(({ stem }) => keptSize(stem));
      return this.#folder.room < roomForRead || sizes.reduce((sum, size) => sum + size, 0) > mostRead;
    } catch {
      return true;
    }
  }

  [Symbol.dispose](): void {
    this.#folder[Symbol.dispose]();
  }

  #stemOf(address: string): string {
    return join(this.#folder.path, createHash("sha256").update(address).digest("hex"));
  }
}

interface HandedOut {
  readonly stem: string;
  /** Removed by whoever got it, when it was read. */
  readonly name: string;
  readonly group: number;
}
