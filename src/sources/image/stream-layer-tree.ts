import type { PiecePool } from "../../io/bytes/piece-pool.ts";
import { decompress } from "../../io/compression/decompress.ts";
import type { Tree, TreeVisitor, WalkOptions } from "../../model/images/tree.ts";
import { defaultLargestLayer, walkPieces } from "./walk-pieces.ts";

/** How the bytes of a layer are read. */
export interface ReadLayerOptions extends Pick<WalkOptions, "progress"> {
  /** True for pieces of any size, of which several may share memory; else whoever gives them joins small ones. */
  readonly asTheyCome?: boolean;
}

/** What a {@link StreamLayerTree} is made with. */
export interface StreamLayerOptions {
  /**
   * The stored bytes of the layer, from the first, in pieces of memory that no other code holds; called for each walk.
   */
  readonly read: (options: ReadLayerOptions) => AsyncIterable<Buffer>;
  readonly largestLayer?: number | undefined;
  /**
   * Set to inflate in the calling thread, which then does nothing else meanwhile: faster where there is a thread for
   * each layer.
   */
  readonly pool?: PiecePool | undefined;
  /** True when `read` fails at the end of bytes that are not those of their digest. */
  readonly isProved?: boolean | undefined;
}

/** The tree of one layer whose bytes come from elsewhere as they are walked, and are not kept. */
export class StreamLayerTree implements Tree {
  /** What it was made with: another thread may walk the same bytes. */
  readonly options: StreamLayerOptions;

  constructor(options: StreamLayerOptions) {
    this.options = options;
  }

  walk(visitor: TreeVisitor, { signal, progress, budget }: WalkOptions): Promise<void> {
    const { read, largestLayer, pool, isProved } = this.options;
    const pieces = decompress(read(progress === undefined ? {} : { progress }), {
      signal,
      limit: largestLayer ?? defaultLargestLayer,
      anyRatio: largestLayer !== undefined,
      budget,
      ownsInput: true,
      pool,
      isProved,
    });
    return walkPieces(pieces, visitor, { pool });
  }
}
