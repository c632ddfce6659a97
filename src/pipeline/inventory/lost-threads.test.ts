import { gzipSync } from "node:zlib";
import { afterEach, expect, onTestFinished, test, vi } from "vitest";
import { tar } from "../../../tests/setup/tar.ts";
import { StreamLayerTree } from "../../sources/image/stream-layer-tree.ts";
import { noContentSearch } from "./content-search.ts";
import type { CachedLayer } from "./inventory-cache.ts";
import { LayerWorkers } from "./layer-workers.ts";
import { namesOfImage } from "./name-budget.ts";

/** How many of the threads that are started next end at once, and how many cannot be started. */
const fate = vi.hoisted(() => ({ started: 0, lost: 0, refused: 0 }));

vi.mock("node:worker_threads", async (importOriginal) => {
  const real = await importOriginal<typeof import("node:worker_threads")>();
  class Worker extends real.Worker {
    constructor(...options: ConstructorParameters<typeof real.Worker>) {
      super(...options);
      fate.started++;
      if (fate.lost-- > 0) setImmediate(() => this.terminate());
      else if (fate.refused-- > 0) {
        const message = "Worker initialization failure: EMFILE";
        const failure = Object.assign(new Error(message), { code: "ERR_WORKER_INIT_FAILED" });
        process.nextTick(() => this.emit("error", failure));
      }
    }
  }
  return { ...real, Worker };
});

afterEach(() => void Object.assign(fate, { started: 0, lost: 0, refused: 0 }));

const packed = gzipSync(tar([{ name: "app/node_modules/a/package.json", content: '{"name":"a","version":"1.2.3"}' }]));

function take(layers: number, count: number): Promise<PromiseSettledResult<CachedLayer>[]> {
  const { signal } = new AbortController();
  const threads = new LayerWorkers({ folder: undefined, names: namesOfImage, search: noContentSearch, count, signal });
  onTestFinished(() => threads[Symbol.asyncDispose]());
  async function* read(): AsyncGenerator<Buffer> {
    yield Buffer.from(packed);
  }
  const keys = Array.from({ length: layers }, (_, index) => `layer ${index}`);
  const tree = new StreamLayerTree({ read });
  return Promise.allSettled(keys.map((key) => threads.take({ tree, key, size: 1, verifies: true })));
}

const reasonsOf = (taken: readonly PromiseSettledResult<CachedLayer>[]): readonly unknown[] =>
  taken.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));

test("a thread that ends is started again, and its layers are taken again", async () => {
  fate.lost = 3;
  const taken = await take(20, 2);
  expect(reasonsOf(taken)).toEqual([]);
  expect(taken).toHaveLength(20);
  expect(fate.started).toBeGreaterThan(3);
});

test("where some threads cannot be started the others do their work", async () => {
  fate.refused = 3;
  expect(reasonsOf(await take(20, 4))).toEqual([]);
});

test("threads that end each time are given up, saying what to do", async () => {
  fate.lost = 1_000;
  const [reason] = reasonsOf(await take(1, 1));
  expect(reason).toMatchObject({
    code: "limit-exceeded",
    message: "a thread that reads layers ended 5 times in a row",
    hint: expect.stringContaining("--concurrency"),
  });
  expect(fate.started).toBe(5);
});

test("threads that cannot be started because too many files are open are told as that", async () => {
  fate.refused = 1_000;
  const reasons = reasonsOf(await take(2, 1));
  expect(reasons).toHaveLength(2);
  for (const reason of reasons) {
    expect(reason).toMatchObject({
      code: "limit-exceeded",
      message: "too many open files in this process",
      hint: expect.stringContaining("ulimit -n"),
    });
  }
});
