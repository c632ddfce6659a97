import { PlimsollError } from "../../model/error.ts";
import type { Tree } from "../../model/images/tree.ts";
import { DiscardedLayersError } from "../../sources/image-store/discarded-layers.ts";
import { type OpenSbom, type OpenTargetOptions, type OpenTree, openTarget } from "../targets/open-target.ts";
import { parseTarget } from "../targets/target.ts";

/**
 * Opens an image again of which a layer must be walked that containerd has discarded: where it is whole, as if nothing
 * were known of it. Where it is whole nowhere, it is the same image as far as it is known, and a walk over such a layer
 * is a problem of that layer.
 *
 * A user who names containerd alone, while registries may be asked, gets the error: it states where all of the image
 * is.
 *
 * Errors: that one, `cancelled`.
 */
export async function openElsewhere(
  known: OpenTree,
  text: string,
  options: Omit<OpenTargetOptions, "isKnownLayer">,
): Promise<OpenTree | OpenSbom> {
  try {
    return await openTarget(text, options);
  } catch (cause) {
    if (!(cause instanceof PlimsollError) || cause.code === "cancelled") throw cause;
    if (parseTarget(text).kind === "containerd" && options.registry && !options.offline) throw cause;
    return withProblemsOfLayers(known, cause);
  }
}

/** Its layers stay open as long as those of `known`. */
function withProblemsOfLayers(known: OpenTree, cause: PlimsollError): OpenTree {
  const where = cause instanceof DiscardedLayersError ? cause.inRegistry : undefined;
  const message = where === undefined ? cause.message : `${cause.message}; use registry:${where} for the rest`;
  const problem = new PlimsollError(cause.code, message, { cause });
  const treeOf = (tree: Tree): Tree => ({
    walk: (visitor, options) =>
      tree.walk(visitor, options).catch((error: unknown) => {
        throw error instanceof DiscardedLayersError ? problem : error;
      }),
  });
  return {
    ...known,
    trees: known.trees.map((layer) => ({ ...layer, tree: treeOf(layer.tree) })),
    [Symbol.dispose]: () => undefined,
  };
}
