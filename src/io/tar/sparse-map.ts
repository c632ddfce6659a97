/** The most bytes of a map that are read. */
export const largestSparseMap: number = 1024 * 1024;

/**
 * Finds the end of the map with which the body of a sparse file begins in GNU tar's pax form 1.0: the number of
 * fragments, then for each its offset and its size, all decimal, each ended by a line feed, filled up to a whole block.
 *
 * Source: GNU tar manual, "PAX Format, Version 1.0".
 */
export class SparseMapReader {
  /** Numbers that are still to come. */
  #left: number | undefined;

  /** Takes the next block of the body. After `whole` the file's own bytes begin; `damaged` is no such map. */
  push(block: Buffer): "more" | "whole" | "damaged" {
    let at = 0;
    if (this.#left === undefined) {
      const end = block.indexOf(lineFeed);
      const digits = block.toString("latin1", 0, Math.max(0, end));
      if (!/^[0-9]{1,7}$/.test(digits)) return "damaged";
      this.#left = 2 * Number(digits);
      at = end + 1;
    }
    for (; at < block.length && this.#left > 0; at++) if (block[at] === lineFeed) this.#left--;
    return this.#left === 0 ? "whole" : "more";
  }
}

const lineFeed = 0x0a;
