import { EntryReader } from "./entry-reader.ts";

const chunkSize = 1 << 20;

/** Entries of one key that lie behind each other. */
interface Run {
  readonly bytes: Buffer;
  readonly start: number;
  end: number;
  /** Version of the list that holds them. */
  readonly version: number;
  /** More of the same key. */
  next: Run | undefined;
  /** The last run of the key, stored in its first run. */
  tail: Run | undefined;
}

/**
 * Entries of lists by a key, kept as the capture has them and parsed on request: parsed entries are ten times as large.
 */
export class EntryLists {
  readonly #first = new Map<number, Run>();
  /** Key of the list that is being read. */
  #key = 0;
  #version = 0;
  #last: Run | undefined;
  #chunk: Buffer = Buffer.alloc(0);
  #used = 0;

  /** Entries added from now on belong to this key, behind its existing entries. */
  begin(key: number, version: number): void {
    this.#key = key;
    this.#version = version;
    this.#last = undefined;
  }

  /** Takes over the entry that begins at `from` and that the reader is behind. */
  add(reader: EntryReader, from: number): void {
    const size = reader.at - from;
    if (this.#used + size > this.#chunk.length) {
      this.#chunk = Buffer.allocUnsafeSlow(Math.max(chunkSize, size));
      this.#used = 0;
      this.#last = undefined;
    }
    reader.copy(from, this.#chunk, this.#used);
    const start = this.#used;
    this.#used += size;
    if (this.#last !== undefined) {
      this.#last.end = this.#used;
      return;
    }
    this.#last = {
      bytes: this.#chunk,
      start,
      end: this.#used,
      version: this.#version,
      next: undefined,
      tail: undefined,
    };
    const first = this.#first.get(this.#key);
    if (first === undefined) this.#first.set(this.#key, this.#last);
    else {
      (first.tail ?? first).next = this.#last;
      first.tail = this.#last;
    }
  }

  /** The entries of a key, each read by `read`, which has to leave the reader at its end. */
  *read<T>(key: number, read: (reader: EntryReader, version: number) => T): Generator<T, void> {
    for (let run = this.#first.get(key); run !== undefined; run = run.next) {
      const reader = new EntryReader(run.bytes, run.start, run.end);
      while (reader.at < run.end) yield read(reader, run.version);
    }
  }
}
