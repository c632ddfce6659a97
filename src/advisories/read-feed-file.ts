import { readFileSync, statSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { compressionOf } from "../io/compression/decompress.ts";
import { decompressFile } from "../io/compression/decompress-file.ts";
import { reasonOf } from "../io/reason-of.ts";
import { PlimsollError } from "../model/error.ts";

/** How a fetched file is read. */
export interface ReadFeedFileOptions {
  /** What the file is, for messages: `the catalogue of known exploited vulnerabilities`. */
  readonly title: string;
  /** Bytes, of the file and of what comes out when it is packed. */
  readonly maxBytes: number;
}

/**
 * The text of a fetched file, unpacked when it is gzip, without a byte order mark; bytes that are not UTF-8 become
 * U+FFFD.
 *
 * Errors: `feed-malformed`, `limit-exceeded`.
 */
export function readFeedText(path: string, { title, maxBytes }: ReadFeedFileOptions): string {
  try {
    if (statSync(path).size > maxBytes) throw tooLong(title, maxBytes);
    const bytes = readFileSync(path);
    const plain = compressionOf(bytes) === "gzip" ? gunzipSync(bytes, { maxOutputLength: maxBytes }) : bytes;
    return plain.toString("utf8").replace(/^\ufeff/, "");
  } catch (cause) {
    if (cause instanceof PlimsollError) throw cause;
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    if (code === "ERR_BUFFER_TOO_LARGE") throw tooLong(title, maxBytes);
    throw feedMalformed(title, code === "Z_BUF_ERROR" ? "it is truncated" : reasonOf(cause), cause);
  }
}

/** How a fetched file is read piece by piece. */
export interface ReadFeedBytesOptions extends ReadFeedFileOptions {
  readonly signal: AbortSignal;
}

/**
 * The content of a fetched file in pieces, unpacked when it is bzip2, gzip, xz or Zstandard; `maxBytes` is for what
 * comes out. Two files that are packed with xz must not be read in turns.
 *
 * Errors: `feed-malformed`, `limit-exceeded`, `cancelled`.
 */
export async function* readFeedBytes(
  path: string,
  { title, maxBytes, signal }: ReadFeedBytesOptions,
): AsyncGenerator<Buffer> {
  try {
    yield* decompressFile(path, { signal, limit: maxBytes });
  } catch (cause) {
    if (!(cause instanceof PlimsollError)) throw cause;
    if (cause.code === "cancelled") throw new PlimsollError("cancelled", `reading ${title} was cancelled`, { cause });
    throw cause.code === "limit-exceeded" ? tooLong(title, maxBytes) : feedMalformed(title, cause.message, cause);
  }
}

/** The parsed JSON of a fetched file. Errors: as {@link readFeedText}. */
export function readFeedJson(path: string, options: ReadFeedFileOptions): unknown {
  const text = readFeedText(path, options);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw feedMalformed(options.title, "it is not valid JSON, or it is truncated", cause);
  }
}

/** `feed-malformed`: `title` is what was fetched, `reason` a clause. */
export function feedMalformed(title: string, reason: string, cause?: unknown): PlimsollError {
  return new PlimsollError("feed-malformed", `${title} cannot be read: ${reason}`, {
    hint: "Try again later. If the error persists, the publisher may have changed the format.",
    ...(cause === undefined ? {} : { cause }),
  });
}

function tooLong(title: string, maxBytes: number): PlimsollError {
  return feedOverLimit(`${title} is longer than ${maxBytes} bytes`);
}

/** `limit-exceeded`; `message` says what is over which limit. */
export function feedOverLimit(message: string, cause?: unknown): PlimsollError {
  return new PlimsollError("limit-exceeded", message, {
    hint: "Nothing beyond this limit was read.",
    ...(cause === undefined ? {} : { cause }),
  });
}
