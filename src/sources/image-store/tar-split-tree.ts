import { DiskFile } from "../../io/bytes/random-access.ts";
import { readRange } from "../../io/bytes/read-range.ts";
import { decompress } from "../../io/compression/decompress.ts";
import { cleanPath } from "../../io/files/tree-path.ts";
import { refuseCancelled } from "../../io/refuse-cancelled.ts";
import { PlimsollError } from "../../model/error.ts";
import type { Tree, TreeVisitor, WalkOptions } from "../../model/images/tree.ts";
import { defaultLargestLayer, walkPieces } from "../image/walk-pieces.ts";
import { ContainedFolder } from "./contained-folder.ts";
import { readTarSplit } from "./tar-split.ts";
import { UnreadableFiles } from "./unreadable-files.ts";

/** Where a layer lies that was unpacked. */
export interface UnpackedLayer {
  /** The record of its tar. */
  readonly record: string;
  /** The folder with its files. */
  readonly folder: string;
}

/** How it is read. */
export interface TarSplitTreeOptions {
  /** The digest that the tar must have. */
  readonly diffId: string;
  readonly largestLayer?: number;
}

const pieceSize: number = 1024 * 1024;

/**
 * The tree of a layer that an engine unpacked to a folder: the tar is put together again from the record and the files,
 * so the walk sees the very bytes that were pulled, whiteouts among them, and proves them by their digest. A walk that
 * could not read a file tells the others and fails at its end with `target-unreadable`.
 */
export class TarSplitTree implements Tree {
  readonly #layer: UnpackedLayer;
  readonly #options: TarSplitTreeOptions;

  constructor(layer: UnpackedLayer, options: TarSplitTreeOptions) {
    this.#layer = layer;
    this.#options = options;
  }

  async walk(visitor: TreeVisitor, options: WalkOptions): Promise<void> {
    const unreadable = new UnreadableFiles(this.#layer.folder);
    const readable: TreeVisitor = {
      entry: (entry, head) => (unreadable.has(entry.path) ? notWanted(visitor, entry) : visitor.entry(entry, head)),
      file: (entry, file) => visitor.file(entry, file),
      refused: (problem) => visitor.refused(problem),
    };
    try {
      await walkPieces(this.#assemble(unreadable, options), readable, { digest: this.#options.diffId });
    } catch (error) {
      if (unreadable.size === 0 || !(error instanceof PlimsollError) || error.code !== "digest-mismatch") throw error;
    }
    unreadable.fail();
  }

  /** The tar in pieces of one MiB; a file that cannot be read is noted and zeros take its place. */
  async *#assemble(unreadable: UnreadableFiles, { signal, progress }: WalkOptions): AsyncGenerator<Buffer> {
    const { largestLayer = defaultLargestLayer } = this.#options;
    const folder = new ContainedFolder(this.#layer.folder);
    let piece = Buffer.allocUnsafeSlow(pieceSize);
    let filled = 0;
    let total = 0;
    for await (const entries of this.#entries(signal)) {
      for (const entry of entries) {
        const size = entry.kind === "bytes" ? entry.bytes.length : entry.size;
        total += size;
        if (total > largestLayer) {
          throw new PlimsollError("limit-exceeded", `the layer is larger than ${largestLayer} bytes`, {
            hint: "Raise --max-layer-size if the image is trusted.",
          });
        }
        using body = entry.kind === "bytes" ? bodyOfBytes(entry.bytes) : bodyOfFile(folder, entry, unreadable);
        for (let at = 0; at < size; ) {
          const wanted = Math.min(size - at, pieceSize - filled);
          body.readInto(piece.subarray(filled, filled + wanted), at);
          at += wanted;
          filled += wanted;
          if (filled < pieceSize) continue;
          progress?.(filled);
          yield piece;
          refuseCancelled(signal);
          piece = Buffer.allocUnsafeSlow(pieceSize);
          filled = 0;
        }
      }
    }
    progress?.(filled);
    yield piece.subarray(0, filled);
  }

  async *#entries(signal: AbortSignal): ReturnType<typeof readTarSplit> {
    const { record } = this.#layer;
    using file = new DiskFile(record);
    const stored = readRange({ file, offset: 0, size: file.size }, { reuse: true });
    yield* readTarSplit(decompress(stored, { signal, limit: largestRecord }), record);
  }
}

/** A record has some 1.5 KB for each entry of the tar. */
const largestRecord: number = 16 * 1024 * 1024 * 1024;

/** Available bytes of the tar. */
interface Body extends Disposable {
  readInto(bytes: Buffer, offset: number): void;
}

function bodyOfBytes(source: Buffer): Body {
  return {
    readInto: (bytes, offset) => void source.copy(bytes, 0, offset, offset + bytes.length),
    [Symbol.dispose]: () => undefined,
  };
}

function bodyOfFile(
  folder: ContainedFolder,
  { name, size }: { readonly name: Buffer; readonly size: number },
  unreadable: UnreadableFiles,
): Body {
  const file = folder.open(name);
  const refuse = (reason: string): void => {
    const text = name.toString("utf8");
    unreadable.note(cleanPath(text) ?? text, reason);
  };
  if (typeof file === "string") {
    refuse(file);
    return zeros;
  }
  if (file.size !== size) {
    file.close();
    refuse(`it is ${file.size} bytes, but was unpacked with ${size}`);
    return zeros;
  }
  return {
    readInto(bytes, offset) {
      if (file.readInto(bytes, offset) < bytes.length) refuse("it became shorter while it was read");
    },
    [Symbol.dispose]: () => file.close(),
  };
}

const zeros: Body = { readInto: (bytes) => void bytes.fill(0), [Symbol.dispose]: () => undefined };

/** Reports the name without the content. */
function notWanted(visitor: TreeVisitor, entry: Parameters<TreeVisitor["entry"]>[0]): false {
  visitor.entry(entry, noBytes);
  return false;
}

const noBytes = Buffer.alloc(0);
