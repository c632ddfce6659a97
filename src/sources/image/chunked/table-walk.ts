import { setImmediate } from "node:timers/promises";
import { BodyCollector, largestBody } from "../../../io/bytes/body-collector.ts";
import { refuseCancelled } from "../../../io/refuse-cancelled.ts";
import { PlimsollError } from "../../../model/error.ts";
import { headSize, type TreeVisitor } from "../../../model/images/tree.ts";
import { type ChosenBodies, endsOf, plannedParts, stored } from "./choose-bodies.ts";
import { inflateChunk } from "./inflate-chunk.ts";
import type { InflationBudget } from "./inflation-budget.ts";
import { RangePrefetcher } from "./range-prefetcher.ts";
import { SparseBody } from "./sparse-body.ts";
import type { ReadRange, TableEntry, TableOfContents } from "./table-of-contents.ts";

/** What a walk by a table is made with. */
export interface TableWalkOptions {
  readonly table: TableOfContents;
  readonly chosen: ChosenBodies;
  readonly readRange: ReadRange;
  readonly budget: InflationBudget;
  readonly visitor: TreeVisitor;
  readonly signal: AbortSignal;
}

/** Number of inflated bytes held for one file that is read in parts; a file that needs more is collected as a whole. */
const mostHeld: number = 32 * 1024 * 1024;
/** The walk lets other work go on after so many entries. */
const entriesBetweenPauses = 2_000;

/** One walk over the entries of a table. */
export class TableWalk {
  readonly #options: TableWalkOptions;

  constructor(options: TableWalkOptions) {
    this.#options = options;
  }

  /** Errors: `digest-mismatch`, `limit-exceeded`, `cancelled`, those of reading. */
  async run(): Promise<void> {
    const { table, chosen, readRange, signal } = this.#options;
    const prefetcher = new RangePrefetcher(plannedParts(table.entries, chosen), readRange);
    try {
      for (const [index, entry] of table.entries.entries()) {
        if (chosen.inParts.has(entry)) await this.#visitInParts(entry, prefetcher);
        else if (chosen.bodies.has(entry) && entry.entry.size <= largestBody) {
          await this.#visitWithBody(entry, prefetcher);
        } else await this.#visit(entry, chosen.heads.get(entry) ?? none);
        if (index % entriesBetweenPauses === 0) await setImmediate();
        refuseCancelled(signal);
      }
      if (table.own) await this.#visit(table.own, none);
    } finally {
      await prefetcher.stop();
    }
  }

  async #visitWithBody(file: TableEntry, prefetcher: RangePrefetcher): Promise<void> {
    const { visitor } = this.#options;
    using body = new CollectedBody(file);
    await this.#collect(file, { body: body.collector, prefetcher });
    const open = body.collector.file();
    if (visitor.entry(file.entry, open.read(0, headSize))) visitor.file(file.entry, open);
  }

  /** Visits what is not among the chosen; its body comes by requests of its own if the visitor wants it after all. */
  async #visit(file: TableEntry, head: Uint8Array): Promise<void> {
    const { visitor } = this.#options;
    const { entry } = file;
    const { refusal } = entry;
    if (refusal) {
      if (refusal.hasPlace) visitor.entry(entry, none);
      visitor.refused({ path: entry.path, reason: refusal.reason, limit: false });
      return;
    }
    if (!visitor.entry(entry, head) || entry.type !== "file") return;
    if (entry.size > largestBody) {
      visitor.refused({ path: entry.path, reason: "it is larger than 4 GiB, the limit for a file", limit: true });
      return;
    }
    await this.#giveWhole(file);
  }

  /** Fetches more and more of a file until the visitor can do with what is there. */
  async #visitInParts(file: TableEntry, prefetcher: RangePrefetcher): Promise<void> {
    const { visitor } = this.#options;
    const { entry } = file;
    const body = new SparseBody(file);
    await this.#put(file, { body, indexes: endsOf(file), prefetcher });
    if (!visitor.entry(entry, body.file.read(0, Math.min(headSize, entry.size)))) return;
    const isEnough = visitor.rehearse && (await this.#rehearse(file, body));
    if (!isEnough) return this.#giveWhole(file);
    visitor.file(entry, body.file);
    if (body.takeMissing() === undefined) return;
    throw new PlimsollError("target-unreadable", `${entry.path} was different when read again`);
  }

  /** False when the visitor reads too much to hold. */
  async #rehearse(file: TableEntry, body: SparseBody): Promise<boolean> {
    for (let count = 1; ; count *= 2) {
      this.#options.visitor.rehearse?.(file.entry, body.file);
      const missing = body.takeMissing();
      if (missing === undefined) return true;
      const indexes = file.chunks.keys().drop(missing).take(count).toArray();
      const chunks = indexes.filter((index) => !body.has(index)).flatMap((index) => file.chunks[index] ?? []);
      if (body.size + chunks.reduce((sum, { size }) => sum + size, 0) > mostHeld) return false;
      const prefetcher = new RangePrefetcher(chunks, this.#options.readRange);
      try {
        await this.#put(file, { body, indexes, prefetcher });
      } finally {
        await prefetcher.stop();
      }
    }
  }

  async #put(
    { chunks }: TableEntry,
    options: { readonly body: SparseBody; readonly indexes: readonly number[]; readonly prefetcher: RangePrefetcher },
  ): Promise<void> {
    const { body, indexes, prefetcher } = options;
    for (const index of indexes) {
      const chunk = chunks[index];
      if (!chunk || body.has(index)) continue;
      const bytes = await prefetcher.bytes(chunk);
      this.#options.budget.inflate(chunk.skip + chunk.size);
      const pieces: Buffer[] = [];
      for await (const piece of inflateChunk(bytes, chunk, this.#options.table.compression)) pieces.push(piece);
      body.put(index, Buffer.concat(pieces));
    }
  }

  /** Gives the visitor a body that was not fetched beforehand. */
  async #giveWhole(file: TableEntry): Promise<void> {
    using body = new CollectedBody(file);
    const prefetcher = new RangePrefetcher(stored(file.chunks), this.#options.readRange);
    try {
      await this.#collect(file, { body: body.collector, prefetcher });
    } finally {
      await prefetcher.stop();
    }
    this.#options.visitor.file(file.entry, body.collector.file());
  }

  async #collect(
    { chunks }: TableEntry,
    { body, prefetcher }: { readonly body: BodyCollector; readonly prefetcher: RangePrefetcher },
  ): Promise<void> {
    for (const chunk of chunks) {
      const bytes = chunk.digest === undefined ? none : await prefetcher.bytes(chunk);
      this.#options.budget.inflate(chunk.skip + chunk.size);
      for await (const piece of inflateChunk(bytes, chunk, this.#options.table.compression)) body.add(piece);
    }
  }
}

/** Gives up what it collected when it is left. */
class CollectedBody implements Disposable {
  readonly collector: BodyCollector;

  constructor({ entry }: TableEntry) {
    this.collector = new BodyCollector(entry);
  }

  [Symbol.dispose](): void {
    this.collector.release();
  }
}

const none = Buffer.alloc(0);
