import { PlimsollError } from "../../model/error.ts";

/**
 * The same error about an image that an engine keeps or exports: where it says to copy or to save the image again,
 * there is no copy to make anew, and the engine itself lacks a part.
 */
export function asEngineError(error: unknown): unknown {
  if (!(error instanceof PlimsollError) || !/^(?:Copy|Save)\b/.test(error.hint ?? "")) return error;
  return new PlimsollError(error.code, error.message, {
    cause: error,
    hint: "The engine does not have the whole image: pull or build it again.",
  });
}
