/** The bytes do not follow the format; the message says how. */
export class Bzip2Damaged extends Error {
  override readonly name = "Bzip2Damaged";
}

/** Bits of a growing run of bytes, from the highest of the first byte on. */
export class Bzip2Bits {
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  /** The last bits taken from the bytes; the lowest `#count` of them are still to be read. */
  #held = 0;
  #count = 0;

  /** How many whole bytes are still to be read. */
  get left(): number {
    return Math.max(0, this.#bytes.length - this.#at + (this.#count >> 3));
  }

  /** Adds bytes at the end. */
  append(pieces: readonly Uint8Array[]): void {
    if (pieces.length === 0) return;
    this.#bytes = Buffer.concat([this.#bytes.subarray(this.#at), ...pieces]);
    this.#at = 0;
  }

  /** The next 1 to 24 bits as a number. Error: {@link Bzip2Damaged} when there are not so many. */
  read(size: number): number {
    const value = this.peek(size);
    this.skip(size);
    return value;
  }

  /** The next 32 bits as a number. */
  word(): number {
    return this.read(16) * 0x10000 + this.read(16);
  }

  /** The next 1 to 24 bits, which stay; bits beyond the end are zero. */
  peek(size: number): number {
    while (this.#count < size) {
      this.#held = (this.#held << 8) | (this.#bytes[this.#at++] ?? 0);
      this.#count += 8;
    }
    return (this.#held >>> (this.#count - size)) & ((1 << size) - 1);
  }

  /** Passes bits that were peeked at. */
  skip(size: number): void {
    this.#count -= size;
    if (this.#at - (this.#count >> 3) > this.#bytes.length) throw new Bzip2Damaged("it is cut off");
  }

  /** Passes the rest of a byte of which some bits were read. */
  alignToByte(): void {
    this.#count -= this.#count & 7;
  }
}
