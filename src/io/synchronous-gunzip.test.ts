import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { decompress } from "./decompress.ts";
import { PiecePool } from "./piece-pool.ts";
import { SynchronousGunzip } from "./synchronous-gunzip.ts";

const text: Buffer = Buffer.from(Array.from({ length: 3_000 }, (_, line) => `line ${line * 7919}\n`).join(""));

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield Buffer.from(bytes.subarray(at, at + size));
}

/** What comes out, and the error at the end; each piece is given back at once when there is a pool. */
async function inflate(packed: Buffer, { size, pool }: { size: number; pool?: PiecePool }): Promise<unknown[]> {
  const pieces: Buffer[] = [];
  const options = { signal: new AbortController().signal, limit: Number.MAX_SAFE_INTEGER, pool };
  try {
    for await (const piece of decompress(inPieces(packed, size), options)) {
      pieces.push(Buffer.from(piece));
      pool?.give(piece);
    }
  } catch (error) {
    return [error instanceof Error && "code" in error ? [error.code, error.message] : error];
  }
  return [Buffer.concat(pieces)];
}

test("this Node has what it takes", () => {
  using inflater = SynchronousGunzip.over(new PiecePool(4096));
  expect(inflater).toBeDefined();
});

test("the same comes out as of a stream, of data that is whole, cut off, changed or followed by others", async () => {
  const forms = [
    gzipSync(text),
    Buffer.concat([gzipSync(text), gzipSync(""), gzipSync("end")]),
    Buffer.concat([gzipSync(text), Buffer.alloc(5_000)]),
    Buffer.concat([gzipSync(text), Buffer.from("garbage")]),
    gzipSync(Buffer.alloc(300_000)),
  ];
  const pool = new PiecePool(4096);
  let failed = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...forms),
      fc.constantFrom("whole", "cut", "changed"),
      fc.nat(),
      fc.constantFrom(13, 500, 4096, 65_536),
      async (form, damage, place, size) => {
        const at = 4 + (place % (form.length - 4));
        const packed = damage === "cut" ? form.subarray(0, at) : Buffer.from(form);
        if (damage === "changed") packed[at] = (packed[at] ?? 0) ^ 0x55;
        const expected = await inflate(packed, { size });
        expect(await inflate(packed, { size, pool })).toEqual(expected);
        if (!Buffer.isBuffer(expected[0])) failed++;
      },
    ),
    { numRuns: 150, seed: 3 },
  );
  expect(failed).toBeGreaterThan(40);
});

test("what came out before the data is cut off is handed on", async () => {
  const pool = new PiecePool(100_000);
  const options = { signal: new AbortController().signal, limit: Number.MAX_SAFE_INTEGER, pool };
  const packed = gzipSync(text);
  let size = 0;
  const work = async (): Promise<void> => {
    for await (const piece of decompress(inPieces(packed.subarray(0, packed.length - 20), 1_000), options)) {
      size += piece.length;
    }
  };
  await expect(work()).rejects.toMatchObject({ code: "archive-malformed" });
  expect(size).toBeGreaterThan(text.length * 0.9);
});

test("a consumer that stops ends the input", async () => {
  let ended = false;
  async function* input(): AsyncGenerator<Buffer> {
    try {
      yield* inPieces(gzipSync(text), 100);
    } finally {
      ended = true;
    }
  }
  const options = { signal: new AbortController().signal, limit: Number.MAX_SAFE_INTEGER, pool: new PiecePool(512) };
  for await (const piece of decompress(input(), options)) if (piece.length > 0) break;
  expect(ended).toBe(true);
});
