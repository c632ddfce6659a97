import { PlimsollError } from "../../../model/error.ts";
import type { ImageBudget } from "../../../model/images/image-budget.ts";
import { defaultLargestLayer } from "../walk-pieces.ts";

/** What may come out for each byte that was fetched, once so much came out: as for a whole layer. */
const largestRatio = 300;
const ratioFrom: number = 1024 * 1024 * 1024;

/** Bounds what comes out of the chunks of a layer in one walk. */
export class InflationBudget {
  readonly #largestLayer: number | undefined;
  readonly #image: ImageBudget | undefined;
  #fetched = 0;
  #counted = 0;
  #inflated = 0;

  /** With a limit of the user's own, any ratio is accepted. `image` counts the other layers too. */
  constructor(largestLayer: number | undefined, image?: ImageBudget) {
    this.#largestLayer = largestLayer;
    this.#image = image;
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
    this.#image?.addBytes(this.#fetched - this.#counted, bytes, { limit, anyRatio: this.#largestLayer !== undefined });
    this.#counted = this.#fetched;
    if (this.#inflated <= limit && (this.#largestLayer !== undefined || !isBomb)) return;
    throw new PlimsollError("limit-exceeded", `the chunks of a layer unpack to ${this.#inflated} bytes or more`, {
      hint: "Raise --max-layer-size if the image is trusted.",
    });
  }
}
