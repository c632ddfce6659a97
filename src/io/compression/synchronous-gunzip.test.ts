import { crc32, gzipSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { PiecePool } from "../bytes/piece-pool.ts";
import { decompress } from "./decompress.ts";
import { SynchronousGunzip } from "./synchronous-gunzip.ts";

const text: Buffer = Buffer.from(Array.from({ length: 3_000 }, (_, line) => `line ${line * 7919}\n`).join(""));

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield Buffer.from(bytes.subarray(at, at + size));
}

/** What comes out, and the error at the end; each piece is given back at once when there is a pool. */
async function inflate(
  packed: Buffer,
  { size, pool, isProved }: { size: number; pool?: PiecePool; isProved?: boolean },
): Promise<unknown[]> {
  const pieces: Buffer[] = [];
  const options = { signal: new AbortController().signal, limit: Number.MAX_SAFE_INTEGER, pool, isProved };
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

const forms = [
  gzipSync(text),
  Buffer.concat([gzipSync(text), gzipSync(""), gzipSync("end")]),
  Buffer.concat([gzipSync(text), Buffer.alloc(5_000)]),
  Buffer.concat([gzipSync(text), Buffer.from("garbage")]),
  gzipSync(Buffer.alloc(300_000)),
  Buffer.concat([withAllFlags(gzipSync("first")), withAllFlags(gzipSync(text))]),
];

/** A member whose header has everything that a header may have. */
function withAllFlags(member: Buffer): Buffer {
  const head = Buffer.from(member.subarray(0, 10));
  head[3] = 0x1f;
  const parts = [head, Buffer.from([3, 0, 1, 2, 3]), Buffer.from("name\0a comment\0")];
  const checksum = Buffer.alloc(2);
  checksum.writeUInt16LE(crc32(Buffer.concat(parts)) & 0xffff);
  return Buffer.concat([...parts, checksum, member.subarray(10)]);
}

const damages = fc.record({
  form: fc.constantFrom(...forms),
  damage: fc.constantFrom("whole", "cut", "changed"),
  place: fc.nat(),
  size: fc.constantFrom(13, 500, 4096, 65_536),
});

function damaged(form: Buffer, { damage, place }: { damage: string; place: number }): Buffer {
  const at = 4 + (place % (form.length - 4));
  const packed = damage === "cut" ? form.subarray(0, at) : Buffer.from(form);
  if (damage === "changed") packed[at] = (packed[at] ?? 0) ^ 0x55;
  return packed;
}

interface Outcome {
  /** By a stream. */
  readonly expected: unknown[];
  readonly actual: unknown[];
  readonly damage: string;
}

async function withDamaged(
  { isProved = false, ...runs }: { numRuns: number; seed: number; isProved?: boolean },
  look: (outcome: Outcome) => void,
): Promise<void> {
  const pool = new PiecePool(4096);
  const property = fc.asyncProperty(damages, async ({ form, size, ...what }) => {
    const packed = damaged(form, what);
    const expected = await inflate(packed, { size });
    look({ expected, actual: await inflate(packed, { size, pool, isProved }), damage: what.damage });
  });
  await fc.assert(property, runs);
}

test("the same comes out as of a stream, of data that is whole, cut off, changed or followed by others", async () => {
  let failed = 0;
  await withDamaged({ numRuns: 150, seed: 3 }, ({ expected, actual }) => {
    expect(actual).toEqual(expected);
    if (!Buffer.isBuffer(expected[0])) failed++;
  });
  expect(failed).toBeGreaterThan(40);
});

test("without checksums the same comes out of what is whole, and an error of what is cut off", async () => {
  let failed = 0;
  await withDamaged({ numRuns: 400, seed: 5, isProved: true }, ({ expected, actual, damage }) => {
    if (Buffer.isBuffer(expected[0])) expect(actual).toEqual(expected);
    else if (damage !== "changed") expect(actual).toEqual([["archive-malformed", expect.any(String)]]);
    if (!Buffer.isBuffer(actual[0])) failed++;
  });
  expect(failed).toBeGreaterThan(100);
});

test("a wrong checksum is passed over where the input is proved, a wrong length is not", async () => {
  const pool = new PiecePool(4096);
  const packed = gzipSync(text);
  const changed = (fromEnd: number): Buffer => {
    const copy = Buffer.from(packed);
    copy.writeUInt32LE(7, copy.length - fromEnd);
    return copy;
  };
  expect(await inflate(changed(8), { size: 500, pool })).toEqual([["archive-malformed", expect.any(String)]]);
  expect(await inflate(changed(8), { size: 500, pool, isProved: true })).toEqual([text]);
  expect(await inflate(changed(4), { size: 500, pool, isProved: true })).toEqual([
    ["archive-malformed", expect.stringContaining("incorrect length check")],
  ]);
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
