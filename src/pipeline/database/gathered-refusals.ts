import type { PartRefusals } from "../../advisories/database/part-refusals.ts";
import type { FeedItem } from "../../advisories/feed-item.ts";
import type { Problem } from "../../model/reports/problem.ts";

/** Records of a part that are remembered to be asked for again. */
const mostRefused = 1000;
/** Records that were read in part and are remembered by id; of more, how many there are. */
const mostInPart = 10_000;

/** What of a part could not be read, gathered while it is parsed. */
export class GatheredRefusals {
  readonly #refused = new Set<string>();
  readonly #inPart = new Set<string>();
  /** Read in part at an earlier update, and not come again. */
  readonly #before: Set<string>;
  readonly #unnamedBefore: number;
  #unnamed = 0;
  #count = 0;
  #first = "";

  /** `before` is what was gathered at the last update, of a part of which only changes come. */
  constructor(before: PartRefusals | undefined) {
    this.#before = new Set(before?.inPart);
    this.#unnamedBefore = before?.unnamed ?? 0;
  }

  note({ message }: Problem): void {
    if (this.#count++ === 0) this.#first = message;
  }

  add(item: FeedItem): void {
    if (item.kind === "advisory") this.#before.delete(item.advisory.id);
    if (item.kind === "removed") this.#before.delete(item.id);
    if (item.kind !== "unreadable" || item.again === false) return;
    const { id, again } = item;
    this.#before.delete(id);
    if (again === undefined) {
      // One more says that they are too many.
      if (this.#refused.size <= mostRefused) this.#refused.add(id);
    } else if (this.#inPart.size < mostInPart) this.#inPart.add(id);
    else if (!this.#inPart.has(id)) this.#unnamed++;
  }

  /** When all items came: the problem of what was read in part before, which counts as `count`; undefined for none. */
  leftFromBefore(): { readonly problem: Problem; readonly count: number } | undefined {
    const count = this.#before.size + this.#unnamedBefore;
    if (count === 0) return undefined;
    const [first] = this.#before;
    const which = first === undefined ? "" : `, the first is ${first}`;
    const message = `records that are still only partly read: ${count}${which}`;
    return { problem: { code: "unreadable", message }, count };
  }

  /** When all items came; undefined when everything could be read. */
  refusals(): PartRefusals | undefined {
    const left = this.leftFromBefore();
    const count = this.#count + (left?.count ?? 0);
    if (count === 0) return undefined;
    const all = [...this.#inPart, ...this.#before].sort();
    const unnamed = this.#unnamed + this.#unnamedBefore + Math.max(0, all.length - mostInPart);
    return {
      count,
      first: this.#count === 0 ? (left?.problem.message ?? "") : this.#first,
      ...(this.#refused.size <= mostRefused && { ids: [...this.#refused].sort() }),
      ...(all.length > 0 && { inPart: all.slice(0, mostInPart) }),
      ...(unnamed > 0 && { unnamed }),
    };
  }
}
