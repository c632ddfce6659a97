import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { BodyCollector, largestBody } from "../../io/bytes/body-collector.ts";
import { reasonOf } from "../../io/reason-of.ts";
import { refuseCancelled } from "../../io/refuse-cancelled.ts";
import { PlimsollError } from "../../model/error.ts";
import { headSize, type Tree, type TreeVisitor, type WalkOptions } from "../../model/images/tree.ts";
import type { Chunk, TableEntry } from "../image/chunked/table-of-contents.ts";
import { defaultLargestLayer } from "../image/walk-pieces.ts";
import { type ContainedFile, ContainedFolder } from "./contained-folder.ts";
import { type PartialLayer, readLayerTable } from "./partial-layer.ts";
import { UnreadableFiles } from "./unreadable-files.ts";

/** How it is read. */
export interface PartialLayerTreeOptions {
  readonly largestLayer?: number;
}

/**
 * The tree of a {@link PartialLayer}: the entries are those of its table of contents, the bodies lie in its folder.
 * Every byte that the visitor is shown was proved by its chunk in the table, so what a walk tells that comes to its end
 * follows from the table alone. A file of which the visitor foresees to need nothing is not opened. A walk that could
 * not read or prove a file tells the others and fails at its end with `target-unreadable`.
 */
export class PartialLayerTree implements Tree {
  readonly #layer: PartialLayer;
  readonly #options: PartialLayerTreeOptions;

  constructor(layer: PartialLayer, options: PartialLayerTreeOptions) {
    this.#layer = layer;
    this.#options = options;
  }

  async walk(visitor: TreeVisitor, options: WalkOptions): Promise<void> {
    const { table, tableDigest, folder } = this.#layer;
    const found = readLayerTable(this.#layer);
    if (found?.digest !== tableDigest) {
      throw new PlimsollError("target-unreadable", `${table} was changed during the scan`);
    }
    const { largestLayer = defaultLargestLayer } = this.#options;
    if (this.#layer.size > largestLayer) {
      throw new PlimsollError("limit-exceeded", `the layer's files are larger than ${largestLayer} bytes in total`, {
        hint: "Raise --max-layer-size if the image is trusted.",
      });
    }
    await new PartialLayerWalk({ ...options, folder, visitor }).run(found.entries);
  }
}

interface PartialLayerWalkOptions extends WalkOptions {
  readonly folder: string;
  readonly visitor: TreeVisitor;
}

/** An entry is visited, and a piece of a file read, without letting other work go on; after so many it does. */
const entriesBetweenPauses = 2_000;
const bytesBetweenPauses: number = 16 * 1024 * 1024;
const pieceSize: number = 1024 * 1024;

class PartialLayerWalk {
  readonly #options: PartialLayerWalkOptions;
  readonly #folder: ContainedFolder;
  readonly #unreadable: UnreadableFiles;
  /** Memory for bytes that are not kept. */
  readonly #place: Buffer = Buffer.allocUnsafe(pieceSize);
  #sincePause = 0;

  constructor(options: PartialLayerWalkOptions) {
    this.#options = options;
    this.#folder = new ContainedFolder(options.folder);
    this.#unreadable = new UnreadableFiles(options.folder);
  }

  async run(entries: readonly TableEntry[]): Promise<void> {
    const { progress } = this.#options;
    for (const [index, file] of entries.entries()) {
      if (index % entriesBetweenPauses === 0) await this.#pause();
      await this.#visit(file);
      progress?.(file.entry.size);
    }
    this.#unreadable.fail();
  }

  async #visit({ entry, chunks }: TableEntry): Promise<void> {
    const { visitor } = this.#options;
    if (entry.refusal) {
      if (entry.refusal.hasPlace) visitor.entry(entry, none);
      visitor.refused({ path: entry.path, reason: entry.refusal.reason, limit: false });
      return;
    }
    const hasHead = entry.type === "file" && entry.size > 0 && visitor.foresee?.(entry) !== "nothing";
    if (!hasHead && (!visitor.entry(entry, none) || entry.type !== "file")) return;
    using file = this.#open({ entry, chunks });
    if (!file) {
      if (hasHead) visitor.entry(entry, none);
      return;
    }
    if (hasHead) {
      const head = await this.#readHead(file);
      if (!visitor.entry(entry, head ?? none) || !head) return;
    }
    if (entry.size > largestBody) {
      visitor.refused({ path: entry.path, reason: "it is larger than 4 GiB, the limit for a file", limit: true });
    } else await this.#giveBody(file);
  }

  /** Undefined when it cannot be read. */
  #open({ entry, chunks }: TableEntry): OpenedFile | undefined {
    if (chunks.length === 0) return { entry, chunks, content: nothing, [Symbol.dispose]: () => undefined };
    const content = this.#folder.open(Buffer.from(entry.path));
    if (typeof content === "string") {
      if (content !== missing || !estargzFiles.has(entry.path)) this.#unreadable.note(entry.path, content);
      return undefined;
    }
    if (content.size === entry.size) return { entry, chunks, content, [Symbol.dispose]: () => content.close() };
    content.close();
    this.#unreadable.note(
      entry.path,
      `it is ${content.size} bytes, but ${entry.size} in the layer's table of contents`,
    );
    return undefined;
  }

  /** The first bytes of a file's first chunk, which is proved; undefined when it cannot be. */
  async #readHead({ entry, chunks, content }: OpenedFile): Promise<Buffer | undefined> {
    let head = none;
    const isProved = await this.#prove(
      { entry, chunks: chunks.slice(0, 1), content },
      {
        place: (size) => this.#place.subarray(0, size),
        take(piece) {
          if (head.length === 0) head = Buffer.from(piece.subarray(0, headSize));
        },
      },
    );
    return isProved ? head : undefined;
  }

  async #giveBody(file: OpenedFile): Promise<void> {
    const body = new BodyCollector(file.entry);
    try {
      const isProved = await this.#prove(file, { place: Buffer.allocUnsafeSlow, take: (piece) => body.add(piece) });
      if (isProved) this.#options.visitor.file(file.entry, body.file());
    } finally {
      body.release();
    }
  }

  /**
   * Reads the chunks from the beginning of the file on. False, and the file is noted, when one is not what the table
   * says.
   */
  async #prove(
    { entry, chunks, content }: Pick<OpenedFile, "entry" | "chunks" | "content">,
    { place, take }: { readonly place: (size: number) => Buffer; readonly take: (piece: Buffer) => void },
  ): Promise<boolean> {
    let at = 0;
    for (const chunk of chunks) {
      const proof = proofOf(chunk);
      for (let left = chunk.size; left > 0; ) {
        const piece = place(Math.min(left, pieceSize));
        const reason = readAt(content, { piece, at });
        if (reason !== undefined) {
          this.#unreadable.note(entry.path, reason);
          return false;
        }
        proof.add(piece);
        take(piece);
        at += piece.length;
        left -= piece.length;
        this.#sincePause += piece.length;
        if (this.#sincePause >= bytesBetweenPauses) await this.#pause();
      }
      if (proof.holds()) continue;
      this.#unreadable.note(entry.path, "its content does not match the layer's table of contents");
      return false;
    }
    return true;
  }

  async #pause(): Promise<void> {
    this.#sincePause = 0;
    await setImmediate();
    refuseCancelled(this.#options.signal);
  }
}

/** A file of the folder, and what the table says of it. */
interface OpenedFile extends TableEntry, Disposable {
  readonly content: ContainedFile;
}

/** What eStargz adds to a layer; containers/storage leaves it out. */
const estargzFiles: ReadonlySet<string> = new Set(["stargz.index.json", ".prefetch.landmark", ".no.prefetch.landmark"]);
const missing = "it does not exist";

const nothing: ContainedFile = { size: 0, readInto: () => 0, close: () => undefined };
const none: Buffer = Buffer.alloc(0);
const zeros: Buffer = Buffer.alloc(pieceSize);

/** Whether pieces are what their chunk is to be. */
function proofOf({ digest }: Chunk): { add(piece: Buffer): void; holds(): boolean } {
  if (digest === undefined) {
    let isZero = true;
    return {
      add(piece) {
        isZero &&= piece.equals(zeros.subarray(0, piece.length));
      },
      holds: () => isZero,
    };
  }
  const hash = createHash("sha256");
  return { add: (piece) => void hash.update(piece), holds: () => `sha256:${hash.digest("hex")}` === digest };
}

/** Fills a piece, or says why it cannot be. */
function readAt(
  content: ContainedFile,
  { piece, at }: { readonly piece: Buffer; readonly at: number },
): string | undefined {
  try {
    return content.readInto(piece, at) < piece.length ? "it became shorter while it was read" : undefined;
  } catch (error) {
    return reasonOf(error);
  }
}
