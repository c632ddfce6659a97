import { basename } from "node:path";
import { DiskFile } from "../../io/bytes/random-access.ts";
import { headSize, type Tree, type TreeEntry, type TreeVisitor, type WalkOptions } from "../../model/images/tree.ts";

/** A file of this machine as a tree with one entry, which has the file's name. A symbolic link is followed. */
export class SingleFileTree implements Tree {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** Error: `target-unreadable`. */
  async walk(visitor: TreeVisitor, { progress, only }: WalkOptions): Promise<void> {
    const path = basename(this.#path);
    if (only && !new Set(only).has(path)) return;
    using file = new DiskFile(this.#path);
    const { size } = file;
    const entry: TreeEntry = { path, type: "file", size, mode: 0o644, link: "" };
    if (visitor.entry(entry, file.read(0, Math.min(headSize, size)))) {
      visitor.file(entry, { path, size, mode: entry.mode, read: (offset, length) => file.read(offset, length) });
    }
    progress?.(size);
  }
}
