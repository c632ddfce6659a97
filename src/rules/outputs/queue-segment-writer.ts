import { closeSync, fdatasync, fdatasyncSync, ftruncateSync, openSync, writeSync } from "node:fs";

/** Appends records to a segment file of its own, for its owner alone. */
export class SegmentWriter {
  readonly #descriptor: number;
  #size = 0;
  /** The flush that runs, and the one that will run after it for what was written meanwhile. */
  #running: Promise<void> | undefined;
  #following: Promise<void> | undefined;
  #isClosed = false;
  #failure: unknown;

  /** The file must not be there yet. */
  constructor(path: string) {
    this.#descriptor = openSync(path, "ax", 0o600);
  }

  /** Bytes of all whole records. */
  get size(): number {
    return this.#size;
  }

  /** When it returns, the operating system has the record; when it throws, the file is as before. */
  append(record: Buffer): void {
    try {
      for (let at = 0; at < record.length; ) at += writeSync(this.#descriptor, record, at, record.length - at);
    } catch (cause) {
      ftruncateSync(this.#descriptor, this.#size);
      throw cause;
    }
    this.#size += record.length;
  }

  /** Fulfilled when the disk has all that was appended before. */
  flush(): Promise<void> {
    if (this.#following) return this.#following;
    if (!this.#running) return this.#start();
    const following = this.#running
      .catch(() => undefined)
      .then(() => {
        this.#following = undefined;
        return this.#start();
      });
    this.#following = following;
    return following;
  }

  /** With `flushes`, what waits for a flush is fulfilled by this one. */
  close(flushes: boolean): void {
    this.#isClosed = true;
    if (flushes) {
      try {
        fdatasyncSync(this.#descriptor);
      } catch (cause) {
        this.#failure = cause;
      }
    }
    if (!this.#running) closeSync(this.#descriptor);
  }

  #start(): Promise<void> {
    if (this.#isClosed) return this.#failure === undefined ? Promise.resolve() : Promise.reject(this.#failure);
    const running = new Promise<void>((resolve, reject) => {
      fdatasync(this.#descriptor, (error) => {
        this.#running = undefined;
        if (this.#isClosed) closeSync(this.#descriptor);
        if (error) reject(error);
        else resolve();
      });
    });
    this.#running = running;
    return running;
  }
}
