import type { OpenFile } from "./file.ts";
import type { ImageBudget } from "./image-budget.ts";

/** What a tree holds at a path. `other` is a device, a socket or a pipe. */
export type EntryType = "file" | "directory" | "symlink" | "hardlink" | "other";

/** One name in a tree. */
export interface TreeEntry {
  /** From the root, `/` between names, no leading or trailing slash, no empty name, `.` or `..`. */
  readonly path: string;
  readonly type: EntryType;
  /** Bytes of a file's body, else 0. */
  readonly size: number;
  /** Permission bits. */
  readonly mode: number;
  /** A symbolic link's text, or the cleaned path of the file that a hard link names; else empty. */
  readonly link: string;
}

/** How many of a file's first bytes a visitor is shown before it decides whether it wants the body. */
export const headSize = 16;

/** What one walk over a tree tells. All calls are synchronous; the walk goes on when they return. */
export interface TreeVisitor {
  /**
   * Called for every entry in the order of the tree. `head` holds the first {@link headSize} bytes of a file, or all
   * that there are. Answer true to get the body of a file through {@link TreeVisitor.file}; for other types the answer
   * is ignored.
   */
  entry(entry: TreeEntry, head: Uint8Array): boolean;
  /**
   * Returns the part of a file that a decision needs. A tree whose bytes are costly asks it before the walk, perhaps
   * again with the first bytes; it then never answers `head`. `parts`: the body, of which little may be read. The
   * answer depends on the arguments alone. {@link entry} gets an empty head for a file of which `nothing` is needed,
   * and may want its body all the same: that costs more. Without this method every file is read. A folder asks it too,
   * to open no more files than necessary.
   */
  foresee?(entry: TreeEntry, head?: Uint8Array): "body" | "parts" | "head" | "nothing";
  /**
   * Reads of a file what {@link file} will read, without effect; called after {@link entry} wanted the body. Reading
   * throws where bytes are not there yet, then this is called again. Without this method the whole body is fetched.
   */
  rehearse?(entry: TreeEntry, file: OpenFile): void;
  /** The body of a file that was asked for; it may be read only during the call. */
  file(entry: TreeEntry, file: OpenFile): void;
  /** An entry that was passed over, and why. */
  refused(problem: { readonly path: string; readonly reason: string; readonly limit: boolean }): void;
}

/** A tree that can be walked: a layer of an image, or a folder. */
export interface Tree {
  /**
   * Walks everything once.
   *
   * Errors: `archive-malformed`, `limit-exceeded`, `digest-mismatch`, `target-unreadable`, `cancelled`. What was
   * visited before stays valid.
   */
  walk(visitor: TreeVisitor, options: WalkOptions): Promise<void>;
}

/** How to walk. */
export interface WalkOptions {
  readonly signal: AbortSignal;
  /** Called now and then with the number of stored bytes that were passed since the last call. */
  readonly progress?: (bytes: number) => void;
  /** Called when a tree that can be proved by a digest is read in part only, so that it is not. */
  readonly inPart?: () => void;
  /** Counts what comes out of the layer together with the other layers of its image. */
  readonly budget?: ImageBudget | undefined;
  /** The visitor cares for what lies at these paths alone; a tree to which it is less work passes over all others. */
  readonly only?: ReadonlySet<string>;
}
