import {
  closeSync,
  constants,
  type Dirent,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
} from "node:fs";
import { setImmediate } from "node:timers/promises";
import { longestPath, parentPath } from "../../io/files/tree-path.ts";
import { reasonOf } from "../../io/reason-of.ts";
import { refuseCancelled } from "../../io/refuse-cancelled.ts";
import { PlimsollError } from "../../model/error.ts";
import {
  type EntryType,
  headSize,
  type Tree,
  type TreeEntry,
  type TreeVisitor,
  type WalkOptions,
} from "../../model/images/tree.ts";
import { hasCode } from "../host/why-unreadable.ts";

/** Other work goes on after so many entries. */
const entriesBetweenPauses = 1_000;
/**
 * A file below this of which only the beginning is wanted is not a loss when its user may not open it: keys and
 * passwords are so small, and programs larger.
 */
const smallestMissed = 8 * 1024;

/** Folders at the root of a running system whose files are the kernel's, not the system's. */
const kernelFolders: ReadonlySet<string> = new Set(["proc", "sys", "dev"]);

/**
 * A folder of this machine as a tree. Symbolic links are reported and never followed. A file of which the visitor
 * foresees that it needs nothing is not opened; it comes with an empty head.
 */
export class FolderTree implements Tree {
  readonly #root: string;
  /** What stands before the path of an entry. */
  readonly #prefix: string;
  readonly #skip: ((folder: string) => boolean) | undefined;

  /**
   * Folders of which `skip` is true for the path are passed over with all that is in them. Error: `target-unreadable`
   * when it is not a folder that can be listed.
   */
  constructor(root: string, { skip }: { readonly skip?: ((folder: string) => boolean) | undefined } = {}) {
    this.#root = root;
    this.#skip = skip;
    this.#prefix = root.endsWith("/") ? root : `${root}/`;
    try {
      readdirSync(root);
    } catch (cause) {
      throw new PlimsollError("target-unreadable", `${root} cannot be listed: ${reasonOf(cause)}`, { cause });
    }
  }

  async walk(visitor: TreeVisitor, { signal, progress, only }: WalkOptions): Promise<void> {
    const places = only && withFolders(only);
    const waiting: string[] = [""];
    let entries = 0;
    let bytes = 0;
    while (waiting.length > 0) {
      const folder = waiting.pop() ?? "";
      for (const item of this.#list(folder, visitor)) {
        const path = folder === "" ? item.name : `${folder}/${item.name}`;
        if (places && !places.has(path)) continue;
        if (path.length > longestPath) {
          visitor.refused({ path, reason: `its name is longer than ${longestPath} characters`, limit: true });
        } else if (item.isDirectory()) {
          if ((this.#root === "/" && kernelFolders.has(path)) || this.#skip?.(path)) continue;
          visitor.entry({ path, type: "directory", size: 0, mode: 0o755, link: "" }, none);
          waiting.push(path);
        } else if (item.isFile()) bytes += this.#visitFile(path, visitor);
        else this.#visitOther(path, item, visitor);
        if (++entries % entriesBetweenPauses === 0) {
          progress?.(bytes);
          bytes = 0;
          await setImmediate();
          refuseCancelled(signal);
        }
      }
    }
    progress?.(bytes);
  }

  #list(folder: string, visitor: TreeVisitor): Dirent[] {
    try {
      const items = readdirSync(this.#prefix + folder, { withFileTypes: true });
      return items.sort((a, b) => (a.name < b.name ? -1 : 1));
    } catch (error) {
      visitor.refused({ path: folder, reason: `the folder cannot be listed: ${reasonOf(error)}`, limit: false });
      return [];
    }
  }

  /** Returns the size of the file. */
  #visitFile(path: string, visitor: TreeVisitor): number {
    let descriptor: number | undefined;
    const place = this.#prefix + path;
    let onlyForHead: TreeEntry | undefined;
    try {
      const closed = visitor.foresee && closedEntry(path, place);
      const foreseen = closed && visitor.foresee?.(closed);
      const isAnnounced = closed && foreseen === "nothing";
      if (isAnnounced && !visitor.entry(closed, none)) return closed.size;
      if (foreseen === "head") onlyForHead = closed;
      descriptor = openSync(place, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
      const open = descriptor;
      const { size, mode } = fstatSync(open);
      const head = Buffer.allocUnsafe(Math.min(headSize, size));
      const filled = head.subarray(0, readSync(open, head, 0, head.length, 0));
      const entry: TreeEntry = { path, type: "file", size, mode: mode & 0o7777, link: "" };
      if (isAnnounced || visitor.entry(entry, filled)) {
        visitor.file(entry, {
          path,
          size,
          mode: entry.mode,
          read: (offset, length) => readAt(open, { offset, length, size }),
        });
      }
      return size;
    } catch (error) {
      if (error instanceof PlimsollError) throw error;
      const isClosed = descriptor === undefined && hasCode(error, "EACCES", "EPERM");
      if (isClosed && onlyForHead && onlyForHead.size < smallestMissed) {
        visitor.entry(onlyForHead, none);
        return onlyForHead.size;
      }
      visitor.refused({ path, reason: reasonOf(error), limit: false });
      return 0;
    } finally {
      if (descriptor !== undefined) closeSync(descriptor);
    }
  }

  #visitOther(path: string, item: Dirent, visitor: TreeVisitor): void {
    const type: EntryType = item.isSymbolicLink() ? "symlink" : "other";
    let link = "";
    try {
      if (type === "symlink") link = readlinkSync(this.#prefix + path);
    } catch (error) {
      visitor.refused({ path, reason: reasonOf(error), limit: false });
      return;
    }
    visitor.entry({ path, type, size: 0, mode: 0o777, link }, none);
  }
}

const none = Buffer.alloc(0);

/** A file as it tells without being opened; undefined when it is none any longer. */
function closedEntry(path: string, place: string): TreeEntry | undefined {
  const stats = lstatSync(place);
  if (!stats.isFile()) return undefined;
  return { path, type: "file", size: stats.size, mode: stats.mode & 0o7777, link: "" };
}

/** Paths and the folders above them. */
function withFolders(paths: Iterable<string>): ReadonlySet<string> {
  const all = new Set<string>();
  for (const path of paths)
    for (let place = path; place !== "" && !all.has(place); place = parentPath(place)) all.add(place);
  return all;
}

function readAt(
  descriptor: number,
  { offset, length, size }: { offset: number; length: number; size: number },
): Uint8Array {
  const wanted = Math.min(length, size - offset);
  if (offset < 0 || wanted <= 0) return none;
  const bytes = Buffer.allocUnsafe(wanted);
  return bytes.subarray(0, readSync(descriptor, bytes, 0, wanted, offset));
}
