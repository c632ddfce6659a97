import { Slots } from "../../io/slots.ts";
import { PlimsollError } from "../../model/error.ts";
import type { SharedInventories } from "../inventory/inventory.ts";
import type { CachedLayer, InventoryCache } from "../inventory/inventory-cache.ts";
import { costOfInventory } from "../inventory/inventory-cost.ts";
import type { LayerWorkers } from "../inventory/layer-workers.ts";
import { factsCost, NameBudget, nameCost, namesOfLayer } from "../inventory/name-budget.ts";
import type { SecondWalk } from "../inventory/read-follow-ups.ts";

/** What {@link SharedLayers} is made with. */
export interface SharedLayersOptions {
  /** Where inventories lie that memory has no room for. */
  readonly cache: InventoryCache;
  /** How many layers are walked at a time. */
  readonly atOnce: number;
  /** The threads that walk them; without any they are walked here. */
  readonly workers?: LayerWorkers;
  readonly signal: AbortSignal;
  /** About bytes of inventories that are kept in memory, and a quarter more for second walks. 32 MiB. */
  readonly room?: number;
}

/** What was done for the layers of a run. */
export interface LayerCounts {
  /** Different layers that images have. */
  readonly distinct: number;
  /** Layers that were walked in this run, each counted once, including those that could not be read to their end. */
  readonly read: number;
}

const defaultRoom: number = 32 * 1024 * 1024;

/**
 * The layers of a run over many images: each is walked once, also when several images want it at the same time. What
 * was found is kept in memory as far as there is room, and in the cache. A layer that could not be read to its end is
 * tried again for each repository, since another one may hold what this one refuses.
 */
export class SharedLayers {
  readonly #options: SharedLayersOptions;
  readonly #slots: Slots;
  readonly #held: LastUsed<Held>;
  readonly #underWay = new Map<string, Promise<Held>>();
  readonly #walks: LastUsed<HeldWalk>;
  readonly #walksUnderWay = new Map<string, Promise<SecondWalk>>();
  readonly #keys = new Set<string>();
  readonly #walked = new Set<string>();
  readonly #lost = new Set<string>();

  constructor(options: SharedLayersOptions) {
    this.#options = options;
    this.#slots = new Slots(options.atOnce);
    const room = options.room ?? defaultRoom;
    this.#held = new LastUsed(room);
    this.#walks = new LastUsed(room / 4);
  }

  get counts(): LayerCounts {
    return { distinct: this.#keys.size, read: this.#walked.size };
  }

  /**
   * The layers as an image of one repository asks for them. `lost` is called with the digest of each that could not be
   * read, the first time or again, and that another repository may give.
   */
  of(repository: string, { lost }: { readonly lost?: (digest: string) => void } = {}): SharedInventories {
    return {
      workers: this.#options.workers,
      known: (key) => this.#known(key),
      layer: async (key, { names, take, keeps = false }) => {
        const held = await this.#layer(key, { repository, take, keeps });
        names.keepSize(held.cost);
        return held.layer;
      },
      secondWalk: (key, wanted, walk) => this.#secondWalk(`${repository}\0${key}\0${wanted}`, walk),
      lost: (digest, when) => {
        if (when === "first") this.#lost.add(`${repository}\0${digest}`);
        lost?.(digest);
      },
    };
  }

  /** True for a layer that a repository was asked for and could not give, and that is not known from elsewhere. */
  isLost(digest: string, repository: string): boolean {
    const isKnown = this.#held.get(digest)?.layer.inventory.complete === true;
    return !isKnown && this.#lost.has(`${repository}\0${digest}`);
  }

  async #known(key: string): Promise<CachedLayer | undefined> {
    const held = this.#held.get(key) ?? (await this.#underWay.get(key)?.catch(() => undefined));
    return held?.layer.inventory.complete ? held.layer : undefined;
  }

  async #layer(key: string, options: LayerOptions): Promise<Held> {
    this.#keys.add(key);
    const failed = `${key}\0${options.repository}`;
    for (;;) {
      const held = this.#held.get(key) ?? this.#held.get(failed);
      if (held) return held;
      const other = this.#underWay.get(key);
      if (!other) break;
      const theirs = await other;
      if (theirs.layer.inventory.complete || theirs.repository === options.repository) return theirs;
    }
    const own = this.#obtain(key, options);
    this.#underWay.set(key, own);
    try {
      const result = await own;
      this.#held.add(result.layer.inventory.complete ? key : failed, result);
      return result;
    } finally {
      this.#underWay.delete(key);
    }
  }

  async #obtain(key: string, { repository, take, keeps }: LayerOptions): Promise<Held> {
    const { cache, signal } = this.#options;
    const cached = cache.get(key);
    if (cached) return heldOf(cached, repository);
    const release = await this.#slots.take(signal).catch(() => {
      throw new PlimsollError("cancelled", "the scan was cancelled", { cause: signal.reason });
    });
    try {
      this.#walked.add(key);
      const taken = await take(new NameBudget(namesOfLayer));
      if (taken.inventory.complete && !keeps) cache.set(key, taken);
      return heldOf(taken, repository);
    } finally {
      release();
    }
  }

  async #secondWalk(key: string, walk: () => Promise<SecondWalk>): Promise<SecondWalk> {
    const known = this.#walks.get(key)?.walk ?? this.#walksUnderWay.get(key);
    if (known) return known;
    const own = walk();
    this.#walksUnderWay.set(key, own);
    try {
      const result = await own;
      this.#walks.add(key, { walk: result, cost: costOfWalk(result) });
      return result;
    } finally {
      this.#walksUnderWay.delete(key);
    }
  }
}

interface LayerOptions {
  readonly repository: string;
  readonly take: (names: NameBudget) => Promise<CachedLayer>;
  readonly keeps: boolean;
}

interface Held {
  readonly layer: CachedLayer;
  /** The repository that it was taken for. */
  readonly repository: string;
  /** About bytes in memory, as `NameBudget` counts them. */
  readonly cost: number;
}

interface HeldWalk {
  readonly walk: SecondWalk;
  /** As that of {@link Held}. */
  readonly cost: number;
}

/** What was used last, as far as there is room. */
class LastUsed<Value extends { readonly cost: number }> {
  readonly #entries = new Map<string, Value>();
  readonly #room: number;
  #left: number;

  constructor(room: number) {
    this.#room = room;
    this.#left = room;
  }

  get(key: string): Value | undefined {
    const held = this.#entries.get(key);
    if (!held) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, held);
    return held;
  }

  add(key: string, held: Value): void {
    if (held.cost > this.#room) return;
    this.#entries.set(key, held);
    this.#left -= held.cost;
    for (const [oldest, { cost }] of this.#entries) {
      if (this.#left >= 0) return;
      this.#entries.delete(oldest);
      this.#left += cost;
    }
  }
}

function heldOf(layer: CachedLayer, repository: string): Held {
  return { layer, repository, cost: costOfInventory(layer.inventory) };
}

function costOfWalk({ found, problems }: SecondWalk): number {
  let cost = 0;
  for (const [path, facts] of found) cost += nameCost(path) + factsCost(facts);
  for (const problem of problems) cost += factsCost(problem);
  return cost;
}
