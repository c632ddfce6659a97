import { PlimsollError } from "../../../model/error.ts";
import { defaultLargestLayer } from "../walk-pieces.ts";

/** What may come out for each byte that was fetched, once so much came out: as for a whole layer. */
const largestRatio = 300;
const ratioFrom: number = 1024 * 1024 * 1024;

/** Bounds what comes out of the chunks of a layer in one walk. */
export class InflationBudget {
  readonly #largestLayer: number | undefined;
  #fetched = 0;
  #inflated = 0;

  /** With a limit of the user's own, any ratio is accepted. */
  constructor(largestLayer: number | undefined) {
    this.#largestLayer = largestLayer;
  }

  /** Stored bytes that were fetched. */
  get fetched(): number {
    return this.#fetched;
  }

  addFetched(bytes: number): void {
    this.#fetched += bytes;
  }

  /** Says that so many bytes will be inflated. Error: `limit-exceeded`. */
  inflate(bytes: number): void {
    this.#inflated += bytes;
    const isBomb = this.#inflated > ratioFrom && this.#inflated > this.#fetched * largestRatio;
    const limit = this.#largestLayer ?? defaultLargestLayer;
    if (this.#inflated <= limit && (this.#largestLayer !== undefined || !isBomb)) return;
    throw new PlimsollError("limit-exceeded", `${this.#inflated} bytes and more come out of the chunks of a layer`, {
      hint: "Raise --max-layer-size if the image is trusted.",
    });
  }
}
