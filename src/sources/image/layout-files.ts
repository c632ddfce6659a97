import { lstatSync, type Stats } from "node:fs";
import { join } from "node:path";
import { DiskFile, type FileIdentity } from "../../io/bytes/random-access.ts";
import type { FileRange } from "../../io/bytes/read-range.ts";
import { cleanPath } from "../../io/files/tree-path.ts";
import { reasonOf } from "../../io/reason-of.ts";
import { PlimsollError } from "../../model/error.ts";
import { ParsedDocuments } from "./parsed-documents.ts";

/** The files of an image layout, wherever they lie. */
export interface LayoutFiles extends Disposable {
  /** How errors name the layout. */
  readonly name: string;
  /** What it is that holds the files, for a sentence: `the archive`. */
  readonly holder: string;
  /** What {@link readDocument} has read. */
  documentBytes: number;
  /** The documents that were parsed. */
  readonly parsed: ParsedDocuments;
  /** Where a file's bytes are, undefined when there is no such file. */
  range(path: string): FileRange | undefined;
  /** Why a file that is there has no range; undefined for any other. */
  obstacle(path: string): Obstacle | undefined;
  /** What stays the same as long as the bytes of this file do. */
  identity(path: string): string;
}

/** Why a file that is there is not read. */
export interface Obstacle {
  /** A clause. */
  readonly reason: string;
  /** What to do, as one sentence. */
  readonly hint: string;
}

/** The largest manifest, index or config that is read. */
const largestDocument: number = 16 * 1024 * 1024;

/** The most bytes that the manifests, indexes and configs which are read from one layout may have. */
const mostDocumentBytes: number = 128 * 1024 * 1024;

/**
 * The bytes of a small file in a layout, undefined when there is no such file. Errors: `limit-exceeded`,
 * `layout-malformed` for one that is there and cannot be read.
 */
export function readDocument(files: LayoutFiles, path: string): Buffer | undefined {
  const range = files.range(path);
  if (!range) {
    const obstacle = files.obstacle(path);
    if (obstacle === undefined) return undefined;
    throw new PlimsollError("layout-malformed", `${path} in ${files.name} cannot be read: ${obstacle.reason}`, {
      hint: obstacle.hint,
    });
  }
  if (range.size > largestDocument) {
    throw new PlimsollError("limit-exceeded", `${path} in ${files.name} is ${range.size} bytes; the limit is 16 MiB`);
  }
  files.documentBytes += range.size;
  if (files.documentBytes > mostDocumentBytes) {
    throw new PlimsollError("limit-exceeded", `${files.name} has more than 128 MiB of manifests and configs`);
  }
  return range.file.read(range.offset, range.size);
}

/** True when there is a file of this path, also one that cannot be read. */
export function holds(files: LayoutFiles, path: string): boolean {
  return files.range(path) !== undefined || files.obstacle(path) !== undefined;
}

const forComparison = new WeakMap<LayoutFiles, LayoutFiles>();

/**
 * The same files: what is read of them for comparisons does not count against what the image may take, but all
 * comparisons together have one budget of the same size.
 */
export function withOwnBudget(files: LayoutFiles): LayoutFiles {
  const known = forComparison.get(files);
  if (known) return known;
  const view = viewOf(files);
  forComparison.set(files, view);
  forComparison.set(view, view);
  return view;
}

function viewOf(files: LayoutFiles): LayoutFiles {
  return {
    name: files.name,
    holder: files.holder,
    documentBytes: 0,
    parsed: files.parsed,
    range: (path) => files.range(path),
    obstacle: (path) => files.obstacle(path),
    identity: (path) => files.identity(path),
    [Symbol.dispose]: () => undefined,
  };
}

/** A layout in a folder. Links are not followed. */
export class FolderLayout implements LayoutFiles {
  readonly name: string;
  readonly holder: string;
  documentBytes = 0;
  readonly parsed: ParsedDocuments = new ParsedDocuments();
  readonly #folder: string;
  readonly #open = new Map<string, DiskFile>();

  /** `name` and `holder`: as errors have them where the folder is only a copy. */
  constructor(folder: string, { name = folder, holder = "the layout" }: { name?: string; holder?: string } = {}) {
    this.#folder = folder;
    this.name = name;
    this.holder = holder;
  }

  range(path: string): FileRange | undefined {
    const clean = cleanPath(path);
    if (clean === undefined || clean === "") return undefined;
    const full = join(this.#folder, clean);
    const known = this.#open.get(clean);
    if (known) return { file: known, offset: 0, size: known.size };
    if (!statOf(full)?.isFile()) return undefined;
    const file = new DiskFile(full);
    this.#open.set(clean, file);
    return { file, offset: 0, size: file.size };
  }

  obstacle(path: string): Obstacle | undefined {
    const clean = cleanPath(path);
    const isLink = clean !== undefined && clean !== "" && statOf(join(this.#folder, clean))?.isSymbolicLink() === true;
    return isLink ? symbolicLink : undefined;
  }

  /** True when the layout has a file or folder of this name. */
  has(name: string): boolean {
    return statOf(join(this.#folder, name)) !== undefined;
  }

  identity(path: string): string {
    const file = this.range(path)?.file;
    return file ? identityText(file.identity) : "";
  }

  [Symbol.dispose](): void {
    for (const file of this.#open.values()) file[Symbol.dispose]();
    this.#open.clear();
  }
}

const symbolicLink: Obstacle = {
  reason: "it is a symbolic link, and those are not followed: copy the layout with cp -rL",
  hint: "A copy made with cp -rL has files instead of links.",
};

function statOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOTDIR") return undefined;
    throw new PlimsollError("target-unreadable", `${path} cannot be read: ${reasonOf(cause)}`, { cause });
  }
}

/** A file's identity as one text. */
export function identityText({ device, inode, size, modified, changed }: FileIdentity): string {
  return `${device}:${inode}:${size}:${modified}:${changed}`;
}
