import { freeBuffer } from "../../io/bytes/free-buffer.ts";
import type { PiecePool } from "../../io/bytes/piece-pool.ts";
import { TarStreamWalker } from "../../io/tar/stream-walker.ts";
import type { TreeVisitor } from "../../model/images/tree.ts";
import { checkDigest, hashFor } from "./digest.ts";
import { refuseWrappedForm } from "./layer-form.ts";
import { refuseCompression } from "./refuse-compression.ts";

/** The most bytes that a layer may have uncompressed unless the user says otherwise: 32 GiB. */
export const defaultLargestLayer: number = 32 * 1024 * 1024 * 1024;

/** How a tar in pieces is walked. */
export interface WalkPiecesOptions {
  /** What the pieces together must hash to. */
  readonly digest?: string | undefined;
  /** Where pieces go that were walked over; they are freed without it. */
  readonly pool?: PiecePool | undefined;
}

/**
 * Walks a tar that comes in pieces of memory that no other code holds, and compares it with its digest when one is
 * given. Errors: `archive-malformed`, `limit-exceeded`, `digest-mismatch`, those of `pieces`.
 */
export async function walkPieces(
  pieces: AsyncIterable<Buffer>,
  visitor: TreeVisitor,
  { digest, pool }: WalkPiecesOptions = {},
): Promise<void> {
  const release = pool ? (piece: Buffer) => pool.give(piece) : freeBuffer;
  const hash = digest === undefined ? undefined : hashFor(digest);
  const walker = new TarStreamWalker(visitor);
  const held: Buffer[] = [];
  let isFirst = true;
  try {
    for await (const piece of pieces) {
      if (isFirst) refuseCompression(piece);
      isFirst = false;
      hash?.update(piece);
      walker.push(piece);
      held.push(piece);
      const done = held.length - walker.heldPieces;
      if (done > 0) for (const passed of held.splice(0, done)) release(passed);
    }
    walker.end();
    refuseWrappedForm(walker.fewPaths ?? []);
  } finally {
    walker.release();
  }
  if (hash && digest !== undefined) checkDigest(hash, { digest, what: "the layer" });
}
