import { headSize, type TreeVisitor } from "../../../model/tree.ts";
import { type ByteRange, costOf, joinRanges } from "./byte-ranges.ts";
import { inflateChunk } from "./inflate-chunk.ts";
import type { InflationBudget } from "./inflation-budget.ts";
import { RangePrefetcher } from "./range-prefetcher.ts";
import type { Chunk, ReadRange, TableEntry, TableOfContents } from "./table-of-contents.ts";

/** What a walk by a table fetches. */
export interface ChosenBodies {
  /** The files whose bodies are fetched. */
  readonly bodies: ReadonlySet<TableEntry>;
  /** Those of which at first only the first and the last chunk are. */
  readonly inParts: ReadonlySet<TableEntry>;
  /** The first bytes of files that are not wanted for them. */
  readonly heads: ReadonlyMap<TableEntry, Uint8Array>;
}

/** How to choose. */
export interface ChooseOptions {
  readonly foresee: NonNullable<TreeVisitor["foresee"]>;
  readonly readRange: ReadRange;
  /** The most that it may cost in bytes, see {@link costOf}. */
  readonly mostCost: number;
  readonly budget: InflationBudget;
}

/** The largest chunks, inflated, of a file that is read in parts. */
const largestPart: number = 8 * 1024 * 1024;

/**
 * Chooses the files to fetch. Of one whose first bytes decide, the first chunk is fetched, since only a whole chunk is
 * proved; so a file of one chunk is fetched at once. Undefined when all that would cost more than `mostCost`.
 *
 * Errors: `digest-mismatch`, those of `readRange`.
 */
export async function chooseBodies(
  { entries, compression }: TableOfContents,
  { foresee, readRange, budget, mostCost }: ChooseOptions,
): Promise<ChosenBodies | undefined> {
  const bodies = new Set<TableEntry>();
  const inParts = new Set<TableEntry>();
  const heads = new Map<TableEntry, Uint8Array>();
  const undecided: TableEntry[] = [];
  for (const file of entries) {
    if (file.chunks.length === 0 || file.entry.refusal) continue;
    const needed = foresee(file.entry);
    if (needed === "head" && mayBeInParts(file)) undecided.push(file);
    else if (needed !== "nothing") bodies.add(file);
  }
  const chosen = { bodies, inParts, heads };
  const cost = (): number => costOf(joinRanges(plannedParts(entries, chosen)));
  const starts = undecided.flatMap(({ chunks }) => chunks.slice(0, 1));
  if (cost() + costOf(joinRanges(stored(starts))) > mostCost) return undefined;
  const prefetcher = new RangePrefetcher(stored(starts), readRange);
  try {
    for (const file of undecided) {
      budget.inflate((file.chunks[0]?.skip ?? 0) + (file.chunks[0]?.size ?? 0));
      const head = await headOf(file, { prefetcher, compression });
      const isEnough = head.length >= Math.min(headSize, file.entry.size);
      const needed = isEnough ? foresee(file.entry, head) : "body";
      if (needed === "nothing") heads.set(file, head);
      else if (needed === "parts") inParts.add(file);
      else bodies.add(file);
    }
  } finally {
    await prefetcher.stop();
  }
  return cost() > mostCost ? undefined : chosen;
}

function mayBeInParts({ chunks }: TableEntry): boolean {
  return chunks.length > 1 && chunks.every(({ size }) => size <= largestPart);
}

/** The parts of the layer that are fetched beforehand, in the order of the walk. */
export function* plannedParts(
  entries: readonly TableEntry[],
  { bodies, inParts }: Pick<ChosenBodies, "bodies" | "inParts">,
): Generator<ByteRange> {
  for (const file of entries) {
    if (bodies.has(file)) yield* stored(file.chunks);
    else if (inParts.has(file)) yield* stored(endsOf(file).flatMap((index) => file.chunks[index] ?? []));
  }
}

/** The numbers of a file's first and last chunk. */
export function endsOf({ chunks }: TableEntry): readonly number[] {
  return chunks.length > 1 ? [0, chunks.length - 1] : [0];
}

/** The chunks of which there is something to fetch. */
export function stored(chunks: readonly Chunk[]): readonly Chunk[] {
  return chunks.filter(({ digest }) => digest !== undefined);
}

/** The first bytes of a file's first chunk, which is proved. */
async function headOf(
  { chunks: [chunk] }: TableEntry,
  { prefetcher, compression }: { readonly prefetcher: RangePrefetcher; readonly compression: "gzip" | "zstd" },
): Promise<Uint8Array> {
  let head: Buffer = none;
  if (!chunk) return head;
  const bytes = chunk.digest === undefined ? none : await prefetcher.bytes(chunk);
  for await (const piece of inflateChunk(bytes, chunk, compression)) {
    if (head.length < headSize) head = Buffer.concat([head, piece.subarray(0, headSize - head.length)]);
  }
  return head;
}

const none = Buffer.alloc(0);
