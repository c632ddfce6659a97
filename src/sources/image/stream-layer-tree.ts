import { decompress } from "../../io/decompress.ts";
import type { Tree, TreeVisitor, WalkOptions } from "../../model/tree.ts";
import { defaultLargestLayer, walkPieces } from "./layer-tree.ts";

/** What a {@link StreamLayerTree} is made with. */
export interface StreamLayerOptions {
  /** The stored bytes of the layer, from the first, in pieces of memory that nobody else holds; called for each walk. */
  readonly read: (options: Pick<WalkOptions, "progress">) => AsyncIterable<Buffer>;
  readonly largestLayer?: number | undefined;
}

/** The tree of one layer whose bytes come from elsewhere as they are walked, and are kept nowhere. */
export class StreamLayerTree implements Tree {
  readonly #options: StreamLayerOptions;

  constructor(options: StreamLayerOptions) {
    this.#options = options;
  }

  walk(visitor: TreeVisitor, { signal, progress }: WalkOptions): Promise<void> {
    const { read, largestLayer } = this.#options;
    const pieces = decompress(read(progress === undefined ? {} : { progress }), {
      signal,
      limit: largestLayer ?? defaultLargestLayer,
      anyRatio: largestLayer !== undefined,
      ownsInput: true,
    });
    return walkPieces(pieces, visitor, undefined);
  }
}
