import { createReadStream } from "node:fs";
import { PlimsollError } from "../model/error.ts";
import { decompressBzip2, isBzip2 } from "./bzip2.ts";
import { decompress } from "./decompress.ts";
import { readXmlElements, type XmlElement, type XmlOptions } from "./xml.ts";

/** What to read of a file. */
export interface XmlFileOptions extends XmlOptions {
  readonly signal: AbortSignal;
  /** The most bytes of XML. */
  readonly limit: number;
}

/**
 * Reads elements of an XML file, plain or compressed by bzip2, gzip or Zstandard (told by its first bytes), as
 * {@link readXmlElements} does.
 *
 * Errors: `file-malformed` when it cannot be read, is damaged or is not such a document, `limit-exceeded`, `cancelled`.
 */
export async function* readXmlFile(path: string, options: XmlFileOptions): AsyncGenerator<XmlElement> {
  try {
    yield* readXmlElements(decompressed(path, options), options);
  } catch (cause) {
    if (cause instanceof PlimsollError && cause.code !== "archive-malformed") throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new PlimsollError("file-malformed", `${options.label} cannot be read: ${reason}`, { cause });
  }
}

async function* decompressed(path: string, { signal, limit }: XmlFileOptions): AsyncGenerator<Buffer> {
  const stream = createReadStream(path, { highWaterMark: 256 * 1024 });
  try {
    const iterator: AsyncIterator<Buffer> = stream[Symbol.asyncIterator]();
    const first = await iterator.next();
    const input = following(first, iterator);
    if (!first.done && isBzip2(first.value)) yield* decompressBzip2(input, { signal, limit });
    else yield* decompress(input, { signal, limit, anyRatio: true });
  } finally {
    stream.destroy();
  }
}

async function* following(first: IteratorResult<Buffer>, iterator: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  for (let next = first; !next.done; next = await iterator.next()) yield next.value;
}
