import { refuseCancelled } from "../../../io/refuse-cancelled.ts";
import { PlimsollError } from "../../../model/error.ts";
import type { Tree, TreeVisitor, WalkOptions } from "../../../model/images/tree.ts";
import { type ChosenBodies, chooseBodies } from "./choose-bodies.ts";
import { fetchTable } from "./fetch-table.ts";
import { InflationBudget } from "./inflation-budget.ts";
import type { TableLocation } from "./locate-table.ts";
import type { ReadRange, TableOfContents } from "./table-of-contents.ts";
import { TableWalk } from "./table-walk.ts";

/** What a {@link ChunkedLayerTree} is made with. */
export interface ChunkedLayerOptions {
  readonly location: TableLocation;
  /** Bytes of the stored layer. */
  readonly size: number;
  /** Reads a part, and fails where it could be had only with what lies before it. */
  readonly readRange: ReadRange;
  /** The same layer, read from its first byte to its last. */
  readonly whole: Tree;
  readonly largestLayer?: number | undefined;
}

/** A layer of so many bytes is read whole: the table would cost about as much. */
const smallLayer: number = 256 * 1024;
/** The layer is read whole when more than this share of it would be fetched. */
const largestShare = 0.6;

/**
 * The tree of a layer that has a table of contents which its manifest proves: only the files that the visitor wants are
 * fetched, and each chunk of them is proved by the table. It is read whole when the visitor does not say beforehand
 * what it wants, when that is most of the layer, or when the table cannot be had or followed.
 *
 * A walk by the table leaves two things open: whether the tar holds the same, and whether some files that were skipped
 * for their names do begin with wanted bytes, see {@link chooseBodies}; {@link WalkOptions.inPart} reports such a walk.
 */
export class ChunkedLayerTree implements Tree {
  readonly #options: ChunkedLayerOptions;

  constructor(options: ChunkedLayerOptions) {
    this.#options = options;
  }

  async walk(visitor: TreeVisitor, options: WalkOptions): Promise<void> {
    const plan = await this.#plan(visitor, options);
    if (!plan) return this.#options.whole.walk(visitor, options);
    options.inPart?.();
    await new TableWalk({ ...plan, visitor, signal: options.signal }).run();
  }

  /** Undefined when the layer is to be read whole. Error: `cancelled`. */
  async #plan(visitor: TreeVisitor, { signal, progress, budget: ofImage }: WalkOptions): Promise<Plan | undefined> {
    const { location, size, largestLayer } = this.#options;
    const foresee = visitor.foresee?.bind(visitor);
    if (!foresee || size <= smallLayer) return undefined;
    const budget = new InflationBudget(largestLayer, ofImage);
    const readRange: ReadRange = async (from, to) => {
      refuseCancelled(signal);
      const bytes = await this.#options.readRange(from, to);
      budget.addFetched(bytes.length);
      progress?.(bytes.length);
      return bytes;
    };
    try {
      const table = await fetchTable(location, { size, readRange });
      const mostCost = size * largestShare - budget.fetched;
      const chosen = table && (await chooseBodies(table, { foresee, readRange, budget, mostCost, signal }));
      return chosen && { table, chosen, readRange, budget };
    } catch (cause) {
      if (!(cause instanceof PlimsollError) || cause.code === "cancelled") throw cause;
      return undefined;
    }
  }
}

interface Plan {
  readonly table: TableOfContents;
  readonly chosen: ChosenBodies;
  readonly readRange: ReadRange;
  readonly budget: InflationBudget;
}
