import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { type BoltContent, type BoltLayout, boltFile } from "../../../tests/setup/bolt.ts";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { PlimsollError } from "../../model/error.ts";
import { type BoltBucket, readBolt } from "./bolt-file.ts";

const path = join(temporaryFolder(), "meta.db");

function read<Result>(bytes: Buffer, from: (root: BoltBucket) => Result): Result {
  writeFileSync(path, bytes);
  return readBolt(path, from);
}

/** All that is in it, as far as the names of its values are those of `like`. */
function contentOf(bucket: BoltBucket, like: BoltContent): BoltContent {
  const entries = Object.entries(like).map(([key, value]): [string, string | BoltContent] => {
    if (typeof value === "string") return [key, bucket.value(key)?.toString() ?? "absent"];
    const inner = bucket.bucket(key);
    return [key, inner ? contentOf(inner, value) : "absent"];
  });
  return Object.fromEntries(entries);
}

const many = Object.fromEntries(
  Array.from({ length: 300 }, (_, index) => [`name ${index}`, { target: { digest: `d${index}` } }]),
);
const content: BoltContent = { v1: { a: { images: many }, empty: {}, b: { text: "x".repeat(9000) } }, note: "value" };
const layouts: readonly BoltLayout[] = [
  {},
  { inlineUpTo: 1000 },
  { perLeaf: 4 },
  { perLeaf: 2, inlineUpTo: 200, pageSize: 1024 },
  { pageSize: 16_384, perLeaf: 50 },
];

describe("a bbolt database", () => {
  test.each(layouts)("laid out as %j gives values and buckets", (layout) => {
    const bytes = boltFile(content, layout);
    expect(read(bytes, (root) => contentOf(root, content))).toEqual(content);
    expect(read(bytes, (root) => root.bucket("v1")?.bucketNames())).toEqual(["a", "b", "empty"]);
    expect(read(bytes, (root) => root.bucket("v1")?.bucket("a")?.bucket("images")?.bucketNames())).toHaveLength(300);
    expect(read(bytes, (root) => [root.value("v1"), root.bucket("note"), root.value("zzz"), root.bucket("")])).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  test("is read by the other meta page when one is damaged", () => {
    for (const pageSize of [4096, 16_384]) {
      const bytes = boltFile({ a: "1" }, { pageSize });
      for (const at of [20, pageSize + 20]) {
        const damaged = Buffer.from(bytes).fill(0xff, at, at + 1);
        expect(read(damaged, (root) => root.value("a")?.toString())).toBe("1");
      }
      bytes.fill(0, 16, 24);
      bytes.fill(0, pageSize + 16, pageSize + 24);
      expect(() => read(bytes, () => 1)).toThrow(expect.objectContaining({ code: "layout-malformed" }));
    }
  });

  test("is read again when somebody wrote meanwhile", () => {
    const before = boltFile({ a: "before" }, { transaction: 7 });
    const after = boltFile({ a: "after" }, { transaction: 9 });
    let reads = 0;
    const seen = read(before, (root) => {
      if (++reads === 1) writeFileSync(path, after);
      return root.value("a")?.toString();
    });
    expect([seen, reads]).toEqual(["after", 2]);
    let transaction = 10;
    const restless = (): unknown =>
      read(before, () => writeFileSync(path, boltFile({}, { transaction: ++transaction })));
    expect(restless).toThrow(expect.objectContaining({ code: "target-unreadable" }));
  });

  const pageSize = 512;
  const deep: BoltContent = { v1: { a: { containers: { one: { image: "i" }, two: { image: "j" } } } } };
  const names = (bytes: Buffer): string[] | undefined =>
    read(bytes, (root) => root.bucket("v1")?.bucket("a")?.bucket("containers")?.bucketNames());
  const damaged = expect.objectContaining({ code: "layout-malformed", hint: expect.any(String) });

  test.each([{ pageSize }, { pageSize, perLeaf: 1 }, { pageSize, inlineUpTo: 200 }])(
    "laid out as %j of which a page was lost, or written over another, is damaged and holds no less",
    (layout) => {
      const bytes = boltFile(deep, layout);
      const used = pagesThatMatter(bytes, (damagedBytes) => names(damagedBytes));
      expect(used).not.toEqual([]);
      for (const page of used) {
        const [start, end] = [page * pageSize, (page + 1) * pageSize];
        expect(() => names(Buffer.from(bytes).fill(0, start, end))).toThrow(damaged);
        for (let other = 2 * pageSize; other < bytes.length; other += pageSize) {
          if (other === start) continue;
          const copied = Buffer.from(bytes);
          copied.copy(copied, start, other, other + pageSize);
          expect(() => names(copied)).toThrow(damaged);
        }
      }
    },
  );

  test.each([
    ["less elements", 10, 1],
    ["an element that begins elsewhere", 16 + 4, 33],
    ["a shorter key", 16 + 8, 2],
    ["a shorter value", 16 + 12, 3],
    ["keys in another order", 16 + 2 * 16, "z".charCodeAt(0)],
    ["other flags", 8, 3],
  ])("with a page that has %s is damaged", (_, at, value) => {
    const bytes = boltFile({ one: { image: "i" }, two: { image: "j" } }, { pageSize });
    const page = rootPage(bytes);
    expect(read(bytes, (root) => root.bucketNames())).toEqual(["one", "two"]);
    bytes.writeUInt8(value, page * pageSize + at);
    expect(() => read(bytes, (root) => root.bucketNames())).toThrow(damaged);
    expect(() => read(bytes, (root) => root.value("three"))).toThrow(damaged);
  });

  test("takes memory for the pages that are kept, and not for each of their names", () => {
    const short = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [index.toString(36), ""]));
    const bytes = boltFile({ short }, { perLeaf: 400 });
    const grown = read(bytes, (root) => {
      const bucket = root.bucket("short");
      const before = usedHeap();
      expect([bucket?.bucketNames(), bucket?.value("zz")?.length]).toEqual([[], 0]);
      return usedHeap() - before;
    });
    expect(grown).toBeLessThan(bytes.length);
  });

  test("that is damaged or cut off gives one clear error or an answer, and never hangs", () => {
    const small: BoltContent = {
      v1: { a: { images: { x: { target: { digest: "d" } }, y: { target: { digest: "e" } } } } },
    };
    for (const layout of [
      { pageSize: 512, perLeaf: 1 },
      { pageSize: 512, inlineUpTo: 400 },
    ]) {
      const bytes = boltFile(small, layout);
      let failures = 0;
      const attempt = (damaged: Buffer): void => {
        try {
          read(damaged, (root) => [contentOf(root, small), root.bucketNames()]);
        } catch (error) {
          expect(error).toBeInstanceOf(PlimsollError);
          failures++;
        }
      };
      for (let at = 0; at < bytes.length; at += 11) {
        for (const value of [1, 0xff]) attempt(Buffer.from(bytes).fill(value, at, at + 1));
      }
      for (let cut = 0; cut < bytes.length; cut += 100) attempt(bytes.subarray(0, cut));
      expect(failures).toBeGreaterThan(20);
    }
  });
});

/** Bytes of what is in use, without what only waits to be collected. */
function usedHeap(): number {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
  return process.memoryUsage().heapUsed;
}

/** The number of the page that the newest meta page names. */
function rootPage(bytes: Buffer): number {
  return Number(bytes.readBigUInt64LE(16 + 16));
}

/** The numbers of the pages without which an answer is another one, or none. */
function pagesThatMatter(bytes: Buffer, answer: (bytes: Buffer) => unknown): number[] {
  const size = bytes.readUInt32LE(16 + 8);
  const whole = JSON.stringify(answer(bytes));
  return Array.from({ length: bytes.length / size - 2 }, (_, index) => index + 2).filter((page) => {
    try {
      return JSON.stringify(answer(Buffer.from(bytes).fill(0xff, page * size, (page + 1) * size))) !== whole;
    } catch {
      return true;
    }
  });
}
