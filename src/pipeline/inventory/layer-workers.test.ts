import { setTimeout as wait } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { expect, onTestFinished, test, vi } from "vitest";
import { type TarMember, tar } from "../../../tests/setup/tar.ts";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { extractors } from "../../extractors/builtin.ts";
import { PlimsollError } from "../../model/error.ts";
import { StreamLayerTree } from "../../sources/image/stream-layer-tree.ts";
import { noContentSearch } from "./content-search.ts";
import { FileMatcher } from "./file-matcher.ts";
import { type CachedLayer, InventoryCache } from "./inventory-cache.ts";
import { takeInventory } from "./layer-inventory.ts";
import { LayerWorkers } from "./layer-workers.ts";
import { namesOfImage } from "./name-budget.ts";

const folder = temporaryFolder();

const members: readonly TarMember[] = [
  { name: "etc/os-release", content: 'ID=debian\nVERSION_ID="12"\n' },
  { name: "app/node_modules/a/package.json", content: '{"name":"a","version":"1.2.3"}' },
  { name: "app/node_modules/b/package.json", content: "no JSON" },
  { name: "lib", link: "usr/lib", type: "symlink" },
  { name: ".wh.gone", content: "" },
  ...Array.from({ length: 300 }, (_, index) => ({ name: `data/${index}`, content: "x".repeat(index * 40) })),
];
const packed: Buffer = gzipSync(tar([...members]));

function workers(count = 1, names = namesOfImage): { threads: LayerWorkers; controller: AbortController } {
  const controller = new AbortController();
  const threads = new LayerWorkers({ folder, names, search: noContentSearch, count, signal: controller.signal });
  onTestFinished(() => threads[Symbol.asyncDispose]());
  return { threads, controller };
}

/** The bytes in pieces of a size, then what `after` does. */
function layerOf(bytes: Buffer, { size = 10_000, after }: { size?: number; after?: () => Promise<void> } = {}) {
  async function* read(): AsyncGenerator<Buffer> {
    for (let at = 0; at < bytes.length; at += size) yield Buffer.from(bytes.subarray(at, at + size));
    await after?.();
  }
  return new StreamLayerTree({ read });
}

test("a thread finds what a walk here finds, whatever the pieces, and keeps it in the cache", async () => {
  const { threads } = workers(2);
  const { signal } = new AbortController();
  const inventory = await takeInventory(layerOf(packed), new FileMatcher(extractors), { signal });
  const expected: CachedLayer = JSON.parse(JSON.stringify({ inventory, verified: true }));
  expect(expected.inventory.files.length).toBeGreaterThan(1);
  const taken = await Promise.all(
    [1_000, 70_000, packed.length].map((size) =>
      threads.take({ tree: layerOf(packed, { size }), key: `of ${size}`, size: 1, verifies: true }),
    ),
  );
  for (const one of taken) expect(one).toMatchObject(expected);
  expect(new InventoryCache(folder, extractors).get("of 1000")).toMatchObject(expected);
});

test("damaged bytes give what was read before and are not kept, and the thread goes on", async () => {
  const { threads } = workers();
  const cut = threads.take({ tree: layerOf(packed.subarray(0, 900)), key: "cut", size: 1, verifies: true });
  const whole = threads.take({ tree: layerOf(packed), key: "whole", size: 1, verifies: false });
  expect(await cut).toMatchObject({ verified: false, inventory: { complete: false } });
  expect((await cut).inventory.problems[0]?.message).toMatch(/damaged/);
  expect(await whole).toMatchObject({ verified: false, inventory: { complete: true, problems: [] } });
  expect(new InventoryCache(folder, extractors).get("cut")).toBeUndefined();
});

test("bytes behind the damage are not asked for", async () => {
  const { threads } = workers();
  let asked = 0;
  async function* read(): AsyncGenerator<Buffer> {
    yield Buffer.from(packed.subarray(0, 100));
    for (; asked < 2_000; asked++) yield Buffer.alloc(100_000, 1);
  }
  const taken = await threads.take({ tree: new StreamLayerTree({ read }), key: "long", size: 1, verifies: true });
  expect(taken.inventory.complete).toBe(false);
  expect(asked).toBeLessThan(200);
});

test("a failure to get the bytes is the layer's problem, with the words that it had here", async () => {
  const { threads } = workers();
  const after = () => Promise.reject(new PlimsollError("digest-mismatch", "the blob is another one"));
  const { inventory, verified } = await threads.take({
    tree: layerOf(packed, { after }),
    key: "bad",
    size: 1,
    verifies: true,
  });
  expect(verified).toBe(false);
  expect(inventory.problems.at(-1)).toEqual({ code: "unreadable", message: "the blob is another one" });
  expect(inventory.names.length).toBeGreaterThan(300);
});

test("the limit on a layer holds in a thread too", async () => {
  const { threads } = workers();
  const { read } = layerOf(gzipSync(Buffer.alloc(30_000_000))).options;
  const tree = new StreamLayerTree({ read, largestLayer: 2_000_000 });
  const { inventory } = await threads.take({ tree, key: "bomb", size: 1, verifies: true });
  expect(inventory).toMatchObject({ complete: false, problems: [{ code: "limit-exceeded" }] });
});

test("names that take more than a layer may have are the layer's problem", async () => {
  const { threads } = workers(1, 10_000);
  const { inventory } = await threads.take({ tree: layerOf(packed), key: "names", size: 1, verifies: true });
  expect(inventory).toMatchObject({ complete: false, problems: [{ code: "limit-exceeded" }] });
});

test("a cancelled scan ends at once, also where a thread waits for bytes that do not come", async () => {
  const { threads, controller } = workers();
  const never = (): Promise<void> => new Promise(() => undefined);
  const taken = threads.take({ tree: layerOf(packed, { after: never }), key: "slow", size: 1, verifies: true });
  setTimeout(() => controller.abort(), 50);
  await expect(taken).rejects.toMatchObject({ code: "cancelled" });
  await expect(threads.take({ tree: layerOf(packed), key: "later", size: 1, verifies: true })).rejects.toMatchObject({
    code: "cancelled",
  });
});

test("threads end by themselves, whatever they are at", async () => {
  const terminate = vi.spyOn(Worker.prototype, "terminate");
  onTestFinished(() => terminate.mockRestore());
  const never = (): Promise<void> => new Promise(() => undefined);
  for (const bytes of [packed, zstdCompressSync(tar([...members]))]) {
    for (const pause of [0, 300]) {
      const { threads } = workers(2);
      const tree = layerOf(bytes, { after: never });
      const taken = ["a", "b", "c"].map((key) => threads.take({ tree, key, size: 1, verifies: true }));
      await wait(pause);
      const ending = threads[Symbol.asyncDispose]();
      for (const one of taken) await expect(one).rejects.toMatchObject({ code: "cancelled" });
      await ending;
    }
  }
  expect(terminate).not.toHaveBeenCalled();
});
