import { constants, zstdCompressSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { zstdFrameExtent } from "./zstd-frame.ts";

const contents: readonly Buffer[] = [0, 1, 255, 256, 70_000, 200_000, 1_000_000].flatMap((size) => [
  Buffer.alloc(size, "a"),
  Buffer.from(Uint8Array.from({ length: size }, (_, index) => (index * index * 7919) >> 3)),
]);

describe("the extent of a frame", () => {
  test.each([
    ["with a content size", {}],
    ["without one", { [constants.ZSTD_c_contentSizeFlag]: 0 }],
    ["with a checksum", { [constants.ZSTD_c_checksumFlag]: 1 }],
    ["of many levels", { [constants.ZSTD_c_compressionLevel]: 19 }],
  ])("%s is the size of the frame, whatever follows", (_, params) => {
    for (const content of contents) {
      const frame = zstdCompressSync(content, { params });
      const blocks = Math.max(1, Math.ceil(content.length / (128 * 1024)));
      const followed = Buffer.concat([frame, Buffer.alloc(100, 0xff)]);
      expect(zstdFrameExtent(followed, 1_000)?.size).toBe(frame.length);
      expect(zstdFrameExtent(frame, 1_000)?.blocks).toBeGreaterThanOrEqual(blocks);
      expect(zstdFrameExtent(frame.subarray(0, -1), 1_000)).toBeUndefined();
    }
  });

  test("is not told where there are more blocks than asked for, or a block of the reserved type", () => {
    const frame = zstdCompressSync(Buffer.alloc(1_000_000));
    expect(zstdFrameExtent(frame, 3)).toBeUndefined();
    expect(zstdFrameExtent(Buffer.from("28b52ffd2000070000", "hex"), 8)).toBeUndefined();
    expect(zstdFrameExtent(Buffer.from("28b52ffd", "hex"), 8)).toBeUndefined();
  });
});
