import type { ByteString } from "../../model/events/kernel-event.ts";

/** Says that an entry goes on behind the available bytes. */
export class ShortEntry extends Error {
  override readonly name = "ShortEntry";
}

const short = new ShortEntry();

/**
 * Reads the values of one entry of a list, one after the other, little-endian. Everything throws {@link ShortEntry} at
 * `limit`.
 */
export class EntryReader {
  readonly #bytes: Buffer;
  readonly #limit: number;
  at: number;

  constructor(bytes: Buffer, from: number, limit: number) {
    this.#bytes = bytes;
    this.at = from;
    this.#limit = limit;
  }

  u8(): number {
    return this.#bytes.readUInt8(this.take(1));
  }

  u16(): number {
    return this.#bytes.readUInt16LE(this.take(2));
  }

  u32(): number {
    return this.#bytes.readUInt32LE(this.take(4));
  }

  u64(): bigint {
    const at = this.take(8);
    const low = this.#bytes.readUInt32LE(at);
    const high = this.#bytes.readUInt32LE(at + 4);
    // Most are small, and many are nothing: those cost no memory.
    if (high !== 0) return this.#bytes.readBigUInt64LE(at);
    return low === 0 ? 0n : BigInt(low);
  }

  /** A signed 64-bit integer, exact up to 2^53. */
  i64(): number {
    const at = this.take(8);
    const low = this.#bytes.readInt32LE(at);
    const high = this.#bytes.readInt32LE(at + 4);
    return high === low >> 31 ? low : high * 0x1_0000_0000 + (low >>> 0);
  }

  /** `count` bytes as they are. */
  raw(count: number): ByteString {
    const at = this.take(count);
    return this.#bytes.toString("latin1", at, at + count);
  }

  /** A text with its length before it, up to its first NUL if it has one. */
  text(): ByteString {
    return upToNul(this.raw(this.u16()));
  }

  /** Copies what was read from `start` on to `place` of `target`. */
  copy(start: number, target: Buffer, place: number): void {
    this.#bytes.copy(target, place, start, this.at);
  }

  /** Passes over `count` bytes; returns where they begin. */
  take(count: number): number {
    const at = this.at;
    if (count > this.#limit - at) throw short;
    this.at = at + count;
    return at;
  }
}

/** The text before the first NUL. */
export function upToNul(text: ByteString): ByteString {
  const end = text.indexOf("\0");
  return end < 0 ? text : text.slice(0, end);
}

/** Texts with NUL behind each, also where the last one lacks it; empty for one empty text. */
export function joinedTexts(texts: ByteString): ByteString {
  if (texts.length <= 1) return texts === "" || texts === "\0" ? "" : `${texts}\0`;
  return texts.endsWith("\0") ? texts : `${texts}\0`;
}

/** Texts with NUL behind each; the last one may lack it. An empty text alone is none, as in the library. */
export function splitTexts(joined: ByteString): ByteString[] {
  const texts = joined.endsWith("\0") ? joined.slice(0, -1) : joined;
  return texts === "" ? [] : texts.split("\0");
}
