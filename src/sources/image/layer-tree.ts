import type { Hash } from "node:crypto";
import { slice } from "../../io/bytes/random-access.ts";
import { type FileRange, readRange } from "../../io/bytes/read-range.ts";
import { compressionOf, decompress, magicSize } from "../../io/compression/decompress.ts";
import { canHashBeside, hashBeside } from "../../io/range-hash/range-hash.ts";
import { walkSeekableTar } from "../../io/tar/seek-walker.ts";
import { PlimsollError } from "../../model/error.ts";
import type { Tree, TreeVisitor, WalkOptions } from "../../model/images/tree.ts";
import { algorithmOf, checkDigest, checkHash, hashFor } from "./digest.ts";
import { refuseWrappedForm } from "./layer-form.ts";
import { refuseCompression } from "./refuse-compression.ts";
import { StreamLayerTree } from "./stream-layer-tree.ts";
import { defaultLargestLayer, walkPieces } from "./walk-pieces.ts";

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
      return this.#walkPlain(visitor, options);
    }
    if (compression === "none" && this.#options.expected && canHashBeside(this.#range)) {
      return this.#walkBeside(visitor, { ...options, digest: this.#options.expected.digest });
    }
    return this.#walkStream(visitor, { ...options, compressed: compression !== "none" });
  }

  /**
   * The same layer as bytes that may be walked elsewhere; undefined where nothing is inflated, and where the digest to
   * prove is that of what comes out.
   */
  asStream(): StreamLayerTree | undefined {
    const { file, offset, size } = this.#range;
    const { expected, largestLayer } = this.#options;
    if (compressionOf(file.read(offset, Math.min(magicSize, size))) !== "gzip") return undefined;
    if (expected?.of === "uncompressed") return undefined;
    return new StreamLayerTree({
      read: ({ progress }) => provedRange(this.#range, { progress, digest: expected?.digest }),
      largestLayer,
    });
  }

  async #walkPlain(visitor: TreeVisitor, options: WalkOptions): Promise<void> {
    const { file, offset, size } = this.#range;
    refuseCompression(file.read(offset, Math.min(512, size)));
    refuseWrappedForm((await walkSeekableTar(slice(file, offset, size), visitor, options)) ?? []);
  }

  /**
   * Walks a plain tar, stepping over unwanted bodies, while another thread reads and hashes all of it. Both read the
   * file, so a digest proves nothing when the file changes meanwhile. When one of them fails the other is stopped and
   * waited for: the caller closes the file.
   */
  async #walkBeside(visitor: TreeVisitor, options: WalkOptions & { readonly digest: string }): Promise<void> {
    const { digest } = options;
    const { file } = this.#range;
    const stop = new AbortController();
    const signal = AbortSignal.any([options.signal, stop.signal]);
    let failure: { readonly cause: unknown } | undefined;
    const fail = (cause: unknown): undefined => {
      failure ??= { cause };
      stop.abort();
    };
    const [hash] = await Promise.all([
      hashBeside(this.#range, { algorithm: algorithmOf(digest), signal }).catch(fail),
      this.#walkPlain(visitor, { ...options, signal }).catch(fail),
    ]);
    if (failure) throw failure.cause;
    if (file.hasChanged()) throw new PlimsollError("target-unreadable", `${file.path} changed while it was read`);
    checkHash(hash ?? "", { digest, what: "the layer" });
  }

  async #walkStream(
    visitor: TreeVisitor,
    { signal, progress, budget, compressed }: WalkOptions & { readonly compressed: boolean },
  ): Promise<void> {
    const { expected, largestLayer } = this.#options;
    const hash = expected?.of === "stored" ? hashFor(expected.digest) : undefined;
    const stored = hashing(readRange(this.#range, { progress, reuse: compressed }), hash);
    const pieces = decompress(stored, {
      signal,
      limit: largestLayer ?? defaultLargestLayer,
      anyRatio: largestLayer !== undefined,
      budget,
    });
    await walkPieces(pieces, visitor, { digest: expected?.of === "uncompressed" ? expected.digest : undefined });
    if (hash && expected) checkDigest(hash, { digest: expected.digest, what: "the layer" });
  }
}

async function* hashing(pieces: AsyncIterable<Buffer>, hash: Hash | undefined): AsyncGenerator<Buffer> {
  for await (const piece of pieces) {
    hash?.update(piece);
    yield piece;
  }
}

/**
 * The bytes of a range in pieces of memory of their own; after the last one `digest-mismatch` when they have another
 * digest.
 */
async function* provedRange(
  range: FileRange,
  { progress, digest }: { readonly progress: WalkOptions["progress"]; readonly digest: string | undefined },
): AsyncGenerator<Buffer> {
  const hash = digest === undefined ? undefined : hashFor(digest);
  yield* hashing(readRange(range, { progress }), hash);
  if (hash && digest !== undefined) checkDigest(hash, { digest, what: "the layer" });
}
