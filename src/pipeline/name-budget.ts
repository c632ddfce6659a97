import { PlimsollError } from "../model/error.ts";

/** What one more name costs besides its characters: about the memory that a list and an index of it take. */
const perName = 48;

/** What the names of an image may take, about bytes. */
export const namesOfImage: number = 512 * 1024 * 1024;
/** What those of one layer may take in a run over many images: an image with a million files stays below. */
export const namesOfLayer: number = 256 * 1024 * 1024;

/**
 * Bounds the memory that the names in a target take, over all its layers. An image with a million files stays below a quarter of
 * it.
 */
export class NameBudget {
  #left: number;

  /** `size` is about bytes. */
  constructor(size: number = namesOfImage) {
    this.#left = size;
  }

  /** Notes that a text is kept. Error: `limit-exceeded` when there is no room left. */
  keep(text: string): void {
    this.keepSize(nameCost(text));
  }

  /** Notes that texts of so much {@link nameCost} are kept. Error: `limit-exceeded` when there is no room left. */
  keepSize(size: number): void {
    this.#left -= size;
    if (this.#left < 0) throw new PlimsollError("limit-exceeded", "the names in the image take more than 512 MiB");
  }
}

/** What keeping a text costs, about bytes. */
export function nameCost(text: string): number {
  return text.length + perName;
}
