import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { xz } from "../../../tests/setup/xz.ts";
import { decompressFile } from "./decompress-file.ts";

const folder = temporaryFolder();
const controller = new AbortController();

async function read(bytes: Uint8Array, { limit = 1000, signal = controller.signal } = {}): Promise<string> {
  const path = join(folder, "file");
  writeFileSync(path, bytes);
  const pieces: Buffer[] = [];
  for await (const piece of decompressFile(path, { limit, signal })) pieces.push(piece);
  return Buffer.concat(pieces).toString("utf8");
}

/** `hello`, by bzip2 1.0.8. */
const bzip2 = Buffer.from("QlpoOTFBWSZTWRkxZT0AAACBAAJEoAAhmmgzTQczi7kinChIDJiynoA=", "base64");

test.each([
  ["plain", Buffer.from("hello")],
  ["gzip", gzipSync("hello")],
  ["Zstandard", zstdCompressSync("hello")],
  ["xz", xz(Buffer.from("hello"))],
  ["bzip2", bzip2],
])("%s data is told by its first bytes", async (_, bytes) => {
  expect(await read(bytes)).toBe("hello");
  await expect(read(bytes, { limit: 4 })).rejects.toMatchObject({ code: "limit-exceeded" });
});

test("an empty file has no content", async () => {
  expect(await read(Buffer.alloc(0))).toBe("");
});

test("damage, a missing file and a cancellation are reported", async () => {
  await expect(read(gzipSync("hello").subarray(0, 15))).rejects.toMatchObject({ code: "archive-malformed" });
  await expect(read(Buffer.from("BZh9 and no more"))).rejects.toMatchObject({ code: "archive-malformed" });
  const missing = decompressFile(join(folder, "none"), { limit: 1, signal: controller.signal });
  await expect(missing.next()).rejects.toMatchObject({ code: "target-unreadable" });
  const signal = AbortSignal.abort();
  await expect(read(xz(Buffer.from("hello")), { signal })).rejects.toMatchObject({ code: "cancelled" });
});
