import { setImmediate } from "node:timers/promises";
import { largestBody } from "../../../io/bytes/body-collector.ts";
import { refuseCancelled } from "../../../io/refuse-cancelled.ts";
import { headSize } from "../../../model/images/tree.ts";
import type { ByteRange } from "./byte-ranges.ts";
import { inflateChunk, peekChunk, peekSize } from "./inflate-chunk.ts";
import type { InflationBudget } from "./inflation-budget.ts";
import { namedAsProgram } from "./named-as-program.ts";
import { RangePrefetcher } from "./range-prefetcher.ts";
import type { Chunk, ReadRange, TableEntry, TableOfContents } from "./table-of-contents.ts";

/** The range to fetch for the first bytes of a file: its first chunk, or only the beginning of it, or nothing. */
export interface FirstLook extends ByteRange {
  readonly file: TableEntry;
  readonly chunk: Chunk;
}

/** How first bytes are read. */
export interface ReadHeadsOptions {
  readonly compression: TableOfContents["compression"];
  readonly readRange: ReadRange;
  readonly budget: InflationBudget;
  readonly signal: AbortSignal;
}

/** Other work goes on after so many heads. */
const headsBetweenPauses = 256;

/**
 * How to see the first bytes of a file without the rest; undefined when it is better fetched at once.
 *
 * A small chunk is fetched as a whole, since then its digest proves it. From a large chunk only the beginning is
 * fetched, and its content is not proved; so a file that is {@link namedAsProgram} is not judged by it.
 */
export function firstLookAt(file: TableEntry, compression: TableOfContents["compression"]): FirstLook | undefined {
  const { entry, chunks } = file;
  const [chunk] = chunks;
  if (!chunk) return undefined;
  const { from, to, digest } = chunk;
  if (digest === undefined) return { file, chunk, from, to: from };
  const enough = peekSize(chunk, compression);
  if (to - from <= 2 * enough) return chunks.length > 1 ? { file, chunk, from, to } : undefined;
  // A file that is too large to be examined is reported only once its first bytes are known.
  if (namedAsProgram(entry) && entry.size <= largestBody) return undefined;
  return { file, chunk, from, to: from + enough };
}

/**
 * The first bytes of files, in this order; undefined for one of which too few come out of what was fetched. Errors:
 * `digest-mismatch` also for what cannot be inflated, `limit-exceeded`, `cancelled`, those of `readRange`.
 */
export async function* readHeads(
  looks: readonly FirstLook[],
  options: ReadHeadsOptions,
): AsyncGenerator<readonly [TableEntry, Buffer | undefined]> {
  const prefetcher = new RangePrefetcher(fetched(looks), options.readRange);
  try {
    for (const [index, look] of looks.entries()) {
      const head = await headIn(look, { ...options, prefetcher });
      yield [look.file, head.length >= Math.min(headSize, look.file.entry.size) ? head : undefined];
      if (index % headsBetweenPauses === 0) await setImmediate();
      refuseCancelled(options.signal);
    }
  } finally {
    await prefetcher.stop();
  }
}

/** The looks for which there is something to fetch. */
export function fetched(looks: readonly FirstLook[]): readonly FirstLook[] {
  return looks.filter(({ from, to }) => to > from);
}

async function headIn(
  look: FirstLook,
  { compression, budget, prefetcher }: ReadHeadsOptions & { readonly prefetcher: RangePrefetcher },
): Promise<Buffer> {
  const { chunk } = look;
  const length = Math.min(headSize, chunk.size);
  if (chunk.digest === undefined) return Buffer.alloc(length);
  const isWhole = look.to === chunk.to;
  budget.inflate(chunk.skip + (isWhole ? chunk.size : length));
  const bytes = await prefetcher.bytes(look);
  // Its digest is proved after its last piece.
  const pieces = isWhole
    ? inflateChunk(bytes, chunk, compression)
    : peekChunk(bytes, { ...chunk, length }, compression);
  let head = none;
  for await (const piece of pieces) {
    if (head.length < length) head = Buffer.concat([head, piece.subarray(0, length - head.length)]);
  }
  return head;
}

const none = Buffer.alloc(0);
