import { PlimsollError } from "../../model/error.ts";

/** What one more name costs besides its characters: about the memory that a list and an index of it take. */
const perName = 48;

const mebibyte = 1024 * 1024;

/**
 * What the names of an image may take, about bytes: what the longest text of V8 holds, less what JSON has besides them.
 */
export const namesOfImage: number = 511 * mebibyte;
/** What those of one layer may take in a run over many images: an image with a million files stays below. */
export const namesOfLayer: number = 256 * mebibyte;

/**
 * Limits the memory for names and facts of one target. The same limit keeps an inventory short enough to be one JSON
 * text. An image with a million files stays below a quarter of it.
 */
export class NameBudget {
  readonly #size: number;
  #left: number;

  /** `size` is about bytes. */
  constructor(size: number = namesOfImage) {
    this.#size = size;
    this.#left = size;
  }

  /** Notes that a text is kept. Error: `limit-exceeded` when there is no room left. */
  keep(text: string): void {
    this.keepSize(nameCost(text));
  }

  /**
   * Notes that so much is kept of {@link nameCost} and {@link factsCost}. Error: `limit-exceeded` when there is no room
   * left.
   */
  keepSize(size: number): void {
    this.#left -= size;
    if (this.#left >= 0) return;
    const limit = this.#size < mebibyte ? `${this.#size} bytes` : `${Math.floor(this.#size / mebibyte)} MiB`;
    throw new PlimsollError("limit-exceeded", `names and facts exceed the limit of ${limit}`);
  }
}

/** What keeping a text costs, about bytes; as all costs never less than the characters that it takes in JSON. */
export function nameCost(text: string): number {
  return sizeAsJson(text) + perName;
}

/** What keeping a link costs besides its name. */
export function linkCost(path: string, target: string): number {
  return sizeAsJson(path) + nameCost(target);
}

/** What keeping the facts about a file costs. Infinite when they are too large to be JSON. */
export function factsCost(facts: object): number {
  try {
    return JSON.stringify(facts).length + perName;
  } catch (error) {
    if (error instanceof RangeError) return Number.POSITIVE_INFINITY;
    throw error;
  }
}

function sizeAsJson(text: string): number {
  return mayBeEscaped.test(text) ? JSON.stringify(text).length : text.length + 2;
}

/** In JSON a control character takes six, and so does half of a pair. */
const mayBeEscaped = /["\\\p{Cc}\p{Cs}]/u;
