import { type ErrorCode, PlimsollError } from "../model/error.ts";

/** What a thread that takes stock of layers is started with. */
export interface LayerWorkerSetup {
  /** Where inventories are kept, as `InventoryCache` has it. */
  readonly folder: string;
}

/** A failure on its way from one thread to another; without a code it is an error of the program. */
export interface FailureMessage {
  readonly code?: ErrorCode;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** What such a thread is told: a layer, then its stored bytes, then that there are no more. */
export type LayerRequest = { readonly job: number } & (
  | {
      readonly kind: "layer";
      readonly key: string;
      readonly verifies: boolean;
      readonly largestLayer: number | undefined;
    }
  /** Each piece has its memory for itself. */
  | { readonly kind: "bytes"; readonly pieces: readonly Uint8Array<ArrayBuffer>[] }
  | { readonly kind: "end" }
  | { readonly kind: "failed"; readonly failure: FailureMessage }
);

/** What such a thread says. */
export type LayerAnswer = { readonly job: number } & (
  | { readonly kind: "more" }
  /** The JSON of a `CachedLayer`, which is in the cache when the layer was read to its end. */
  | { readonly kind: "taken"; readonly json: string }
  | { readonly kind: "failed"; readonly failure: FailureMessage }
);

/** A failure as a message. */
export function packFailure(cause: unknown): FailureMessage {
  if (cause instanceof PlimsollError) return { code: cause.code, message: cause.message, hint: cause.hint };
  return { message: cause instanceof Error ? (cause.stack ?? cause.message) : String(cause) };
}

/** The failure that a message tells of. */
export function unpackFailure({ code, message, hint }: FailureMessage): Error {
  return code === undefined ? new Error(message) : new PlimsollError(code, message, hint === undefined ? {} : { hint });
}
