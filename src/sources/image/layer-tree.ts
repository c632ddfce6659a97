import type { Hash } from "node:crypto";
import { compressionOf, decompress, magicSize } from "../../io/decompress.ts";
import { freeBuffer } from "../../io/free-buffer.ts";
import type { PiecePool } from "../../io/piece-pool.ts";
import { slice } from "../../io/random-access.ts";
import { type FileRange, readRange } from "../../io/read-range.ts";
import { walkSeekableTar } from "../../io/tar/seek-walker.ts";
import { TarStreamWalker } from "../../io/tar/stream-walker.ts";
import { PlimsollError } from "../../model/error.ts";
import type { Tree, TreeVisitor, WalkOptions } from "../../model/tree.ts";
import { checkDigest, hashFor } from "./digest.ts";

/** The most bytes that a layer may have uncompressed unless the user says otherwise: 32 GiB. */
export const defaultLargestLayer: number = 32 * 1024 * 1024 * 1024;

/** What a layer's bytes must hash to. */
export interface ExpectedDigest {
  /** `sha256:<hex>` or `sha512:<hex>`. */
  readonly digest: string;
  /** Whether the digest is of the bytes as stored or of the tar inside them. */
  readonly of: "stored" | "uncompressed";
}

/** What {@link LayerTree} is made with. */
export interface LayerTreeOptions {
  /** When present the walk hashes the bytes and fails on a difference. */
  readonly expected?: ExpectedDigest;
  readonly largestLayer?: number;
}

/** The tree of one layer: a tar, gzip, zstd or plain, at a place in a file on disk. */
export class LayerTree implements Tree {
  readonly #range: FileRange;
  readonly #options: LayerTreeOptions;

  constructor(range: FileRange, options: LayerTreeOptions) {
    this.#range = range;
    this.#options = options;
  }

  async walk(visitor: TreeVisitor, options: WalkOptions): Promise<void> {
    const { file, offset, size } = this.#range;
    const compression = compressionOf(file.read(offset, Math.min(magicSize, size)));
    if (compression === "none" && !this.#options.expected) {
      return walkSeekableTar(slice(file, offset, size), visitor, options);
    }
    return this.#walkStream(visitor, { ...options, compressed: compression !== "none" });
  }

  async #walkStream(
    visitor: TreeVisitor,
    { signal, progress, compressed }: WalkOptions & { readonly compressed: boolean },
  ): Promise<void> {
    const { expected, largestLayer } = this.#options;
    const hash = expected?.of === "stored" ? hashFor(expected.digest) : undefined;
    const stored = hashing(readRange(this.#range, { progress, reuse: compressed }), hash);
    const pieces = decompress(stored, {
      signal,
      limit: largestLayer ?? defaultLargestLayer,
      anyRatio: largestLayer !== undefined,
    });
    await walkPieces(pieces, visitor, { digest: expected?.of === "uncompressed" ? expected.digest : undefined });
    if (hash && expected) checkDigest(hash, { digest: expected.digest, what: "the layer" });
  }
}

/** How a tar in pieces is walked. */
export interface WalkPiecesOptions {
  /** What the pieces together must hash to. */
  readonly digest?: string | undefined;
  /** Where pieces go that were walked over; they are freed without it. */
  readonly pool?: PiecePool | undefined;
}

/**
 * Walks a tar that comes in pieces of memory that nobody else holds, and compares it with its digest when one is given.
 * Errors: `archive-malformed`, `limit-exceeded`, `digest-mismatch`, those of `pieces`.
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
  try {
    for await (const piece of pieces) {
      hash?.update(piece);
      walker.push(piece);
      held.push(piece);
      const done = held.length - walker.heldPieces;
      if (done > 0) for (const passed of held.splice(0, done)) release(passed);
    }
    walker.end();
  } finally {
    walker.release();
  }
  if (hash && digest !== undefined) checkDigest(hash, { digest, what: "the layer" });
}

/** A layer that a manifest names and the layout does not hold: walking it fails with `layout-malformed`. */
export function missingLayer(name: string): Tree {
  return {
    walk() {
      return Promise.reject(new PlimsollError("layout-malformed", `the layer ${name} is missing from the archive`));
    },
  };
}

async function* hashing(pieces: AsyncIterable<Buffer>, hash: Hash | undefined): AsyncGenerator<Buffer> {
  for await (const piece of pieces) {
    hash?.update(piece);
    yield piece;
  }
}
