import { PlimsollError } from "../../model/error.ts";
import { DiscardedLayersError } from "../../sources/image-store/discarded-layers.ts";

/** Whether what a walk over a layer failed with is a problem of that layer; anything else ends the whole reading. */
export function isProblemOfLayer(error: unknown): error is PlimsollError {
  return error instanceof PlimsollError && error.code !== "cancelled" && !(error instanceof DiscardedLayersError);
}
