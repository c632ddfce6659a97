import { TarStreamWalker } from "../io/tar/stream-walker.ts";
import { PlimsollError } from "../model/error.ts";
import type { Context } from "../model/plugin.ts";
import { feedMalformed, feedOverLimit, readFeedBytes } from "./read-feed-file.ts";

/** A file of an archive. */
export interface ArchivedFile {
  /** In the archive. */
  readonly path: string;
  readonly bytes: Buffer;
}

/** Which files of an archive to read, and how. */
export interface ReadFeedArchiveOptions {
  /** What the archive is, for messages: `the archive of SUSE`. */
  readonly title: string;
  /** Whether a file is wanted, by its path in the archive. */
  readonly wanted: (path: string) => boolean;
  /** Bytes of one file; a larger one is a problem. */
  readonly maxFile: number;
  readonly context: Context;
  /** Called with the path of each wanted file that has a reported problem and is therefore not delivered. */
  readonly refused?: (path: string) => void;
}

/** Bytes that may come out of an archive; Ubuntu's OpenVEX documents inflate to some 30 GB. */
const maxBytes: number = 512 * 1024 ** 3;

/**
 * The wanted files of a fetched tar, packed in any way that {@link readFeedBytes} knows, one at a time in the order of
 * the archive. An unreadable file in it is a problem.
 *
 * Errors: `feed-malformed` when the archive is damaged or cut off, `limit-exceeded`, `cancelled`.
 */
export async function* readFeedArchive(path: string, options: ReadFeedArchiveOptions): AsyncGenerator<ArchivedFile> {
  const { title, context } = options;
  const found: ArchivedFile[] = [];
  const walker = walkerInto(found, options);
  try {
    for await (const piece of readFeedBytes(path, { title, maxBytes, signal: context.signal })) {
      walker.push(piece);
      yield* found.splice(0);
    }
    walker.end();
  } catch (cause) {
    if (!(cause instanceof PlimsollError)) throw cause;
    if (isArchiveError(cause)) throw feedMalformed(title, cause.message, cause);
    throw cause.code === "limit-exceeded" ? feedOverLimit(`${title}: ${cause.message}`, cause) : cause;
  } finally {
    walker.release();
  }
}

function isArchiveError({ code }: PlimsollError): boolean {
  return code === "archive-malformed" || code === "target-unreadable";
}

function walkerInto(
  found: ArchivedFile[],
  { title, wanted, maxFile, context, refused }: ReadFeedArchiveOptions,
): TarStreamWalker {
  return new TarStreamWalker({
    entry({ path, type, size }) {
      if (type !== "file" || !wanted(path)) return false;
      if (size <= maxFile) return true;
      const message = `${path} in ${title} is longer than ${maxFile} bytes`;
      context.problem({ code: "limit-exceeded", message, path });
      refused?.(path);
      return false;
    },
    file({ path }, body) {
      const { buffer, byteOffset, byteLength } = body.read(0, body.size);
      found.push({ path, bytes: Buffer.from(buffer, byteOffset, byteLength) });
    },
    refused({ path, reason, limit }) {
      const message = `${path} in ${title} cannot be read: ${reason}`;
      context.problem({ code: limit ? "limit-exceeded" : "unreadable", message, path });
      if (wanted(path)) refused?.(path);
    },
  });
}
