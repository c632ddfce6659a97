import { type Bzip2Bits, Bzip2Damaged } from "./bzip2-bits.ts";

// The lengths of the codes, one symbol after the other: 5 bits say the first; then, for each symbol, 10 makes the
// length one more, 11 one less, 0 takes it as it is. Codes are given out from the shortest to the longest, by symbol
// within a length.

const longestCode = 20;
/** Codes of up to so many bits are found in one look. */
const quickBits = 10;

/** A canonical prefix code. */
export interface PrefixCode {
  /** The next symbol. Error: {@link Bzip2Damaged} for an invalid prefix code. */
  next(bits: Bzip2Bits): number;
}

/** Reads the code of `symbolCount` symbols. */
export function readPrefixCode(bits: Bzip2Bits, symbolCount: number): PrefixCode {
  const lengths = new Uint8Array(symbolCount);
  let length = bits.read(5);
  for (let symbol = 0; symbol < symbolCount; symbol++) {
    for (;;) {
      if (length < 1 || length > longestCode) throw new Bzip2Damaged("invalid Huffman code length");
      if (bits.read(1) === 0) break;
      length += bits.read(1) === 0 ? 1 : -1;
    }
    lengths[symbol] = length;
  }
  return prefixCode(lengths);
}

function prefixCode(lengths: Uint8Array): PrefixCode {
  const symbols: number[] = [];
  /** By length: the first code of the next length, and how far a code lies from its place in `symbols`. */
  const limits = new Int32Array(longestCode + 1);
  const offsets = new Int32Array(longestCode + 1);
  const quick = new Uint16Array(1 << quickBits);
  let code = 0;
  for (let length = 1; length <= longestCode; length++) {
    offsets[length] = symbols.length - code;
    for (let symbol = 0; symbol < lengths.length; symbol++) {
      if (lengths[symbol] !== length) continue;
      if (code >= 1 << length) throw new Bzip2Damaged("a Huffman code has too many symbols");
      if (length <= quickBits) {
        const from = code << (quickBits - length);
        quick.fill((symbol << 5) | length, from, from + (1 << (quickBits - length)));
      }
      symbols.push(symbol);
      code++;
    }
    limits[length] = code;
    code <<= 1;
  }
  return {
    next(bits) {
      const window = bits.peek(longestCode);
      const found = quick[window >>> (longestCode - quickBits)] ?? 0;
      if (found !== 0) {
        bits.skip(found & 31);
        return found >>> 5;
      }
      for (let length = quickBits + 1; length <= longestCode; length++) {
        const value = window >>> (longestCode - length);
        if (value >= (limits[length] ?? 0)) continue;
        bits.skip(length);
        return symbols[value + (offsets[length] ?? 0)] ?? 0;
      }
      throw new Bzip2Damaged("invalid prefix code");
    },
  };
}
