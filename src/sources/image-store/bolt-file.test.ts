import { writeFileSync } from "node:fs";
import { join } from "node:path";
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
