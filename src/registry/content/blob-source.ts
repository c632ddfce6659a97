import { type Content, digestOf } from "./content-digest.ts";

/** Bytes that are to be pushed; they can be read again. */
export interface BlobSource extends Content {
  open(): AsyncIterable<Uint8Array> | Uint8Array;
}

/** Bytes in memory as something to push. */
export function blobOf(bytes: Uint8Array): BlobSource {
  return { digest: digestOf(bytes), size: bytes.length, open: () => bytes };
}

/** The bytes of a source in pieces of one size, the last one shorter. */
export async function* piecesOf(source: BlobSource, size: number): AsyncGenerator<Buffer> {
  const opened = source.open();
  let held: Uint8Array[] = [];
  let count = 0;
  for await (const part of opened instanceof Uint8Array ? [opened] : opened) {
    let rest = part;
    while (count + rest.length >= size) {
      held.push(rest.subarray(0, size - count));
      rest = rest.subarray(size - count);
      yield Buffer.concat(held);
      held = [];
      count = 0;
    }
    // A piece may be overwritten by its owner once the next one is asked for.
    if (rest.length > 0) held.push(Buffer.from(rest));
    count += rest.length;
  }
  if (count > 0) yield Buffer.concat(held);
}
