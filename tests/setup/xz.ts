import { crc32 } from "node:zlib";

/** The most bytes of a chunk of LZMA2 that is not compressed. */
const largestChunk = 65_536;

/** Bytes as an xz file of one block without compression. Source: "The .xz File Format" 1.2.1; LZMA2 as XZ Embedded describes it. */
export function xz(content: Uint8Array): Buffer {
  const flags = Buffer.from([0, 1]);
  const header = withCrc(Buffer.from([2, 0, 0x21, 1, 0x10, 0, 0, 0]));
  const chunks = chunksOf(content);
  const block = Buffer.concat([header, chunks, Buffer.alloc(-chunks.length & 3), uint32(crc32(content))]);
  const records = Buffer.from([0, 1, ...number(header.length + chunks.length + 4), ...number(content.length)]);
  const index = withCrc(Buffer.concat([records, Buffer.alloc(-records.length & 3)]));
  const back = Buffer.concat([uint32(index.length / 4 - 1), flags]);
  const start = Buffer.concat([Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]), flags, uint32(crc32(flags))]);
  return Buffer.concat([start, block, index, uint32(crc32(back)), back, Buffer.from("YZ")]);
}

function chunksOf(content: Uint8Array): Buffer {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < content.length; at += largestChunk) {
    const piece = content.subarray(at, at + largestChunk);
    parts.push(Buffer.from([at === 0 ? 1 : 2, (piece.length - 1) >> 8, (piece.length - 1) & 0xff]), piece);
  }
  return Buffer.concat([...parts, Buffer.from([0])]);
}

function withCrc(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, uint32(crc32(bytes))]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/** Seven bits a byte, lowest first. */
function number(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...number(Math.floor(value / 0x80))];
}
