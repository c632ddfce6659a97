import { closeSync, constants, fstatSync, lstatSync, openSync, readlinkSync, readSync } from "node:fs";
import { reasonOf } from "../../io/reason-of.ts";

const slash = 47;
const mostLinks = 40;
const linkType = constants.S_IFLNK;
const folderType = constants.S_IFDIR;
const typeBits = constants.S_IFMT;

/** A regular file, open for reading until closed. */
export interface ContainedFile {
  readonly size: number;
  /** Fills `bytes` from `offset` of the file; returns how many bytes there were. */
  readInto(bytes: Buffer, offset: number): number;
  close(): void;
}

/**
 * A folder of an engine's store whose content came out of an image. Names are bytes, because Linux has names that are
 * not text. Symbolic links among the folders of a path are followed as if this folder were the root, which is what the
 * engine did when it unpacked; nothing outside is ever opened. Only regular files are opened, so that no device or pipe
 * is touched.
 */
export class ContainedFolder {
  readonly #root: Buffer;
  /**
   * What folders really are: from the path as bytes in `latin1` to the same from the root, without links; undefined
   * when not there.
   */
  readonly #folders = new Map<string, string | undefined>([["", ""]]);

  constructor(root: string) {
    this.#root = Buffer.from(root);
  }

  /** The file of this name, or why it cannot be read. */
  open(name: Buffer): ContainedFile | string {
    const parts = partsOf(name.toString("latin1"));
    const last = parts.pop();
    try {
      const folder = this.#resolve(parts);
      if (last === undefined || last === ".." || folder === undefined) return "its folder is not in the store";
      return openRegular(this.#full(folder === "" ? last : `${folder}/${last}`));
    } catch (error) {
      return reasonOf(error);
    }
  }

  /** Throws the operating system's error where one may not look. */
  #resolve(parts: readonly string[]): string | undefined {
    const wanted = parts.join("/");
    if (this.#folders.has(wanted)) return this.#folders.get(wanted);
    const found = this.#walk(parts);
    this.#folders.set(wanted, found);
    return found;
  }

  #walk(parts: readonly string[]): string | undefined {
    const waiting = [...parts].reverse();
    const at: string[] = [];
    let links = 0;
    for (let part = waiting.pop(); part !== undefined; part = waiting.pop()) {
      if (part === "..") {
        at.pop();
        continue;
      }
      at.push(part);
      const path = at.join("/");
      if (this.#folders.get(path) === path) continue;
      const type = typeOf(this.#full(path));
      if (type === folderType) {
        this.#folders.set(path, path);
        continue;
      }
      if (type !== linkType || ++links > mostLinks) return undefined;
      at.pop();
      const target = readlinkSync(this.#full(path), { encoding: "buffer" }).toString("latin1");
      if (target.charCodeAt(0) === slash) at.length = 0;
      waiting.push(...partsOf(target).reverse());
    }
    return at.join("/");
  }

  #full(path: string): Buffer {
    return Buffer.concat([this.#root, Buffer.from(`/${path}`, "latin1")]);
  }
}

function partsOf(path: string): string[] {
  return path.split("/").filter((part) => part !== "" && part !== ".");
}

/** Undefined when there is nothing. Throws the operating system's error where one may not look. */
function typeOf(path: Buffer): number | undefined {
  try {
    return lstatSync(path).mode & typeBits;
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR"))
      return undefined;
    throw error;
  }
}

/** Throws the operating system's error. */
function openRegular(path: Buffer): ContainedFile | string {
  if (!lstatSync(path).isFile()) return "it is not a regular file";
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  const stat = fstatSync(descriptor);
  if (!stat.isFile()) {
    closeSync(descriptor);
    return "it is not a regular file";
  }
  return {
    size: stat.size,
    readInto(bytes, offset) {
      let done = 0;
      while (done < bytes.length) {
        const count = readSync(descriptor, bytes, done, bytes.length - done, offset + done);
        if (count === 0) break;
        done += count;
      }
      return done;
    },
    close: () => closeSync(descriptor),
  };
}
