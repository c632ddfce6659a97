import { constants, type Dirent, type Stats } from "node:fs";
import { lstat, open, opendir, readlink } from "node:fs/promises";
import { join } from "node:path";
import type { Fact } from "../../model/checks/fact.ts";
import { hasCode, whyUnreadable } from "./why-unreadable.ts";

/** A place that was found: its path inside the root with every link followed, and what lies there. */
export interface FoundPlace {
  readonly path: string;
  readonly stats: Stats;
}

/**
 * The files of a host: of this machine, or of a tree that was copied from another one. Links stay inside the tree. No
 * method throws: a file that cannot be read is an unavailable fact, and a missing file is null.
 */
export interface HostRoot {
  /** Where the tree lies on this machine; `/` for the machine itself. */
  readonly path: string;
  find(path: string): Promise<Fact<FoundPlace | null>>;
  /**
   * The text of a regular file of at most `limit` bytes. A file that changed while it was read is read once more, then
   * reported as unavailable.
   */
  readText(path: string, options?: { readonly limit?: number }): Promise<Fact<string | null>>;
  /** The names in a folder, sorted; at most 10,000. */
  list(path: string): Promise<Fact<readonly string[] | null>>;
}

const mostLinks = 40;
const mostNames = 10_000;
const longestPath = 4096;
const usualLimit = 1024 * 1024;
const pieceSize = 64 * 1024;

/** Looks at a host through the folder that is its root. Nothing is read yet. */
export function openHostRoot(root: string): HostRoot {
  const outside = (path: string): string => (root === "/" ? path : join(root, path));

  async function find(path: string): Promise<Fact<FoundPlace | null>> {
    if (path.length > longestPath || path.includes("\0")) return { unavailable: "the path is not valid" };
    let waiting = namesOf(path).reverse();
    let done: string[] = [];
    let links = 0;
    try {
      let stats = await lstat(outside("/"));
      for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
        if (name === "..") {
          done.pop();
          stats = await lstat(outside(`/${done.join("/")}`));
          continue;
        }
        const here = `/${[...done, name].join("/")}`;
        stats = await lstat(outside(here));
        if (!stats.isSymbolicLink()) {
          done.push(name);
          continue;
        }
        if (++links > mostLinks) return { unavailable: `${path} is a cycle of symbolic links` };
        const target = await readlink(outside(here));
        if (target.startsWith("/")) done = [];
        waiting = [...waiting, ...namesOf(target).reverse()];
        if (waiting.length > longestPath) return { unavailable: `${path} passes through too many folders` };
      }
      return { value: { path: `/${done.join("/")}`, stats } };
    } catch (error) {
      if (hasCode(error, "ENOENT", "ENOTDIR", "ESRCH")) return { value: null };
      return { unavailable: whyUnreadable(path, error) };
    }
  }

  async function readOnce(path: string, limit: number): Promise<Fact<string | null> | "changed"> {
    const found = await find(path);
    if ("unavailable" in found || found.value === null) return found as Fact<null>;
    if (!found.value.stats.isFile()) return { unavailable: `${path} is not a regular file` };
    let file: Awaited<ReturnType<typeof open>> | undefined;
    try {
      // Something else may stand there by now: neither a link is followed nor a pipe waited for.
      file = await open(outside(found.value.path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
      const before = await file.stat({ bigint: true });
      if (!before.isFile()) return { unavailable: `${path} is not a regular file` };
      if (before.size > BigInt(limit)) return { unavailable: `${path} is larger than ${limit} bytes` };
      const pieces: Buffer[] = [];
      let size = 0;
      for (;;) {
        const piece = Buffer.alloc(pieceSize);
        const { bytesRead } = await file.read(piece, 0, pieceSize, null);
        if (bytesRead === 0) break;
        size += bytesRead;
        if (size > limit) return { unavailable: `${path} is larger than ${limit} bytes` };
        pieces.push(piece.subarray(0, bytesRead));
      }
      const after = await file.stat({ bigint: true });
      const changed = before.size !== after.size || before.mtimeNs !== after.mtimeNs;
      if (changed && !isMadeByKernel(found.value.path)) return "changed";
      return { value: Buffer.concat(pieces).toString("utf8") };
    } catch (error) {
      if (hasCode(error, "ENOENT", "ESRCH")) return { value: null };
      return { unavailable: whyUnreadable(path, error) };
    } finally {
      await file?.close().catch(() => {});
    }
  }

  return {
    path: root,
    find,
    async readText(path, { limit = usualLimit } = {}) {
      const first = await readOnce(path, limit);
      const text = first === "changed" ? await readOnce(path, limit) : first;
      return text === "changed" ? { unavailable: `${path} changed while it was read` } : text;
    },
    async list(path) {
      const found = await find(path);
      if ("unavailable" in found || found.value === null) return found as Fact<null>;
      if (!found.value.stats.isDirectory()) return { unavailable: `${path} is not a folder` };
      try {
        const names: string[] = [];
        for await (const entry of (await opendir(outside(found.value.path))) as AsyncIterable<Dirent>) {
          if (names.push(entry.name) > mostNames)
            return { unavailable: `${path} contains more than ${mostNames} names` };
        }
        return { value: names.sort() };
      } catch (error) {
        if (hasCode(error, "ENOENT", "ESRCH")) return { value: null };
        return { unavailable: whyUnreadable(path, error) };
      }
    },
  };
}

function namesOf(path: string): string[] {
  return path.split("/").filter((name) => name !== "" && name !== ".");
}

/** Files of `/proc` and `/sys` have no time of change that says anything. */
function isMadeByKernel(path: string): boolean {
  return path.startsWith("/proc/") || path.startsWith("/sys/");
}
