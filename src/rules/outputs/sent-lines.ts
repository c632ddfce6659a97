import type { Sender } from "./sender.ts";

/**
 * What became of a line. `open`: it is to be sent. `alone`: it is to be sent without others, since a batch with it was
 * refused for good. `sent`: the sender may still take it back. `done`: it arrived, or never will.
 */
export type LineState = "open" | "alone" | "sent" | "done";

/**
 * The most characters of lines that a sender took and may take back. More than a system keeps for a reader of a pipe,
 * so that what is no longer counted here was at least read.
 */
const longestUnproven = 256 * 1024;

/**
 * What became of the oldest lines of a queue. Lines are meant by their index in the queue; those that nothing is known
 * of are open.
 */
export class SentLines {
  #states: LineState[] = [];

  /** Lines that were sent and may be taken back. */
  get unproven(): number {
    return this.#states.filter((state) => state === "sent").length;
  }

  /** Whether one of so many lines is still to be sent. */
  hasUnsent(count: number): boolean {
    for (let index = 0; index < count; index++) if (this.#isToSend(index)) return true;
    return false;
  }

  set(index: number, state: LineState): void {
    this.#states[index] = state;
  }

  /** The lines to send from `count` lines, in as many groups as may be under way. */
  groupsOf(count: number, { batchSize, parallel }: Pick<Sender, "batchSize" | "parallel">): number[][] {
    const groups: number[][] = [];
    for (let index = 0; index < count; index++) {
      if (!this.#isToSend(index)) continue;
      const group = groups.at(-1);
      const isAlone = this.#states[index] === "alone" || (group && this.#states[group[0] ?? 0] === "alone");
      if (group && group.length < batchSize && !isAlone) group.push(index);
      else if (groups.length === parallel) break;
      else groups.push([index]);
    }
    return groups;
  }

  /** All that was sent and is not proven to have arrived is open again. */
  takeBack(): void {
    this.#states = this.#states.map((state) => (state === "sent" ? "open" : state));
  }

  /** The oldest that were sent have arrived, so many of them. */
  proveOldest(count: number): void {
    let left = count;
    for (const [index, state] of this.#states.entries()) {
      if (left === 0) return;
      if (state !== "sent") continue;
      this.#states[index] = "done";
      left--;
    }
  }

  /** What was sent so long ago that it was read has arrived. Returns how many that are. */
  proveRead(lines: readonly string[]): number {
    const lengths = lines.flatMap((line, index) => (this.#states[index] === "sent" ? [line.length] : []));
    let rest = lengths.reduce((sum, length) => sum + length, 0);
    let count = 0;
    for (const length of lengths) {
      rest -= length;
      if (rest < longestUnproven) break;
      count++;
    }
    this.proveOldest(count);
    return count;
  }

  /** Forgets the oldest lines that are done. Returns how many that were, for the queue to forget as well. */
  forgetDone(): number {
    const open = this.#states.findIndex((state) => state !== "done");
    const count = open < 0 ? this.#states.length : open;
    this.#states = this.#states.slice(count);
    return count;
  }

  #isToSend(index: number): boolean {
    const state = this.#states[index];
    return state !== "sent" && state !== "done";
  }
}
