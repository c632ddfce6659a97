import { mkdirSync, readdirSync, rmSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { cachePath } from "../../io/files/cache-file.ts";
import { packRecord } from "../../store/record-store.ts";
import { ContainerMemory } from "./container-memory.ts";
import type { ContainerdContainer } from "./containers-of.ts";

const base = temporaryFolder();
const [digest, other] = [`sha256:${"1".repeat(64)}`, `sha256:${"2".repeat(64)}`];
const known = { imageId: other, digest, pinned: `registry.example/shop:1@${digest}`, platform: "linux/amd64" };
const key = JSON.stringify([1, "default", "web", "2", other]);

function container(id = "web"): ContainerdContainer {
  return {
    ...{ namespace: "default", id, name: id, image: "registry.example/shop:1", isGuessed: false, isNamedLater: false },
    ...{ rootFolder: undefined, target: undefined, kept: undefined, imageId: undefined, chainId: other, madeAt: 2n },
  };
}

function write(cache: string, bytes: Uint8Array): void {
  mkdirSync(join(cache, "containers"), { recursive: true });
  writeFileSync(cachePath(join(cache, "containers"), key), bytes);
}

test("gives what was set, and of what is written there no more than that", () => {
  const cache = join(base, "known");
  new ContainerMemory(cache).set(container(), known);
  expect(new ContainerMemory(cache).get(container())).toEqual(known);
  expect(new ContainerMemory(cache).get(container("api"))).toBeUndefined();
  write(cache, packRecord(key, { ...known, engine: "docker", name: "other", moved: "yes", toString: 1 }));
  expect(new ContainerMemory(cache).get(container())).toEqual(known);
});

test.each<[string, object]>([
  ["no digest", { digest: undefined }],
  ["a digest of another form", { digest: "sha256:1\u001b[31m" }],
  ["an id that is none", { imageId: "../../etc" }],
  ["a manifest that is a number", { manifestDigest: 1 }],
  ["a pin that is not a reference", { pinned: "a b\n" }],
  ["a pin of another digest", { pinned: `registry.example/shop:1@${other}` }],
  ["a pin of another repository", { pinned: `evil.example/shop:1@${digest}` }],
  ["a platform with control characters", { platform: "linux/\u001b[2J" }],
])("ignores a file with %s", (_, hostile) => {
  const cache = join(base, "hostile");
  write(cache, packRecord(key, { ...known, ...hostile }));
  expect(new ContainerMemory(cache).get(container())).toBeUndefined();
});

test("ignores a file that is large, or large unpacked", () => {
  const cache = join(base, "large");
  write(cache, packRecord(key, { ...known, more: "x".repeat(5000) }));
  expect(new ContainerMemory(cache).get(container())).toBeUndefined();
  write(cache, packRecord(key, known));
  expect(new ContainerMemory(cache).get(container())).toEqual(known);
  truncateSync(cachePath(join(cache, "containers"), key), 2 ** 40);
  expect(new ContainerMemory(cache).get(container())).toBeUndefined();
  rmSync(cache, { recursive: true });
  const long = { ...known, pinned: `registry.example/${"a".repeat(5000)}@${digest}` };
  new ContainerMemory(cache).set(container(), long);
  expect(new ContainerMemory(cache).get(container())).toBeUndefined();
});

test("forgets those used least recently where there are too many", () => {
  const cache = join(base, "many");
  const memory = new ContainerMemory(cache, 3);
  for (const id of ["a", "b", "c"]) memory.set(container(id), known);
  const old = new Date(Date.now() - 1000 * 24 * 60 * 60 * 1000);
  for (const file of readdirSync(join(cache, "containers"))) utimesSync(join(cache, "containers", file), old, old);
  memory.get(container("b"));
  memory.set(container("d"), known);
  memory.trim();
  expect(readdirSync(join(cache, "containers")).length).toBe(3);
  for (const id of ["b", "d"]) expect(memory.get(container(id))).toEqual(known);
});
