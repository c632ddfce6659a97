/**
 * The floor of a scan: inflates gzip layers, two at a time, and steps over their tar headers, reading nothing but each size. Shares
 * no code with the product. Usage: `node bench/floor.ts LAYER.tar.gz…`
 */
import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";

const pieceSize = 1024 * 1024;
const waiting = process.argv.slice(2);
let headers = 0;

await Promise.all([drain(), drain()]);
process.stdout.write(`${headers} headers\n`);

async function drain(): Promise<void> {
  for (let layer = waiting.shift(); layer; layer = waiting.shift()) await walk(layer);
}

async function walk(path: string): Promise<void> {
  const pieces = createReadStream(path, { highWaterMark: pieceSize }).pipe(createGunzip({ chunkSize: pieceSize }));
  let skip = 0;
  let rest: Buffer | undefined;
  for await (const piece of pieces as AsyncIterable<Buffer>) {
    let at = 0;
    if (rest) {
      at = 512 - rest.length;
      skip = bodySize(Buffer.concat([rest, piece.subarray(0, at)]), 0);
      rest = undefined;
    }
    for (;;) {
      const passed = Math.min(skip, piece.length - at);
      skip -= passed;
      at += passed;
      if (skip > 0) break;
      if (piece.length - at < 512) {
        rest = piece.length === at ? undefined : Buffer.from(piece.subarray(at));
        break;
      }
      skip = bodySize(piece, at);
      at += 512;
    }
  }
}

function bodySize(bytes: Buffer, at: number): number {
  headers++;
  let size = 0;
  for (let index = at + 124; index < at + 136; index++) {
    const digit = bytes[index] ?? 0;
    if (digit >= 0x30 && digit <= 0x37) size = size * 8 + digit - 0x30;
  }
  return Math.ceil(size / 512) * 512;
}
