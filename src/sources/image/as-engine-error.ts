import { PlimsollError } from "../../model/error.ts";
import { AmbiguousDocument } from "./image-config.ts";
import { MissingPart } from "./missing-part.ts";

/**
 * The same error about an image that an engine keeps or exports: there is no copy to make again. An engine that lacks a
 * part of the image has to get it, and what broke off or is damaged may come whole the next time.
 */
export function asEngineError(error: unknown): unknown {
  if (!(error instanceof PlimsollError)) return error;
  const hint = hintFor(error);
  return hint === undefined ? error : new PlimsollError(error.code, error.message, { cause: error, hint });
}

function hintFor(error: PlimsollError): string | undefined {
  const { code, cause } = error;
  if (code === "archive-malformed") return "The data from the engine is cut off or damaged: try again.";
  // Those of a kind of their own say what to do there.
  if (code !== "layout-malformed" || error.constructor !== PlimsollError || cause instanceof AmbiguousDocument)
    return undefined;
  if (cause instanceof MissingPart) return "The engine does not have the complete image: pull or build it again.";
  return "The data from the engine is not the image as it was built: try again, or save it to a file and scan that.";
}
