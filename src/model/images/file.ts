/**
 * Which files a plug-in wants, as data, so that one walk over a tree serves all plug-ins.
 *
 * - `path`: exactly this path, without a leading slash;
 * - `directory`: every file directly in this folder, optionally only those with one of `suffixes`;
 * - `basename`: any file of this name;
 * - `prefix`: any file whose name begins so;
 * - `suffix`: any file whose path ends so, optionally only those whose path has `containing` in it;
 * - `upTo`: any regular file of at least one and at most so many bytes, whatever its name;
 * - `magic`: any regular file whose first bytes are one of these. One of fewer than `smallest` bytes, 1 unless given,
 * is surely of no
 *   use: where first bytes are costly it need not be looked at.
 */
export type FilePattern =
  | { readonly path: string }
  | { readonly directory: string; readonly suffixes?: readonly string[] }
  | { readonly basename: string }
  | { readonly prefix: string }
  | { readonly suffix: string; readonly containing?: string }
  | { readonly upTo: number }
  | { readonly magic: readonly (readonly number[])[]; readonly smallest?: number };

/**
 * A regular file whose bytes are available: in memory, in a temporary file, or in an archive on disk. Reads are
 * synchronous because all of these are local and formats such as ELF, ZIP and Berkeley DB are read in many small
 * pieces.
 */
export interface OpenFile {
  /** Path from the root of the tree, `/` between names, without a leading slash. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Permission bits. */
  readonly mode: number;
  /**
   * The names that the root of the tree has on its machine, as absolute paths without the leading slash: a folder that
   * was named as the target may itself be a `node_modules`. Absent for an image, whose root is the root.
   */
  readonly above?: readonly string[];
  /** A file beside it without which it is not whole, as an extractor told of that one. */
  readonly completedBy?: OpenFile;
  /**
   * The bytes from `offset`, at most `length` of them, fewer at the end of the file. The caller must not write into
   * them: they may be a view of shared memory.
   */
  read(offset: number, length: number): Uint8Array;
}
