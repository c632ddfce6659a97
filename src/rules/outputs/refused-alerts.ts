import { type Alert, type Priority, priorities } from "../../model/events/alert.ts";
import { internalAlert } from "../alerts/internal-alert.ts";

/** Alerts that a queue did not take, to be reported once. */
export class RefusedAlerts {
  /** The lines in the queue when it first refused one. */
  readonly depth: number;
  readonly #counts = new Map<Priority, number>();
  #first: bigint | undefined;
  #last = 0n;

  constructor(depth: number) {
    this.depth = depth;
  }

  add({ priority, time }: Alert): void {
    this.#counts.set(priority, (this.#counts.get(priority) ?? 0) + 1);
    this.#first ??= time;
    this.#last = time;
  }

  /** Counts those that were refused after these as well. */
  absorb(later: RefusedAlerts): void {
    for (const [priority, count] of later.#counts)
      this.#counts.set(priority, (this.#counts.get(priority) ?? 0) + count);
    this.#last = later.#last;
  }

  /** Says how many there were of each priority, and when. */
  alert(output: string): Alert {
    const total = this.#counts.values().reduce((sum, count) => sum + count, 0);
    return internalAlert("alerts lost", {
      message: `${total} alerts were lost because the queue of ${output} did not accept them.`,
      priority: "Critical",
      time: this.#last,
      fields: [
        ["n_lost", total],
        ...priorities.flatMap((priority): [string, number][] => {
          const count = this.#counts.get(priority);
          return count === undefined ? [] : [[`n_lost_${priority.toLowerCase()}`, count]];
        }),
        ["output", output],
        ["time_first", this.#first ?? 0n],
        ["time_last", this.#last],
      ],
    });
  }
}
