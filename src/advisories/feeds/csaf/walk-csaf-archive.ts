import { closeSync, createReadStream, openSync, readSync } from "node:fs";
import { decompressBzip2, isBzip2 } from "../../../io/bzip2.ts";
import { decompress } from "../../../io/decompress.ts";
import { reasonOf } from "../../../io/random-access.ts";
import { TarStreamWalker } from "../../../io/tar/stream-walker.ts";
import { PlimsollError } from "../../../model/error.ts";
import type { Context } from "../../../model/plugin.ts";
import type { TreeVisitor } from "../../../model/tree.ts";

/** Bytes of one document. The largest of Red Hat and SUSE have some 50 MB. */
export const largestDocument: number = 256 * 1024 * 1024;

/** Bytes that may come out of an archive. */
const largestArchive: number = 256 * 1024 ** 3;

/** A document of an archive, as its bytes. */
export interface ArchivedDocument {
  /** In the archive. */
  readonly path: string;
  readonly bytes: Buffer;
}

/** Which documents to read and how. */
export interface WalkArchiveOptions {
  /** As the problems name it: `the archive`. */
  readonly label: string;
  /** Whether a document is wanted. */
  readonly wanted: (path: string) => boolean;
  readonly context: Context;
}

/**
 * The JSON files of a tar, packed with zstd, gzip, bzip2 or not at all, one at a time in the order of the archive. What is too large is a problem.
 *
 * Errors: `feed-malformed` when the archive is damaged or cut off, `cancelled`.
 */
export async function* walkCsafArchive(
  file: string,
  { label, wanted, context }: WalkArchiveOptions,
): AsyncGenerator<ArchivedDocument> {
  const found: ArchivedDocument[] = [];
  const walker = new TarStreamWalker(collect(found, { label, wanted, context }));
  try {
    for await (const piece of unpacked(file, context.signal)) {
      walker.push(piece);
      yield* found.splice(0);
    }
    walker.end();
    yield* found.splice(0);
  } catch (cause) {
    throw asFeedError(cause, label);
  } finally {
    walker.release();
  }
}

function unpacked(file: string, signal: AbortSignal): AsyncIterable<Buffer> {
  const head = Buffer.alloc(4);
  const descriptor = openSync(file, "r");
  try {
    readSync(descriptor, head, 0, head.length, 0);
  } finally {
    closeSync(descriptor);
  }
  const input = createReadStream(file, { highWaterMark: 1024 * 1024 });
  if (isBzip2(head)) return decompressBzip2(input, { signal, limit: largestArchive });
  return decompress(input, { signal, limit: largestArchive, anyRatio: true });
}

function collect(found: ArchivedDocument[], { label, wanted, context }: WalkArchiveOptions): TreeVisitor {
  return {
    entry({ path, type, size }) {
      if (type !== "file" || !path.endsWith(".json") || !wanted(path)) return false;
      if (size <= largestDocument) return true;
      const message = `${path} in ${label} is longer than ${largestDocument} bytes`;
      context.problem({ code: "limit-exceeded", message, path });
      return false;
    },
    file: ({ path }, body) => void found.push({ path, bytes: Buffer.from(body.read(0, body.size)) }),
    refused: ({ path, reason, limit }) => {
      const message = `${path} in ${label} cannot be read: ${reason}`;
      context.problem({ code: limit ? "limit-exceeded" : "unreadable", message, path });
    },
  };
}

function asFeedError(cause: unknown, label: string): unknown {
  if (cause instanceof PlimsollError && (cause.code === "cancelled" || cause.code === "feed-malformed")) return cause;
  if (!(cause instanceof PlimsollError) && !(cause instanceof Error && "syscall" in cause)) return cause;
  const reason = cause instanceof PlimsollError ? cause.message : reasonOf(cause);
  return new PlimsollError("feed-malformed", `${label} cannot be read: ${reason}`, {
    hint: "Fetch it again; the database that was there before is unchanged.",
    cause,
  });
}
