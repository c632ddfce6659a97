import { randomBytes } from "node:crypto";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { PlimsollError } from "../../model/error.ts";
import { compressionOf, type DecompressOptions, decompress } from "./decompress.ts";

const text: Buffer = Buffer.from(Array.from({ length: 500 }, (_, line) => `line ${line * 7919}\n`).join(""));
const skippable: Buffer = skippableFrame(Buffer.from("a note that nobody reads"));

function skippableFrame(body: Buffer, magic = 0x184d2a50): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32LE(magic);
  head.writeUInt32LE(body.length, 4);
  return Buffer.concat([head, body]);
}

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield Buffer.from(bytes.subarray(at, at + size));
}

async function inflate(bytes: Buffer, size = bytes.length, options: Partial<DecompressOptions> = {}): Promise<Buffer> {
  const pieces: Buffer[] = [];
  const all = { signal: new AbortController().signal, limit: Number.MAX_SAFE_INTEGER, ...options };
  for await (const piece of decompress(inPieces(bytes, size), all)) pieces.push(piece);
  return Buffer.concat(pieces);
}

async function failure(work: Promise<unknown>): Promise<PlimsollError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof PlimsollError)) throw new Error(`expected a PlimsollError, got ${String(error)}`);
  return error;
}

describe("compression is told by the first bytes", () => {
  test.each([
    ["gzip", gzipSync("x")],
    ["zstd", zstdCompressSync("x")],
    ["zstd", skippable],
    ["zstd", skippableFrame(Buffer.alloc(1), 0x184d2a5f)],
    ["none", Buffer.from("plain")],
    ["none", Buffer.alloc(0)],
    ["none", Buffer.from([0x1f])],
    ["none", Buffer.from([0x28, 0xb5])],
  ])("%s", (expected, bytes) => {
    expect(compressionOf(bytes)).toBe(expected);
  });
});

test("input that belongs to nobody else is given back, and what comes out is the same", async () => {
  const noise = randomBytes(700_000);
  const packed = Buffer.concat([gzipSync(noise), gzipSync(noise)]);
  const owned: Buffer[] = [];
  async function* input(): AsyncGenerator<Buffer> {
    for (let at = 0; at < packed.length; at += 200_000) {
      const piece = Buffer.allocUnsafeSlow(Math.min(200_000, packed.length - at));
      packed.copy(piece, 0, at);
      owned.push(piece);
      yield piece;
    }
  }
  const out: Buffer[] = [];
  const options = { signal: new AbortController().signal, limit: Number.MAX_SAFE_INTEGER, ownsInput: true };
  for await (const piece of decompress(input(), options)) out.push(piece);
  expect(Buffer.concat(out).equals(Buffer.concat([noise, noise]))).toBe(true);
  expect(owned.length).toBeGreaterThan(5);
  // The end may come before the last piece is reported as taken in: that one is left to the garbage collector.
  expect(owned.slice(0, -1).every(({ length }) => length === 0)).toBe(true);
});

describe("inflating gives the same bytes for every size of input pieces", () => {
  const half = text.length >> 1;
  const forms: readonly (readonly [string, Buffer, Buffer])[] = [
    ["plain bytes", text, text],
    ["nothing", Buffer.alloc(0), Buffer.alloc(0)],
    ["one gzip member", gzipSync(text), text],
    [
      "three gzip members",
      Buffer.concat([gzipSync(text), gzipSync(""), gzipSync("end")]),
      Buffer.concat([text, Buffer.from("end")]),
    ],
    ["gzip with zeros behind it", Buffer.concat([gzipSync(text), Buffer.alloc(10_000)]), text],
    ["one zstd frame", zstdCompressSync(text), text],
    [
      "zstd frames with skippable ones between, before and behind",
      Buffer.concat([
        skippable,
        zstdCompressSync(text.subarray(0, half)),
        skippableFrame(Buffer.alloc(0)),
        zstdCompressSync(""),
        zstdCompressSync(text.subarray(half)),
        skippable,
      ]),
      text,
    ],
    ["only a skippable zstd frame", skippable, Buffer.alloc(0)],
    [
      "two hundred small zstd frames",
      Buffer.concat(Array.from({ length: 200 }, (_, index) => zstdCompressSync(`frame ${index}\n`))),
      Buffer.from(Array.from({ length: 200 }, (_, index) => `frame ${index}\n`).join("")),
    ],
  ];
  for (const [name, packed, plain] of forms) {
    test.each([1, 2, 3, 7, 8, 9, 64, 511, 4096, 1 << 20])(`${name}, %i bytes at a time`, async (size) => {
      if (packed.length / size > 40_000) return;
      expect((await inflate(packed, size)).equals(plain)).toBe(true);
    });
  }

  test("more than the buffers hold", async () => {
    const large = Buffer.concat(Array.from({ length: 1_500 }, () => text));
    for (const packed of [gzipSync(large, { level: 1 }), zstdCompressSync(large)]) {
      expect((await inflate(packed, 65_536)).equals(large)).toBe(true);
    }
  });
});

describe("damaged data is an error that says so", () => {
  test.each([
    ["gzip", gzipSync(text)],
    ["zstd", zstdCompressSync(text)],
  ])("%s that is cut off anywhere", async (name, packed) => {
    const places = Array.from({ length: 60 }, (_, index) => 4 + Math.floor(((packed.length - 5) * index) / 59));
    for (const place of places) {
      for (const size of [100, place]) {
        const error = await failure(inflate(packed.subarray(0, place), size));
        expect(error.code).toBe("archive-malformed");
        expect(error.message).toMatch(new RegExp(`^the ${name} data is damaged: `));
      }
    }
  });

  test.each([
    ["gzip with garbage behind it", Buffer.concat([gzipSync(text), Buffer.from("garbage that is not a member")])],
    ["gzip with a wrong check sum", flipped(gzipSync(text), gzipSync(text).length - 6)],
    [
      "zstd with garbage behind it",
      Buffer.concat([zstdCompressSync(text), Buffer.from("garbage that is not a frame")]),
    ],
    ["zstd with a few bytes behind it", Buffer.concat([zstdCompressSync(text), Buffer.from([0x28, 0xb5])])],
    ["a skippable frame that is cut off", skippableFrame(Buffer.alloc(100)).subarray(0, 50)],
    ["a skippable frame that claims 4 GiB", Buffer.concat([Buffer.from("502a4d18ffffffff", "hex"), text])],
    ["a magic number and nothing else", Buffer.from("28b52ffd", "hex")],
  ])("%s", async (_, packed) => {
    for (const size of [1, 100, packed.length]) {
      if (size === 1 && packed.length > 40_000) continue;
      expect((await failure(inflate(packed, size))).code).toBe("archive-malformed");
    }
  });

  test("a zstd window above the limit", async () => {
    const frame = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa8, 0x01, 0, 0]);
    expect((await failure(inflate(frame))).code).toBe("limit-exceeded");
  });
});

describe("limits and ends", () => {
  const zeros = Buffer.alloc(24 * 1024 * 1024);
  const packed: readonly (readonly [string, Buffer])[] = [
    ["gzip", gzipSync(zeros, { level: 1 })],
    ["zstd", zstdCompressSync(zeros)],
    ["none", zeros],
  ];

  test.each(packed)("%s: more than the limit is an error", async (_, bytes) => {
    const error = await failure(inflate(bytes, 65_536, { limit: 10_000_000 }));
    expect(error.code).toBe("limit-exceeded");
    expect(error.message).toContain("10000000 bytes");
  });

  test.each(packed)("%s: a consumer that stops ends the input", async (_, bytes) => {
    let ended = false;
    async function* input(): AsyncGenerator<Buffer> {
      try {
        yield* inPieces(bytes, 16_384);
      } finally {
        ended = true;
      }
    }
    const options = { signal: new AbortController().signal, limit: Number.MAX_SAFE_INTEGER };
    for await (const piece of decompress(input(), options)) if (piece.length > 0) break;
    expect(ended).toBe(true);
  });

  test.each(packed)("%s: an abort ends the work", async (_, bytes) => {
    const controller = new AbortController();
    let seen = 0;
    const work = async (): Promise<void> => {
      const options = { signal: controller.signal, limit: Number.MAX_SAFE_INTEGER };
      for await (const piece of decompress(inPieces(bytes, 65_536), options)) {
        seen += piece.length;
        controller.abort();
      }
    };
    expect((await failure(work())).code).toBe("cancelled");
    expect(seen).toBeLessThan(zeros.length);
  });

  test.each(packed)("%s: an error of the input comes through", async (_, bytes) => {
    async function* input(): AsyncGenerator<Buffer> {
      yield Buffer.from(bytes.subarray(0, bytes.length >> 1));
      await Promise.resolve();
      throw new PlimsollError("target-unreadable", "the disk is gone");
    }
    const options = { signal: new AbortController().signal, limit: Number.MAX_SAFE_INTEGER };
    const work = async (): Promise<void> => {
      for await (const piece of decompress(input(), options)) piece.length;
    };
    expect((await failure(work())).code).toBe("target-unreadable");
  });
});

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 0xff;
  return copy;
}
