import { AbortFault } from "./fault.ts";

/**
 * Counts what an evaluation does, and ends it at a limit. One unit is about one operation, one step of a macro over a
 * list, or ten characters of text that are read or made, so the same expression over the same facts ends at the same
 * place on every machine.
 */
export class Meter {
  #left: number;

  constructor(limit: number) {
    this.#left = limit;
  }

  /** @throws AbortFault when nothing is left. */
  spend(units: number): void {
    this.#left -= units;
    if (this.#left < 0) throw new AbortFault("the cost limit is exceeded");
  }

  /** For work in proportion to a number of characters, bytes or items. */
  spendOn(length: number): void {
    this.spend(Math.ceil(length / 10));
  }

  get left(): number {
    return this.#left;
  }
}
