import { PlimsollError } from "../../model/error.ts";
import { headSize, type TreeVisitor } from "../../model/images/tree.ts";
import { BodyCollector, largestBody } from "../bytes/body-collector.ts";
import { EntryBuilder, largestExtendedHeader, paddedSize, sparseReason, type TarEntry } from "./entry-builder.ts";
import { EntryPaths } from "./entry-paths.ts";
import { blockSize, isZeroBlock, readHeader, type TarHeader } from "./header.ts";
import { ZeroCheck } from "./no-tar.ts";
import { largestSparseMap, SparseMapReader } from "./sparse-map.ts";

/** The most entries that one tar may hold. */
export const mostEntries = 5_000_000;

/**
 * Walks a tar that comes in pieces, each byte once. The end mark may be missing, as for Go's reader: whoever gives the
 * pieces knows where they end. Bodies that the visitor does not ask for are passed over; nothing is kept of them.
 *
 * Between pieces the walker is in one of these states: at a header block, inside the body of an extended header, inside
 * the map of a sparse file, at the first bytes of a file, inside a body that is collected, or passing over bytes.
 */
export class TarStreamWalker {
  readonly #visitor: TreeVisitor;
  readonly #builder = new EntryBuilder();
  #state: "header" | "extension" | "map" | "head" | "collect" | "skip" | "end" = "header";
  /** Bytes that the current state still needs. */
  #need = blockSize;
  /** Pieces of a block that is split over two pieces of input. */
  #partial: Buffer[] = [];
  #header: TarHeader | undefined;
  #entry: TarEntry | undefined;
  #collector: BodyCollector | undefined;
  #zeroBlock = false;
  #sparseExtension = false;
  #sparseMap = new SparseMapReader();
  /** Bytes of the entry's body before the file's own. */
  #mapSize = 0;
  #entries = 0;
  #hasHeader = false;
  readonly #zeroCheck = new ZeroCheck();
  readonly #paths = new EntryPaths();

  constructor(visitor: TreeVisitor) {
    this.#visitor = visitor;
  }

  /** Takes the next bytes, which must stay unchanged. Errors: `archive-malformed`, `limit-exceeded`. */
  push(piece: Buffer): void {
    let at = 0;
    while (at < piece.length && this.#state !== "end") {
      const available = piece.length - at;
      if (this.#state === "skip") {
        const passed = Math.min(available, this.#need);
        this.#need -= passed;
        at += passed;
        if (this.#need === 0) this.#expectHeader();
      } else if (this.#state === "collect") {
        const taken = Math.min(available, this.#need);
        this.#collector?.add(piece.subarray(at, at + taken));
        this.#need -= taken;
        at += taken;
        if (this.#need === 0) this.#finishBody();
      } else if (this.#partial.length === 0 && available >= this.#need) {
        const taken = this.#need;
        this.#block(piece, at);
        at += taken;
      } else {
        const taken = Math.min(available, this.#need);
        this.#partial.push(piece.subarray(at, at + taken));
        this.#need -= taken;
        at += taken;
        if (this.#need > 0) continue;
        const block = Buffer.concat(this.#partial);
        this.#partial = [];
        this.#need = block.length;
        this.#block(block, 0);
      }
    }
    if (this.#state === "end" && !this.#hasHeader) this.#zeroCheck.push(piece.subarray(at));
  }

  /** The paths of all that was walked, folders apart; undefined when they are more than a few. */
  get fewPaths(): readonly string[] | undefined {
    return this.#paths.few;
  }

  /** How many of the last pieces that were pushed are still needed, at most: those before them may be freed. */
  get heldPieces(): number {
    return Math.max(this.#collector?.heldPieces ?? 0, this.#partial.length);
  }

  /** Says that no bytes follow. Error: `archive-malformed` when the tar is cut off. */
  end(): void {
    this.#collector?.release();
    if (this.#state === "end") return;
    if (this.#state === "header" && this.#partial.length === 0 && !this.#builder.isWaiting) return;
    throw new PlimsollError("archive-malformed", "the tar archive is truncated", {
      hint: "Copy or save the image again.",
    });
  }

  /** Frees what a walk that is given up still holds. */
  release(): void {
    this.#collector?.release();
  }

  /** Handles the `#need` bytes at `at`, which are all there. */
  #block(bytes: Buffer, at: number): void {
    if (this.#state === "head") this.#decide(bytes.subarray(at, at + this.#need));
    else if (this.#state === "extension") {
      if (this.#header) this.#builder.extend(this.#header, bytes.subarray(at, at + this.#header.size));
      this.#expectHeader();
    } else if (this.#state === "map") this.#readMap(bytes.subarray(at, at + blockSize));
    else if (this.#sparseExtension) {
      this.#sparseExtension = bytes[at + 504] === 1;
      if (!this.#sparseExtension && this.#entry) this.#beginBody(this.#entry);
    } else this.#readHeader(bytes, at);
  }

  #readHeader(bytes: Buffer, at: number): void {
    if (isZeroBlock(bytes, at)) {
      if (this.#zeroBlock) this.#state = "end";
      this.#zeroBlock = true;
      return;
    }
    const header = this.#zeroBlock ? undefined : readHeader(bytes, at);
    if (!header) {
      throw new PlimsollError("archive-malformed", "a header in the tar is damaged", {
        hint: "Copy or save the image again.",
      });
    }
    this.#hasHeader = true;
    if (EntryBuilder.isExtension(header)) {
      if (header.size > largestExtendedHeader) {
        throw new PlimsollError(
          "limit-exceeded",
          `an extended header of ${header.size} bytes is over the limit of 1 MiB`,
        );
      }
      this.#header = header;
      this.#state = "extension";
      this.#need = paddedSize(header.size);
      if (this.#need === 0) this.#block(bytes, at);
      return;
    }
    if (++this.#entries > mostEntries) {
      throw new PlimsollError("limit-exceeded", `a tar holds more than ${mostEntries} entries`);
    }
    const entry = this.#builder.build(header);
    this.#entry = entry;
    this.#paths.add(entry);
    if (entry.refusal !== undefined) {
      if (entry.refusal.hasPlace) this.#visitor.entry(entry, none);
      this.#visitor.refused({ path: entry.path, reason: entry.refusal.reason, limit: false });
    }
    if (header.sparseExtension) this.#sparseExtension = true;
    else this.#beginBody(entry);
  }

  #beginBody(entry: TarEntry): void {
    this.#mapSize = 0;
    if (entry.refusal !== undefined) this.#skip(paddedSize(entry.storedSize));
    else if (entry.sparse?.mapInBody === true && entry.size > 0) {
      this.#sparseMap = new SparseMapReader();
      this.#state = "map";
      this.#need = blockSize;
    } else if (entry.size === 0) this.#decide(none);
    else {
      this.#state = "head";
      this.#need = Math.min(headSize, entry.size);
    }
  }

  #readMap(block: Buffer): void {
    const entry = this.#entry;
    if (!entry) return;
    this.#mapSize += blockSize;
    const read = this.#sparseMap.push(block);
    const left = entry.size - this.#mapSize;
    if (read === "more" && left > 0 && this.#mapSize < largestSparseMap) return;
    if (read === "whole" && left > 0) {
      this.#state = "head";
      this.#need = Math.min(headSize, left);
    } else this.#decide(read === "whole" ? none : undefined);
  }

  /** `head` is undefined for a file of which it cannot be known. */
  #decide(head: Buffer | undefined): void {
    const entry = this.#entry;
    if (!entry) return;
    const wanted = (this.#visitor.entry(entry, head ?? none) || head === undefined) && entry.type === "file";
    const rest = paddedSize(entry.storedSize) - this.#mapSize - (head?.length ?? 0);
    if (!wanted) {
      this.#skip(rest);
      return;
    }
    if (entry.sparse || head === undefined) {
      this.#visitor.refused({ path: entry.path, reason: sparseReason, limit: false });
      this.#skip(rest);
      return;
    }
    if (entry.size > largestBody) {
      this.#visitor.refused({ path: entry.path, reason: "it is larger than 4 GiB, the limit for a file", limit: true });
      this.#skip(rest);
      return;
    }
    this.#collector = new BodyCollector(entry);
    this.#collector.add(head);
    this.#state = "collect";
    this.#need = entry.size - head.length;
    if (this.#need === 0) this.#finishBody();
  }

  #finishBody(): void {
    const collector = this.#collector;
    const entry = this.#entry;
    this.#collector = undefined;
    if (!collector || !entry) return;
    try {
      this.#visitor.file(entry, collector.file());
    } finally {
      collector.release();
    }
    this.#skip(paddedSize(entry.storedSize) - entry.size);
  }

  #skip(bytes: number): void {
    if (bytes === 0) this.#expectHeader();
    else {
      this.#state = "skip";
      this.#need = bytes;
    }
  }

  #expectHeader(): void {
    this.#state = "header";
    this.#need = blockSize;
  }
}

const none = Buffer.alloc(0);
