import { DiskFile } from "../bytes/random-access.ts";
import { readRange } from "../bytes/read-range.ts";
import { decompressBzip2, isBzip2 } from "./bzip2.ts";
import { decompress } from "./decompress.ts";
import { inflateXz, isXz } from "./xz.ts";

/** Limits on what may come out. */
export interface DecompressFileOptions {
  readonly signal: AbortSignal;
  /** The most bytes that may come out, whatever the ratio to what goes in. */
  readonly limit: number;
}

/**
 * The content of a file in pieces of memory of their own: of bzip2, gzip, xz and Zstandard (told by the first bytes)
 * what they hold, of anything else the bytes as they are. A consumer that stops early closes the file.
 *
 * Errors: `archive-malformed` when it is damaged or cut off, `target-unreadable`, `limit-exceeded`, `cancelled`.
 */
export async function* decompressFile(path: string, { signal, limit }: DecompressFileOptions): AsyncGenerator<Buffer> {
  using file = new DiskFile(path);
  const head = file.read(0, 6);
  const input = readRange({ file, offset: 0, size: file.size });
  if (isBzip2(head)) yield* decompressBzip2(input, { signal, limit });
  else if (isXz(head)) yield* inflateXz(input, { signal, limit });
  else yield* decompress(input, { signal, limit, anyRatio: true });
}
