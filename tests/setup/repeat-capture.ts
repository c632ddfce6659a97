import { gunzipSync } from "node:zlib";

const eventBlocks: readonly number[] = [0x204, 0x208, 0x216, 0x217, 0x221, 0x222, 0x8010abcd];
const withFlags: readonly number[] = [0x208, 0x217, 0x222];
/** What is handed over at once. */
const pieceSize: number = 1024 * 1024;

/**
 * A capture made large: its lists once, then its events so many times, raw, in pieces of about 1 MiB that are memory of their own
 * until the next is asked for. The time of the events moves on from one round to the next as if all rounds had been recorded one
 * after the other. `bytes`: the capture, gzip or raw, with its events behind all lists.
 */
export function* repeatedCapture(bytes: Buffer, times: number): Generator<Buffer> {
  const raw = bytes[0] === 0x1f ? gunzipSync(bytes) : bytes;
  const blocks = [...blocksOf(raw)];
  const first = blocks.find(({ type }) => eventBlocks.includes(type))?.start ?? raw.length;
  const places = blocks.filter(({ type }) => eventBlocks.includes(type)).map(timePlace(first));
  const events = Buffer.from(raw.subarray(first));
  yield raw.subarray(0, first);
  const original = places.map((place) => events.readBigUInt64LE(place));
  const span = (original.at(-1) ?? 0n) - (original[0] ?? 0n) + 1_000_000n;
  const atOnce = Math.max(1, Math.round(pieceSize / Math.max(1, events.length)));
  const piece = Buffer.alloc(events.length * atOnce);
  for (let round = 0; round < times; round += atOnce) {
    const count = Math.min(atOnce, times - round);
    for (let turn = 0; turn < count; turn++) {
      const moved = span * BigInt(round + turn);
      for (const [index, place] of places.entries()) events.writeBigUInt64LE((original[index] ?? 0n) + moved, place);
      events.copy(piece, turn * events.length);
    }
    yield piece.subarray(0, count * events.length);
  }
}

function* blocksOf(raw: Buffer): Generator<{ type: number; start: number }> {
  for (let start = 0; start + 12 <= raw.length; start += Math.max(12, raw.readUInt32LE(start + 4))) {
    yield { type: raw.readUInt32LE(start), start };
  }
}

function timePlace(first: number): (block: { type: number; start: number }) => number {
  return ({ type, start }) => start - first + (withFlags.includes(type) ? 14 : 10);
}
