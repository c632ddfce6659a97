/** A header may hold a name and a comment of any length; more is not an honest file. */
const largestHeader: number = 1024 * 1024;
const trailerSize = 8;

/** Optional parts of a header, by the bits of its fourth byte. */
const flags = { checksum: 2, extra: 4, name: 8, comment: 16, reserved: 0xe0 } as const;

/**
 * The frame around the deflated data of a gzip file, member by member, for who inflates the data itself. Bytes are
 * offered as they come; each method says how many it took. The checksum of a member is passed over, its length is not.
 *
 * Source: RFC 1952. Errors: those of zlib, in its words.
 */
export class GzipFrame {
  #held: Buffer = Buffer.alloc(0);

  /** Takes the bytes of a header; undefined when it goes on in the next bytes, which then are all taken. */
  header(bytes: Uint8Array): number | undefined {
    const before = this.#held.length;
    const all = before === 0 ? bytes : Buffer.concat([this.#held, bytes]);
    const size = headerSize(all);
    if (size !== undefined) {
      this.#held = Buffer.alloc(0);
      return size - before;
    }
    if (all.length > largestHeader) throw new Error("incorrect header check");
    this.#held = Buffer.from(all);
    return undefined;
  }

  /** Takes the bytes of a trailer, as {@link header}. `length` is how many bytes came out of the member. */
  trailer(bytes: Uint8Array, length: number): number | undefined {
    const wanted = trailerSize - this.#held.length;
    const all = Buffer.concat([this.#held, bytes.subarray(0, wanted)]);
    if (all.length < trailerSize) {
      this.#held = all;
      return undefined;
    }
    this.#held = Buffer.alloc(0);
    if (all.readUInt32LE(4) !== length % 2 ** 32) throw new Error("incorrect length check");
    return wanted;
  }
}

/** The size of a header, undefined when it is cut off. */
function headerSize(bytes: Uint8Array): number | undefined {
  const [first = 0x1f, second = 0x8b, method = 8, set = 0] = bytes;
  if (first !== 0x1f || second !== 0x8b) throw new Error("incorrect header check");
  if (method !== 8) throw new Error("unknown compression method");
  if ((set & flags.reserved) !== 0) throw new Error("unknown header flags set");
  let size = 10;
  if ((set & flags.extra) !== 0) {
    if (bytes.length < size + 2) return undefined;
    size += 2 + (bytes[size] ?? 0) + 256 * (bytes[size + 1] ?? 0);
  }
  for (const text of [flags.name, flags.comment]) {
    if ((set & text) === 0) continue;
    const end = bytes.indexOf(0, size);
    if (end === -1) return undefined;
    size = end + 1;
  }
  if ((set & flags.checksum) !== 0) size += 2;
  return bytes.length < size ? undefined : size;
}
