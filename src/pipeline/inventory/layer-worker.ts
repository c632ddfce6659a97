import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { PiecePool } from "../../io/bytes/piece-pool.ts";
import { PlimsollError } from "../../model/error.ts";
import { ImageBudget } from "../../model/images/image-budget.ts";
import { StreamLayerTree } from "../../sources/image/stream-layer-tree.ts";
import { FileMatcher } from "./file-matcher.ts";
import { imageExtractors } from "./image-extractors.ts";
import { InventoryCache } from "./inventory-cache.ts";
import { takeInventory } from "./layer-inventory.ts";
import {
  type LayerAnswer,
  type LayerMessage,
  type LayerRequest,
  type LayerWorkerSetup,
  packFailure,
  type RequestedLayer,
  unpackFailure,
} from "./layer-messages.ts";
import { NameBudget } from "./name-budget.ts";

/** Bytes that are inflated before they are looked at: so few that they are still in the processor's own memory. */
const pieceSize: number = 1024 * 1024;

/**
 * Takes stock of layers whose bytes come as messages. A message that asks it to end is heard once the bytes that came
 * before it are inflated; then the layers are given up, zlib finishes what it has begun, and the thread ends by itself.
 */
async function serve(port: MessagePort, { folder, names, search }: LayerWorkerSetup): Promise<void> {
  const extractors = await imageExtractors(search);
  const matcher = new FileMatcher(extractors);
  const cache = new InventoryCache(folder, extractors);
  const pool = new PiecePool(pieceSize);
  const inputs = new Map<number, ArrivingBytes>();
  const ending = new AbortController();
  const { signal } = ending;
  const answer = (message: LayerAnswer): void => port.postMessage(message);

  const take = async (
    job: number,
    {
      layer: { key, verifies, largestLayer, budget: counts },
      input,
    }: { readonly layer: RequestedLayer; readonly input: ArrivingBytes },
  ): Promise<void> => {
    try {
      const tree = new StreamLayerTree({ read: () => input.pieces(), largestLayer, pool, isProved: verifies });
      const budget = counts && new ImageBudget(counts);
      const inventory = await takeInventory(tree, matcher, { signal, budget, names: new NameBudget(names) });
      const json = JSON.stringify({ key, inventory, verified: verifies && inventory.complete });
      if (inventory.complete) cache.setJson(key, json);
      answer({ job, kind: "taken", json });
    } catch (cause) {
      answer({ job, kind: "failed", failure: packFailure(cause) });
    } finally {
      inputs.delete(job);
    }
  };

  port.on("message", (message: LayerMessage) => {
    if (message === "end") {
      ending.abort();
      for (const [job, input] of inputs) input.arrive({ job, pieces: [], end: { failure: packFailure(ended) } });
      port.close();
      return;
    }
    const { job, layer } = message;
    if (layer) {
      const input = new ArrivingBytes(() => answer({ job, kind: "more" }));
      inputs.set(job, input);
      // Beside the others: a layer whose bytes are slow to come does not hold up the next one.
      void take(job, { layer, input });
    }
    inputs.get(job)?.arrive(message);
  });
}

const ended = new PlimsollError("cancelled", "the thread was asked to end");

/** Bytes that are asked for one message at a time. */
class ArrivingBytes {
  readonly #waiting: LayerRequest[] = [];
  readonly #wantMore: () => void;
  #wake: (() => void) | undefined;

  constructor(wantMore: () => void) {
    this.#wantMore = wantMore;
  }

  arrive(message: LayerRequest): void {
    this.#waiting.push(message);
    this.#wake?.();
  }

  /** Errors: those of whoever sends the bytes. */
  async *pieces(): AsyncGenerator<Buffer> {
    for (;;) {
      const message = this.#waiting.shift();
      if (!message) {
        await new Promise<void>((resolve) => (this.#wake = resolve));
        continue;
      }
      const { pieces, end } = message;
      if (!end) this.#wantMore();
      for (const { buffer } of pieces) yield Buffer.from(buffer);
      if (end?.failure) throw unpackFailure(end.failure);
      if (end) return;
    }
  }
}

if (parentPort) serve(parentPort, workerData);
