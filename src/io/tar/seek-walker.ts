import { setImmediate } from "node:timers/promises";
import { PlimsollError } from "../../model/error.ts";
import type { OpenFile } from "../../model/images/file.ts";
import { headSize, type TreeVisitor, type WalkOptions } from "../../model/images/tree.ts";
import type { RandomAccess } from "../bytes/random-access.ts";
import { refuseCancelled } from "../refuse-cancelled.ts";
import { EntryBuilder, largestExtendedHeader, paddedSize, sparseReason, type TarEntry } from "./entry-builder.ts";
import { EntryPaths } from "./entry-paths.ts";
import { blockSize, isZeroBlock, readHeader, type TarHeader } from "./header.ts";
import { refuseOtherThanZerosIn } from "./no-tar.ts";
import { largestSparseMap, SparseMapReader } from "./sparse-map.ts";
import { mostEntries } from "./stream-walker.ts";

/** How much is read at once around a header; small files that follow each other come with one read. */
const windowSize = 4096;

/** The walk lets other work go on after so many entries. */
const entriesBetweenPauses = 2_000;

/** An entry and where its body begins in the source. */
export interface PlacedEntry {
  readonly entry: TarEntry;
  readonly offset: number;
  /**
   * The first {@link headSize} bytes of a file's body, or all that there are; undefined for a sparse file of which they
   * cannot be known.
   */
  readonly head: Buffer | undefined;
}

/**
 * Walks an uncompressed tar that can be read at any place: headers are read, bodies that the visitor does not ask for
 * are stepped over without being read. The end mark may be missing, as for Go's reader. Gives the paths of all that
 * was walked, folders apart; undefined when they are more than a few.
 *
 * Errors: `archive-malformed`, `limit-exceeded`, `cancelled`.
 */
export async function walkSeekableTar(
  source: RandomAccess,
  visitor: TreeVisitor,
  { signal, progress }: WalkOptions,
): Promise<readonly string[] | undefined> {
  const paths = new EntryPaths();
  let reported = 0;
  let entries = 0;
  if (beginsWithEndMark(source)) await refuseOtherThanZerosIn(source, { start: 2 * blockSize, signal });
  for (const { entry, offset, head } of seekEntries(source, { needsEndMark: false })) {
    paths.add(entry);
    if (entry.refusal !== undefined) {
      if (entry.refusal.hasPlace) visitor.entry(entry, none);
      visitor.refused({ path: entry.path, reason: entry.refusal.reason, limit: false });
    } else if ((visitor.entry(entry, head ?? none) || head === undefined) && entry.type === "file") {
      if (entry.sparse) visitor.refused({ path: entry.path, reason: sparseReason, limit: false });
      else visitor.file(entry, openEntry(source, entry, offset));
    }
    if (++entries % entriesBetweenPauses === 0) {
      progress?.(offset - reported);
      reported = offset;
      await setImmediate();
      refuseCancelled(signal);
    }
  }
  progress?.(source.size - reported);
  return paths.few;
}

function beginsWithEndMark(source: RandomAccess): boolean {
  const start = source.read(0, Math.min(2 * blockSize, source.size));
  return start.length === 2 * blockSize && isZeroBlock(start, 0) && isZeroBlock(start, blockSize);
}

/**
 * The entries of an uncompressed tar, in order. Without an end mark a tar that lies alone on a disk may have been cut
 * off there.
 * Errors: `archive-malformed`, `limit-exceeded`.
 */
export function* seekEntries(
  source: RandomAccess,
  { needsEndMark }: { readonly needsEndMark: boolean },
): Generator<PlacedEntry> {
  const builder = new EntryBuilder();
  const reader = new WindowReader(source);
  let at = 0;
  let entries = 0;
  if (source.size === 0) return;
  for (;;) {
    if (at === source.size && !needsEndMark && !builder.isWaiting) return;
    const window = reader.at(at, blockSize);
    if (!window) throw cutOff();
    if (isZeroBlock(window, reader.start)) {
      const next = reader.at(at + blockSize, blockSize);
      if (next && !isZeroBlock(next, reader.start)) throw damaged();
      if (!next && source.size > at + blockSize) throw cutOff();
      return;
    }
    const header = readHeader(window, reader.start);
    if (!header) throw damaged();
    at += blockSize;
    if (EntryBuilder.isExtension(header)) {
      builder.extend(header, readExtension(reader, at, header));
      at += paddedSize(header.size);
      continue;
    }
    if (header.sparseExtension) at = skipSparseExtensions(reader, at);
    const entry = builder.build(header);
    if (at + entry.storedSize > source.size) throw cutOff();
    yield { entry, offset: at, head: headOf(reader, at, entry) };
    at += paddedSize(entry.storedSize);
    if (++entries > mostEntries) {
      throw new PlimsollError("limit-exceeded", `a tar archive has more than ${mostEntries} entries`);
    }
  }
}

function openEntry(source: RandomAccess, { path, size, mode }: TarEntry, offset: number): OpenFile {
  return {
    path,
    size,
    mode,
    read(at, length) {
      const count = Math.min(length, size - at);
      return at < 0 || count <= 0 ? none : source.read(offset + at, count);
    },
  };
}

function headOf(reader: WindowReader, at: number, { size, sparse }: TarEntry): Buffer | undefined {
  const mapSize = sparse?.mapInBody === true && size > 0 ? sparseMapSize(reader, { at, size }) : 0;
  return mapSize === undefined
    ? undefined
    : reader.bytes(at + mapSize, Math.min(headSize, Math.max(0, size - mapSize)));
}

function sparseMapSize(
  reader: WindowReader,
  { at, size }: { readonly at: number; readonly size: number },
): number | undefined {
  const map = new SparseMapReader();
  const most = Math.min(size, largestSparseMap);
  for (let mapSize = 0; mapSize < most; ) {
    const window = reader.at(at + mapSize, blockSize);
    if (!window) throw cutOff();
    const read = map.push(window.subarray(reader.start, reader.start + blockSize));
    mapSize += blockSize;
    if (read === "whole") return mapSize;
    if (read === "damaged") return undefined;
  }
  return undefined;
}

function readExtension(reader: WindowReader, at: number, header: TarHeader): Buffer {
  if (header.size > largestExtendedHeader) {
    throw new PlimsollError("limit-exceeded", `an extended header is ${header.size} bytes; the limit is 1 MiB`);
  }
  const bytes = reader.bytes(at, header.size);
  if (bytes.length < header.size) throw cutOff();
  return bytes;
}

function skipSparseExtensions(reader: WindowReader, start: number): number {
  for (let at = start; ; at += blockSize) {
    const block = reader.at(at, blockSize);
    if (!block) throw cutOff();
    if (block[reader.start + 504] !== 1) return at + blockSize;
  }
}

/** Serves small reads that go forward from one buffer, which each read may overwrite. */
class WindowReader {
  /** Where in the returned buffer the bytes of the last {@link at} begin. */
  start = 0;
  readonly #source: RandomAccess;
  readonly #window: Buffer = Buffer.allocUnsafeSlow(windowSize);
  #filled = 0;
  #offset = 0;

  constructor(source: RandomAccess) {
    this.#source = source;
  }

  /**
   * A buffer that holds `length` bytes, at most a window, from `offset` at {@link start}; undefined when there are
   * fewer.
   */
  at(offset: number, length: number): Buffer | undefined {
    if (offset < this.#offset || offset + length > this.#offset + this.#filled) {
      this.#filled = this.#source.readInto(this.#window, offset);
      this.#offset = offset;
    }
    this.start = offset - this.#offset;
    return this.start + length <= this.#filled ? this.#window : undefined;
  }

  /** The bytes from `offset`, fewer at the end; a view of the window if they fit into it. */
  bytes(offset: number, length: number): Buffer {
    if (length > windowSize) return this.#source.read(offset, length);
    const window = length === 0 ? undefined : this.at(offset, length);
    return window ? window.subarray(this.start, this.start + length) : none;
  }
}

const none = Buffer.alloc(0);

function damaged(): PlimsollError {
  return new PlimsollError("archive-malformed", "a header in the tar archive is damaged", {
    hint: "Copy or save the image again.",
  });
}

function cutOff(): PlimsollError {
  return new PlimsollError("archive-malformed", "the tar archive is truncated", {
    hint: "Copy or save the image again.",
  });
}
