/** A turn of one of several inputs that are evaluated in the order of their times. */
export interface Turn {
  /**
   * Waits until no other input has an earlier event than `time`. Gives the time up to which this one may go on, that of
   * the next event of the others; `undefined` without a bound.
   */
  wait(time: bigint): Promise<bigint | undefined>;
  /** This input has ended: the others do not wait for it any more. */
  leave(): void;
}

interface Waiting {
  readonly time: bigint;
  readonly go: (until: bigint | undefined) => void;
}

/**
 * Lets inputs that end by themselves take turns, so that their events are judged in the order of time. Each input must
 * join before the first one waits. An input that comes late in its own order goes on at once.
 */
export class TimeOrder {
  readonly #waiting = new Map<Turn, Waiting>();
  #inputs = 0;

  join(): Turn {
    this.#inputs++;
    let hasLeft = false;
    const turn: Turn = {
      wait: (time) =>
        new Promise((go) => {
          this.#waiting.set(turn, { time, go });
          this.#next();
        }),
      leave: () => {
        if (hasLeft) return;
        hasLeft = true;
        this.#inputs--;
        this.#waiting.delete(turn);
        this.#next();
      },
    };
    return turn;
  }

  /** Lets the earliest go on, once each input has an event available. */
  #next(): void {
    if (this.#waiting.size === 0 || this.#waiting.size < this.#inputs) return;
    let first: [Turn, Waiting] | undefined;
    let until: bigint | undefined;
    for (const entry of this.#waiting) {
      const { time } = entry[1];
      if (first === undefined || time < first[1].time) {
        until = first?.[1].time;
        first = entry;
      } else if (until === undefined || time < until) until = time;
    }
    if (first === undefined) return;
    this.#waiting.delete(first[0]);
    first[1].go(until);
  }
}
