import { type ErrorCode, PlimsollError } from "../../model/error.ts";
import { DiscardedLayersError } from "../../sources/image-store/discarded-layers.ts";

/** Codes of errors that have nothing to do with a layer. */
const notOfLayers: ReadonlySet<ErrorCode> = new Set<ErrorCode>(["cancelled", "scanner-failed"]);

/** Whether what a walk over a layer failed with is a problem of that layer; anything else ends the whole reading. */
export function isProblemOfLayer(error: unknown): error is PlimsollError {
  return error instanceof PlimsollError && !notOfLayers.has(error.code) && !(error instanceof DiscardedLayersError);
}
