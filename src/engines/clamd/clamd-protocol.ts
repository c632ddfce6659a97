/*
 * How a thread that may not wait for promises has files scanned: it shares this memory with a thread that holds the
 * session. `state` says whose turn it is.
 */

/** Indexes into the control words. */
export const control = { state: 0, length: 1 } as const;

/** Values of `state`. */
export const states = {
  /** The scanning thread may write. */
  idle: 0,
  /** The next bytes of the file are there. */
  bytes: 1,
  /** The file is complete. */
  end: 2,
  /** A result, as JSON. */
  result: 3,
  /** An error of the program's own, as JSON. */
  failure: 4,
} as const;

/** Bytes that are sent at once. */
export const pieceSize: number = 256 * 1024;

/** The memory that both threads have. */
export interface SharedPiece {
  readonly words: Int32Array<SharedArrayBuffer>;
  readonly bytes: Uint8Array<SharedArrayBuffer>;
}

/** New memory for two threads. */
export function sharedPiece(): SharedPiece {
  return {
    words: new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT)),
    bytes: new Uint8Array(new SharedArrayBuffer(pieceSize)),
  };
}

/** Hands the memory to the other thread. */
export function handOver({ words }: SharedPiece, state: number, length: number): void {
  Atomics.store(words, control.length, length);
  Atomics.store(words, control.state, state);
  Atomics.notify(words, control.state);
}

/** Puts a value into the memory as JSON; gives its length. */
export function writeJson({ bytes }: SharedPiece, value: unknown): number {
  const json = Buffer.from(JSON.stringify(value));
  bytes.set(json);
  return json.length;
}

/** The value that {@link writeJson} put there. */
export function readJson({ words, bytes }: SharedPiece): unknown {
  return JSON.parse(Buffer.from(bytes.slice(0, Atomics.load(words, control.length))).toString("utf8"));
}
