import { PlimsollError } from "../../model/error.ts";
import type { EntryType, TreeEntry } from "../../model/images/tree.ts";
import { cleanPath, longestPath } from "../files/tree-path.ts";
import { blockSize, readText, type TarHeader } from "./header.ts";
import { type PaxRecords, type PaxSparse, readPaxRecords } from "./pax.ts";

/** The reason why a wanted file is skipped when it is stored as a sparse one. */
export const sparseReason = "it is stored as a sparse file, which is not supported";

/** The largest extended header (long name or pax records) that is read. */
export const largestExtendedHeader: number = 1024 * 1024;

/** An entry with what the walker must know to pass over its body. */
export interface TarEntry extends TreeEntry {
  /** Bytes stored after the header, before padding. */
  readonly storedSize: number;
  /** Set for a file that is stored as a sparse one, and so is not read: whether its body begins with the sparse map. */
  readonly sparse?: { readonly mapInBody: boolean };
  /**
   * True for a file that is not sparse and that some readers pass over or call otherwise: its header gives it another
   * type than that of a plain one, or its name is absolute.
   */
  readonly isUnusual?: true;
  /**
   * Why the entry must be passed over, when it must. One whose path is good still takes its place in the tree, as
   * `other`.
   */
  readonly refusal?: { readonly reason: string; readonly hasPlace: boolean };
}

/**
 * Joins a header with the extended headers before it: GNU long names (`L`, `K`) and pax records (`x`). Pax records for
 * all that follow (`g`) are passed over and end what was meant for the next entry; a GNU long name wins over a pax
 * path, and the name that pax records give a sparse file wins over both. So does Go's `archive/tar`, by which Docker,
 * containerd and Podman unpack images. A sparse file with several names is refused all the same, since otherwise it
 * would be skipped unseen under a name that is not wanted.
 */
export class EntryBuilder {
  #longName: string | undefined;
  #longLink: string | undefined;
  #local: PaxRecords | undefined;

  /** True when the body of this header describes the next entry and must be given to {@link extend}. */
  static isExtension(header: TarHeader): boolean {
    return header.type === 0x4c || header.type === 0x4b || header.type === 0x78 || header.type === 0x67;
  }

  /** Takes the body of an extension. Error: `archive-malformed`. */
  extend(header: TarHeader, body: Buffer): void {
    if (header.type === 0x4c) this.#longName = readText(body, 0, body.length);
    else if (header.type === 0x4b) this.#longLink = readText(body, 0, body.length);
    else if (header.type === 0x78) {
      const records = readPaxRecords(body);
      if (!records) throw new PlimsollError("archive-malformed", "a pax header in the tar archive is malformed");
      this.#local = records;
    } else this.#forget();
  }

  /** True when an extension was read and the entry that it describes was not. */
  get isWaiting(): boolean {
    return this.#longName !== undefined || this.#longLink !== undefined || this.#local !== undefined;
  }

  /** Makes the entry that the header begins, and forgets what was meant for it alone. */
  build(header: TarHeader): TarEntry {
    const plainName = this.#longName || this.#local?.path || header.name;
    const sparse = header.type === sparseFlag ? oldSparse : this.#local?.sparse;
    const name = sparse?.name ?? plainName;
    const isAmbiguous = sparse !== undefined && hasSeveral([sparse.name, this.#longName, this.#local?.path]);
    const linkName = this.#longLink || this.#local?.linkPath || header.linkName;
    const storedSize = this.#local?.size ?? header.size;
    this.#forget();

    const type = entryType(header.type, plainName);
    const body = type === "file" ? storedSize : 0;
    const path = cleanPath(name);
    const link = type === "hardlink" ? cleanPath(linkName) : type === "symlink" ? linkName : "";
    const entry = { path: path ?? name, type, size: body, mode: header.mode, link: link ?? "", storedSize: body };
    if (path === undefined) return { ...entry, refusal: { reason: refusalOf(name), hasPlace: false } };
    const reason =
      link === undefined
        ? "it is a hard link to a name outside the image"
        : type === "symlink" && link.length > longestPath
          ? `it is a symbolic link whose target is longer than ${longestPath} characters`
          : isAmbiguous && type === "file"
            ? "it is stored as a sparse file with several names"
            : undefined;
    if (reason !== undefined) return { ...entry, type: "other", link: "", refusal: { reason, hasPlace: true } };
    if (type !== "file") return entry;
    if (sparse) return { ...entry, sparse: { mapInBody: sparse.mapInBody } };
    return plainTypes.has(header.type) && !name.startsWith("/") ? entry : { ...entry, isUnusual: true };
  }

  #forget(): void {
    this.#longName = undefined;
    this.#longLink = undefined;
    this.#local = undefined;
  }
}

/** The types of a plain file: NUL in the oldest tars, else `0`. */
const plainTypes: ReadonlySet<number> = new Set([0, 0x30]);

/** The type of a sparse file in the old form of GNU tar. */
const sparseFlag = 0x53;
const oldSparse: PaxSparse = { mapInBody: false };

/** Writers call a sparse file `folder/GNUSparseFile.1/name` beside its own name. */
function hasSeveral(names: readonly (string | undefined)[]): boolean {
  return new Set(names.filter((name) => name && !name.includes("GNUSparseFile."))).size > 1;
}

function refusalOf(name: string): string {
  if (name.length > longestPath) return `its name is longer than ${longestPath} characters`;
  return name.includes("\0") ? "its name contains a NUL character" : "its path is outside the root of the image";
}

/** The number of bytes that a body takes with its padding. */
export function paddedSize(size: number): number {
  return Math.ceil(size / blockSize) * blockSize;
}

function entryType(type: number, name: string): EntryType {
  switch (type) {
    case 0:
      return name.endsWith("/") ? "directory" : "file";
    case 0x31:
      return "hardlink";
    case 0x32:
      return "symlink";
    case 0x33:
    case 0x34:
    case 0x36:
      return "other";
    case 0x35:
      return "directory";
    default:
      return "file";
  }
}
