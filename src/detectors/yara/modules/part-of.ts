import type { FileInScan } from "../conditions/value.ts";

/** Bytes of a file that a function reads, at most to its end; undefined for a part outside of the file. */
export function partOf({ bytes, budget }: FileInScan, offset: number, size: number): Buffer | undefined {
  if (offset < 0 || size < 0 || offset >= bytes.length) return undefined;
  const part = bytes.subarray(offset, Math.min(bytes.length, offset + size));
  budget.spend(part.length);
  return part;
}
