import { randomBytes } from "node:crypto";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { damaged, seededRandom } from "../../../../tests/setup/damaged-bytes.ts";
import { PlimsollError } from "../../../model/error.ts";
import { peekChunk, peekSize } from "./inflate-chunk.ts";
import type { Chunk } from "./table-of-contents.ts";

const random = seededRandom(16);
const noise = randomBytes(2_000_000);
const text = Buffer.from(Array.from({ length: 300_000 }, () => 97 + Math.floor(random() ** 3 * 26)));
const contents: readonly [string, Buffer][] = [
  ["noise", noise],
  ["text", text],
  ["zeros and then noise", Buffer.concat([Buffer.alloc(3_000_000), noise])],
  ["text and then noise", Buffer.concat([text, noise])],
  ["a few bytes", Buffer.from("#!/bin/sh\nexec true\n")],
];
const ways: readonly ["gzip" | "zstd", string, (bytes: Buffer) => Buffer][] = [
  ["gzip", "level 0", (bytes) => gzipSync(bytes, { level: 0 })],
  ["gzip", "level 1", (bytes) => gzipSync(bytes, { level: 1 })],
  ["gzip", "level 9", (bytes) => gzipSync(bytes, { level: 9 })],
  ["zstd", "the default level", (bytes) => zstdCompressSync(bytes)],
];

function chunkOf(stored: Buffer, { skip, size }: { readonly skip: number; readonly size: number }): Chunk {
  return { from: 0, to: stored.length, skip, size, digest: `sha256:${"0".repeat(64)}` };
}

async function peek(
  beginning: Buffer,
  chunk: Chunk & { readonly length: number },
  compression: "gzip" | "zstd",
): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of peekChunk(beginning, chunk, compression)) pieces.push(piece);
  return Buffer.concat(pieces);
}

describe.each(ways)("what begins a chunk of %s (%s)", (compression, _, pack) => {
  test.each(contents)("comes out of the beginning of %s, also behind other files", async (_, content) => {
    const stored = pack(content);
    for (const skip of [0, 1, 1024, 70_000, 280_000, 1_500_000].filter((one) => one < content.length)) {
      const chunk = { ...chunkOf(stored, { skip, size: content.length - skip }), length: 16 };
      const head = await peek(stored.subarray(0, peekSize(chunk, compression)), chunk, compression);
      expect(head).toEqual(content.subarray(skip, skip + 16));
    }
  });

  test("is never something else, however little is there", async () => {
    const stored = pack(text);
    const chunk = { ...chunkOf(stored, { skip: 100, size: 1_000 }), length: 16 };
    for (let length = 0; length < 2_000; length += 7) {
      const head = await peek(stored.subarray(0, length), chunk, compression);
      expect(head).toEqual(text.subarray(100, 100 + head.length));
    }
  });

  test("is told to be damaged, or comes out, when bytes were changed", async () => {
    const beginning = pack(text).subarray(0, 600);
    const chunk = { ...chunkOf(beginning, { skip: 0, size: text.length }), length: 16 };
    const seen = new Set<string>();
    for (let round = 0; round < 200; round++) {
      const result = await peek(Buffer.from(damaged(beginning, random)), chunk, compression).then(
        (head) => (head.length <= 16 ? "bytes" : "too many bytes"),
        (error: unknown) => (error instanceof PlimsollError ? error.code : String(error)),
      );
      seen.add(result);
    }
    seen.delete("bytes");
    expect([...seen]).toEqual(["digest-mismatch"]);
  });
});

test("what swells is inflated no further than to the first bytes", async () => {
  const stored = gzipSync(Buffer.alloc(400_000_000), { level: 9 });
  const before = process.memoryUsage().arrayBuffers;
  expect(await peek(stored, { ...chunkOf(stored, { skip: 0, size: 400_000_000 }), length: 16 }, "gzip")).toEqual(
    Buffer.alloc(16),
  );
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50_000_000);
});
