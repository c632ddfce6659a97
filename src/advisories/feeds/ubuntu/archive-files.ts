import { DiskFile } from "../../../io/random-access.ts";
import { readRange } from "../../../io/read-range.ts";
import { TarStreamWalker } from "../../../io/tar/stream-walker.ts";
import { inflateXz } from "../../../io/xz.ts";
import { PlimsollError } from "../../../model/error.ts";
import type { Context } from "../../../model/plugin.ts";
import { feedMalformed } from "../../read-feed-file.ts";

/** A file of an archive. */
export interface ArchiveFile {
  readonly path: string;
  readonly bytes: Buffer;
}

/** Which files of an archive are wanted. */
export interface ArchiveOptions {
  /** Stands in messages. */
  readonly label: string;
  /** By the path in the archive. */
  readonly wanted: RegExp;
  readonly context: Context;
}

/** OpenVEX documents inflate to some 30 GB. */
const largestArchive: number = 512 * 1024 ** 3;
const largestFile: number = 256 * 1024 * 1024;

/**
 * The wanted files of a `.tar.xz` on disk in its order, one after the other; files of more than 256 MiB are a problem.
 *
 * Errors: `feed-malformed`, `limit-exceeded`, `cancelled`.
 */
export async function* archiveFiles(archive: string, options: ArchiveOptions): AsyncGenerator<ArchiveFile> {
  const { label, wanted, context } = options;
  const found: ArchiveFile[] = [];
  const refuse = (path: string, reason: string): void =>
    context.problem({ code: "unreadable", message: `${path} of ${label} was not read: ${reason}`, path });
  const walker = new TarStreamWalker({
    entry(entry) {
      if (entry.type !== "file" || !wanted.test(entry.path)) return false;
      if (entry.size > largestFile) refuse(entry.path, "it is over the limit of 256 MiB");
      return entry.size <= largestFile;
    },
    file(entry, file) {
      found.push({ path: entry.path, bytes: bufferOf(file.read(0, file.size)) });
    },
    refused: ({ path, reason }) => refuse(path, reason),
  });
  try {
    using file = new DiskFile(archive);
    const packed = readRange({ file, offset: 0, size: file.size });
    for await (const piece of inflateXz(packed, { signal: context.signal, limit: largestArchive })) {
      walker.push(piece);
      yield* found.splice(0);
    }
    walker.end();
  } catch (cause) {
    if (!(cause instanceof PlimsollError) || cause.code !== "archive-malformed") throw cause;
    throw feedMalformed(label, cause.message, cause);
  } finally {
    walker.release();
  }
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
