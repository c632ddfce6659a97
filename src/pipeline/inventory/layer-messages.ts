import { type ErrorCode, PlimsollError } from "../../model/error.ts";
import type { ContentSearch } from "./content-search.ts";

/** What a thread that takes stock of layers is started with. */
export interface LayerWorkerSetup {
  /** Where inventories are kept, as `InventoryCache` has it. */
  readonly folder: string | undefined;
  /** What the names of one layer may take, as `NameBudget` counts it. */
  readonly names: number;
  /** What files are searched for beside packages. */
  readonly search: ContentSearch;
}

/** A failure on its way from one thread to another; without a code it is an error of the program. */
export interface FailureMessage {
  readonly code?: ErrorCode;
  readonly message: string;
  readonly hint?: string | undefined;
}

/**
 * A request to such a thread: the stored bytes of a layer, in as many messages as they take. A small layer is one
 * message, for to wake a thread costs as much as to inflate some ten KiB.
 */
export interface LayerRequest {
  readonly job: number;
  /** In the first message. */
  readonly layer?: RequestedLayer | undefined;
  /** Each has its memory for itself. */
  readonly pieces: readonly Uint8Array<ArrayBuffer>[];
  /** In the last message, with the failure that came in place of more bytes. */
  readonly end?: { readonly failure?: FailureMessage };
}

/** A layer before its bytes. */
export interface RequestedLayer {
  readonly key: string;
  readonly verifies: boolean;
  readonly largestLayer: number | undefined;
  /** The memory of the `ImageBudget` of its image. */
  readonly budget: SharedArrayBuffer | undefined;
}

/** A message to such a thread; `end` asks it to give up its layers and to end by itself. */
export type LayerMessage = LayerRequest | "end";

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

/** The failure that a message describes. */
export function unpackFailure({ code, message, hint }: FailureMessage): Error {
  return code === undefined ? new Error(message) : new PlimsollError(code, message, hint === undefined ? {} : { hint });
}
