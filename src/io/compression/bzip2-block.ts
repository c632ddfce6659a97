import { type Bzip2Bits, Bzip2Damaged } from "./bzip2-bits.ts";
import { readPrefixCode } from "./bzip2-prefix-code.ts";

// A block, after its magic and CRC:
//
//   1 bit    randomised: made by bzip2 before 0.9.5 only, refused here
//   24 bits  origin: the row of the sorted rotations that is the text
//   16 bits  which ranges of 16 byte values occur, then for each of those 16 bits: which of its values
//   3 bits   number of prefix codes, 2 to 6
//   15 bits  number of selectors, then the selectors, each a move-to-front position in unary (1…10)
//   codes    see bzip2-prefix-code.ts, each over the symbols: run digits 0 and 1, positions 1 to n-1, end of block
//   symbols  in groups of 50, each group in the code that its selector names
//
// Symbols are undone to bytes by move-to-front with run lengths in bijective base 2; the bytes are the last column of
// the sorted rotations; the text that comes out of it has a fifth byte after every four equal ones, which says how many
// more follow (0 to 251, as some encoders write up to 255).

const groupSize = 50;
const mostSelectors = 18_002;
/** Bytes that are handed over at once. */
const pieceSize: number = 256 * 1024;

/** Decodes blocks one after the other; its tables are used again for each. */
export class Bzip2Block {
  /** Checksum of the block decoded last, once all its pieces were taken. */
  checksum = 0;
  #rows: Uint32Array = new Uint32Array(0);

  /**
   * The text of a block, as the bits after its CRC say; `size` is the largest that it may have before its runs are
   * undone.
   */
  *decode(bits: Bzip2Bits, size: number): Generator<Buffer> {
    if (this.#rows.length < size) this.#rows = new Uint32Array(size);
    if (bits.read(1) === 1) throw new Bzip2Damaged("a block is randomised, which is obsolete and not supported");
    const origin = bits.read(24);
    const values = readValues(bits);
    const length = readSymbols(bits, { values, rows: this.#rows, size });
    if (length === 0 && origin === 0) {
      this.checksum = 0;
      return;
    }
    if (origin >= length) throw new Bzip2Damaged("the origin of a block is out of range");
    yield* this.#text(origin, length);
  }

  /**
   * Follows the rotations from the origin and undoes the runs. The low 8 bits of a row are its byte, the others the
   * next row.
   */
  *#text(origin: number, length: number): Generator<Buffer> {
    const rows = linkRows(this.#rows, length);
    let piece = Buffer.allocUnsafe(pieceSize);
    let filled = 0;
    let check = 0xffffffff;
    let row = (rows[origin] ?? 0) >>> 8;
    let last = -1;
    let equal = 0;
    for (let done = 0; done < length; done++) {
      const entry = rows[row] ?? 0;
      const byte = entry & 0xff;
      row = entry >>> 8;
      let times = 1;
      if (equal === 4) {
        times = byte;
        equal = 0;
      } else {
        equal = byte === last ? equal + 1 : 1;
        last = byte;
      }
      for (; times > 0; times--) {
        check = ((check << 8) ^ (checkTable[(check >>> 24) ^ last] ?? 0)) >>> 0;
        piece[filled++] = last;
        if (filled === pieceSize) {
          yield piece;
          piece = Buffer.allocUnsafe(pieceSize);
          filled = 0;
        }
      }
      if (equal === 0) last = -1;
    }
    this.checksum = ~check >>> 0;
    if (filled > 0) yield piece.subarray(0, filled);
  }
}

function readValues(bits: Bzip2Bits): Uint8Array {
  const ranges = bits.read(16);
  const values: number[] = [];
  for (let range = 0; range < 16; range++) {
    if (!(ranges & (0x8000 >> range))) continue;
    const used = bits.read(16);
    for (let value = 0; value < 16; value++) if (used & (0x8000 >> value)) values.push(range * 16 + value);
  }
  if (values.length === 0) throw new Bzip2Damaged("a block uses no bytes");
  return Uint8Array.from(values);
}

/** Writes the bytes of the last column into `rows` and returns how many there are. */
function readSymbols(
  bits: Bzip2Bits,
  { values, rows, size }: { values: Uint8Array; rows: Uint32Array; size: number },
): number {
  const codeCount = bits.read(3);
  if (codeCount < 2 || codeCount > 6) throw new Bzip2Damaged("a block has an invalid number of Huffman codes");
  const selectors = readSelectors(bits, codeCount);
  const endOfBlock = values.length + 1;
  const codes = Array.from({ length: codeCount }, () => readPrefixCode(bits, endOfBlock + 1));
  const front = Uint8Array.from(values);
  let length = 0;
  let run = 0;
  let digit = 1;
  for (const selector of selectors) {
    const code = codes[selector];
    for (let index = 0; code && index < groupSize; index++) {
      const symbol = code.next(bits);
      if (symbol <= 1) {
        run += digit << symbol;
        digit <<= 1;
        if (run > size) throw new Bzip2Damaged("a run is longer than its block");
        continue;
      }
      if (run > 0) {
        if (length + run > size) throw new Bzip2Damaged("a block is too long");
        rows.fill(front[0] ?? 0, length, length + run);
        length += run;
        run = 0;
        digit = 1;
      }
      if (symbol === endOfBlock) return length;
      if (length >= size) throw new Bzip2Damaged("a block is too long");
      const position = symbol - 1;
      const byte = front[position] ?? 0;
      front.copyWithin(1, 0, position);
      front[0] = byte;
      rows[length++] = byte;
    }
  }
  throw new Bzip2Damaged("a block has no end");
}

function readSelectors(bits: Bzip2Bits, codeCount: number): Uint8Array {
  const count = bits.read(15);
  if (count === 0) throw new Bzip2Damaged("a block has no selectors");
  const front = Array.from({ length: codeCount }, (_, index) => index);
  const selectors = new Uint8Array(Math.min(count, mostSelectors));
  for (let index = 0; index < count; index++) {
    let position = 0;
    while (bits.read(1) === 1) {
      position++;
      if (position >= codeCount) throw new Bzip2Damaged("a selector refers to a missing Huffman code");
    }
    const [selector = 0] = front.splice(position, 1);
    front.unshift(selector);
    // Some encoders round the number of selectors up; more than the format can use are read and left.
    if (index < mostSelectors) selectors[index] = selector;
  }
  return selectors;
}

/** Puts into the high 24 bits of each row which row follows it. */
function linkRows(rows: Uint32Array, length: number): Uint32Array {
  const starts = new Uint32Array(256);
  for (let index = 0; index < length; index++) {
    const byte = (rows[index] ?? 0) & 0xff;
    starts[byte] = (starts[byte] ?? 0) + 1;
  }
  let sum = 0;
  for (let byte = 0; byte < 256; byte++) {
    const count = starts[byte] ?? 0;
    starts[byte] = sum;
    sum += count;
  }
  for (let index = 0; index < length; index++) {
    const byte = (rows[index] ?? 0) & 0xff;
    const place = starts[byte] ?? 0;
    starts[byte] = place + 1;
    rows[place] = ((rows[place] ?? 0) | (index << 8)) >>> 0;
  }
  return rows;
}

/** CRC-32 with the polynomial 0x04c11db7, the highest bit first. */
const checkTable: Uint32Array = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index << 24;
  for (let bit = 0; bit < 8; bit++) value = (value << 1) ^ (value < 0 ? 0x04c11db7 : 0);
  return value >>> 0;
});
