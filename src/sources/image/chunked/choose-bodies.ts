import { largestBody } from "../../../io/bytes/body-collector.ts";
import { headSize, type TreeVisitor } from "../../../model/images/tree.ts";
import { type ByteRange, costOf, joinRanges } from "./byte-ranges.ts";
import { type FirstLook, fetched, firstLookAt, type ReadHeadsOptions, readHeads } from "./first-look.ts";
import type { Chunk, TableEntry, TableOfContents } from "./table-of-contents.ts";

/** What a walk by a table fetches. */
export interface ChosenBodies {
  /** The files whose bodies are fetched. */
  readonly bodies: ReadonlySet<TableEntry>;
  /** Those of which at first only the first and the last chunk are. */
  readonly inParts: ReadonlySet<TableEntry>;
  /** The first bytes of files that are not wanted for them, or too large; those of a large chunk are not proved. */
  readonly heads: ReadonlyMap<TableEntry, Uint8Array>;
}

/** How to choose. */
export interface ChooseOptions extends Omit<ReadHeadsOptions, "compression"> {
  readonly foresee: NonNullable<TreeVisitor["foresee"]>;
  /** The most that it may cost in bytes, see {@link costOf}. */
  readonly mostCost: number;
}

/** The largest chunks, inflated, of a file that is read in parts. */
const largestPart: number = 8 * 1024 * 1024;

/**
 * Chooses the files to fetch. Where the first bytes of files decide, these are fetched first, see {@link firstLookAt}.
 * Undefined when all that would cost more than `mostCost`.
 *
 * Errors: those of {@link readHeads}.
 */
export async function chooseBodies(
  { entries, compression }: TableOfContents,
  { foresee, mostCost, ...options }: ChooseOptions,
): Promise<ChosenBodies | undefined> {
  const bodies = new Set<TableEntry>();
  const inParts = new Set<TableEntry>();
  const heads = new Map<TableEntry, Uint8Array>();
  const looks: FirstLook[] = [];
  const choose = (file: TableEntry, head?: Uint8Array): void => {
    if (mayBeInParts(file)) inParts.add(file);
    else if (head && file.entry.size > largestBody) heads.set(file, head);
    else bodies.add(file);
  };
  for (const file of entries) {
    if (file.chunks.length === 0 || file.entry.refusal) continue;
    const needed = foresee(file.entry);
    const look = needed === "head" ? firstLookAt(file, compression) : undefined;
    if (look) looks.push(look);
    else if (needed === "head") choose(file);
    else if (needed !== "nothing") bodies.add(file);
  }
  const chosen = { bodies, inParts, heads };
  const cost = (): number => costOf(joinRanges(plannedParts(entries, chosen)));
  if (cost() + costOf(joinRanges(fetched(looks))) > mostCost) return undefined;
  for await (const [file, head] of readHeads(looks, { ...options, compression })) {
    const needed = head ? foresee(file.entry, head) : "body";
    if (head && needed === "nothing") heads.set(file, head);
    else if (needed === "parts") choose(file, head);
    else bodies.add(file);
  }
  return cost() > mostCost ? undefined : chosen;
}

/** Its first chunk must show all that the visitor is shown before it decides. */
function mayBeInParts({ chunks }: TableEntry): boolean {
  const [first, ...more] = chunks;
  if (!first || more.length === 0 || first.size < headSize) return false;
  return chunks.every(({ size }) => size <= largestPart);
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
