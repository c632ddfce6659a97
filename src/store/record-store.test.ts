import { readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../tests/setup/temporary-folder.ts";
import { packRecord, RecordStore, unpackRecord } from "./record-store.ts";

const folder = temporaryFolder();

test("a record comes back in another run, and only under its own key", () => {
  new RecordStore(folder).set("one", packRecord("one", { a: [1, "x\udcff"] }));
  const packed = new RecordStore(folder).get("one");
  if (!packed) throw new Error("there should be a record");
  expect(unpackRecord("one", packed)).toEqual({ a: [1, "x\udcff"] });
  expect(unpackRecord("two", packed)).toBeUndefined();
  expect(new RecordStore(folder).get("two")).toBeUndefined();
});

test("all records are listed with their keys, without damaged and unfinished ones", () => {
  const store = new RecordStore(join(folder, "listed"));
  for (const key of ["one", "two"]) store.set(key, packRecord(key, { key }));
  writeFileSync(join(folder, "listed", "0".repeat(64)), "damaged");
  writeFileSync(join(folder, "listed", `${"1".repeat(64)}.unfinished`), packRecord("three", {}));
  expect([...store.records()].map(({ key, value }) => [key, value]).toSorted()).toEqual([
    ["one", { key: "one" }],
    ["two", { key: "two" }],
  ]);
  expect([...store.records(1)]).toEqual([]);
  expect([...new RecordStore(join(folder, "absent")).records()]).toEqual([]);
  rmSync(join(folder, "listed"), { recursive: true });
});

test("what is damaged or no object counts as absent", () => {
  const packed = packRecord("one", { a: "long enough to be damaged in the middle" });
  for (const bytes of [packed.subarray(0, -1), Buffer.alloc(0), Buffer.from("no record"), damaged(packed)]) {
    expect(unpackRecord("one", bytes)).toBeUndefined();
  }
  expect(unpackRecord("one", packRecord("one", []))).toBeUndefined();
});

test("nobody else may read it, and nothing temporary stays", () => {
  const entries = readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => join(folder, name));
  const files = entries.filter((path) => statSync(path).isFile());
  expect(files).toHaveLength(1);
  for (const path of entries) expect(statSync(path).mode & 0o077).toBe(0);
});

test("a place that cannot be written is not a reason to fail", () => {
  const file = join(folder, "file");
  writeFileSync(file, "");
  const store = new RecordStore(file);
  store.set("one", packRecord("one", {}));
  expect(store.get("one")).toBeUndefined();
});

function damaged(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy[copy.length >> 1] = (copy[copy.length >> 1] ?? 0) ^ 0xff;
  return copy;
}
