import { PlimsollError } from "../error.ts";

const gibibyte: number = 1024 ** 3;

/** The most bytes that the packed layers of an image may have together once they are unpacked. */
const mostUnpacked: number = 128 * gibibyte;
/** With a limit for one layer from the user, all layers together may have this many times as much, if that is more. */
const layersOfLimit = 4;
/** Layers that swell more than this together, once {@link ratioFrom} bytes came out, are taken for an attack. */
const largestRatio = 300;
const ratioFrom: number = 2 * gibibyte;
/** The most entries of all layers of an image together. */
const mostEntries = 20_000_000;

/** What one layer may do. */
export interface LayerLimits {
  /** The most bytes that may come out of the layer. */
  readonly limit: number;
  /** True when the user set the limit, so that any ratio between packed and unpacked bytes is accepted. */
  readonly anyRatio?: boolean | undefined;
}

/** The counters. `swelled` is 1 once the layers were taken for an attack, after which no layer is unpacked. */
const counted = { read: 0, unpacked: 1, entries: 2, swelled: 3 } as const;

/**
 * Bounds the unpacked bytes and the entries of all layers of an image together. It counts in shared memory, so several
 * threads can walk layers of one image.
 */
export class ImageBudget {
  /** The counts. A budget made from them in another thread is the same budget. */
  readonly memory: SharedArrayBuffer;
  readonly #counts: BigInt64Array;

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(4 * BigInt64Array.BYTES_PER_ELEMENT)) {
    this.memory = memory;
    this.#counts = new BigInt64Array(memory);
  }

  /** Counts bytes of a layer: those that were read and those that came out. Error: `limit-exceeded`. */
  addBytes(read: number, unpacked: number, { limit, anyRatio = false }: LayerLimits): void {
    const allRead = this.#add(counted.read, read);
    const allUnpacked = this.#add(counted.unpacked, unpacked);
    const most = anyRatio ? Math.max(mostUnpacked, layersOfLimit * limit) : mostUnpacked;
    if (allUnpacked > most) {
      throw new PlimsollError("limit-exceeded", `the layers of the image unpack to more than ${most} bytes in total`, {
        hint: "Raise --max-layer-size if the image is trusted.",
      });
    }
    if (anyRatio) return;
    const swells = allUnpacked > ratioFrom && allUnpacked > allRead * largestRatio;
    if (swells) Atomics.store(this.#counts, counted.swelled, 1n);
    if (Atomics.load(this.#counts, counted.swelled) === 1n) {
      throw new PlimsollError(
        "limit-exceeded",
        `the layers of the image expand more than ${largestRatio} times beyond the first 2 GiB in total: they look like decompression bombs`,
        { hint: "Set --max-layer-size if the image is trusted." },
      );
    }
  }

  /** Counts entries of a layer. Error: `limit-exceeded`. */
  addEntries(count: number): void {
    if (this.#add(counted.entries, count) <= mostEntries) return;
    throw new PlimsollError("limit-exceeded", `the layers of the image have more than ${mostEntries} entries in total`);
  }

  #add(index: (typeof counted)[keyof typeof counted], count: number): number {
    return Number(Atomics.add(this.#counts, index, BigInt(count))) + count;
  }
}
