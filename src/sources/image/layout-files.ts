import { lstatSync, type Stats } from "node:fs";
import { join } from "node:path";
import { DiskFile, type FileIdentity } from "../../io/random-access.ts";
import type { FileRange } from "../../io/read-range.ts";
import { reasonOf } from "../../io/reason-of.ts";
import { sparseReason, type TarEntry } from "../../io/tar/entry-builder.ts";
import { seekEntries } from "../../io/tar/seek-walker.ts";
import { cleanPath, parentPath } from "../../io/tree-path.ts";
import { PlimsollError } from "../../model/error.ts";

/** The files of an image layout, wherever they lie. */
export interface LayoutFiles extends Disposable {
  /** How errors name the layout. */
  readonly name: string;
  /** What {@link readDocument} has read. */
  documentBytes: number;
  /** Where a file's bytes are, undefined when there is no such file. */
  range(path: string): FileRange | undefined;
  /** Why a file that is there has no range, as a clause; undefined for any other. */
  obstacle(path: string): string | undefined;
  /** What stays the same as long as the bytes of this file do. */
  identity(path: string): string;
}

/** The largest manifest, index or config that is read. */
const largestDocument: number = 16 * 1024 * 1024;

/** The most entries that the tar of a layout may hold; an image of 1,000 layers in the oldest form has some 4,000. */
const mostFiles = 100_000;

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
    throw new PlimsollError("layout-malformed", `${path} in ${files.name} cannot be read: ${obstacle}`, {
      hint: "Save the image again, or pack the archive anew, without --sparse.",
    });
  }
  if (range.size > largestDocument) {
    throw new PlimsollError("limit-exceeded", `${path} in ${files.name} has ${range.size} bytes, the limit is 16 MiB`);
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

/** The same files: what is read of them for a comparison does not count against what the image may take. */
export function withOwnBudget(files: LayoutFiles): LayoutFiles {
  return {
    name: files.name,
    documentBytes: 0,
    range: (path) => files.range(path),
    obstacle: (path) => files.obstacle(path),
    identity: (path) => files.identity(path),
    [Symbol.dispose]: () => undefined,
  };
}

/** A layout inside an uncompressed tar on disk. */
export class TarLayout implements LayoutFiles {
  readonly name: string;
  documentBytes = 0;
  readonly #file: DiskFile;
  readonly #identity: string;
  readonly #places = new Map<string, Place>();
  readonly #links = new Map<string, string>();
  readonly #isPlain = new Map<string, boolean>();

  /**
   * Reads the index of the tar. `identity` names its bytes where the file on disk is only a copy.
   * Errors: `archive-malformed`, `limit-exceeded`.
   */
  constructor(file: DiskFile, { name, identity }: { readonly name: string; readonly identity?: string }) {
    this.#file = file;
    this.name = name;
    this.#identity = identity ?? identityText(file.identity);
    let entries = 0;
    for (const { entry, offset } of seekEntries(file, { needsEndMark: true })) {
      if (++entries > mostFiles) {
        throw new PlimsollError(
          "archive-not-recognised",
          `it holds more than ${mostFiles} entries: no image archive does`,
          {
            hint: "Unpack the tar and scan the folder.",
          },
        );
      }
      this.#add(entry, offset);
    }
  }

  range(path: string): FileRange | undefined {
    const place = this.#resolve(path);
    if (!place || place.obstacle !== undefined) return undefined;
    return { file: this.#file, offset: place.offset, size: place.size };
  }

  obstacle(path: string): string | undefined {
    return this.#resolve(path)?.obstacle;
  }

  identity(path: string): string {
    const place = this.#resolve(path);
    return `${this.#identity}:${place?.offset ?? -1}:${place?.size ?? 0}`;
  }

  [Symbol.dispose](): void {
    this.#file[Symbol.dispose]();
  }

  /**
   * A later entry takes the place of an earlier one of its name. Where only one of the two is a plain file, loaders do
   * not agree: containerd keeps that, or a symbolic link in the place of a layer or a config, and others what comes
   * last.
   */
  #add(entry: TarEntry, offset: number): void {
    const { path, type, size, link, sparse, refusal } = entry;
    if (refusal?.hasPlace === false || this.#places.get(path)?.obstacle === twice) return;
    const isPlain = type === "file" && sparse === undefined && entry.isUnusual !== true;
    const isLinkForAll = type === "symlink" && !roots.has(path);
    if ((this.#isPlain.get(path) ?? isPlain) !== isPlain && !isLinkForAll) {
      this.#links.delete(path);
      this.#places.set(path, { offset, size, obstacle: twice });
      return;
    }
    this.#isPlain.set(path, isPlain);
    this.#places.delete(path);
    this.#links.delete(path);
    const obstacle = refusal?.reason ?? (sparse && sparseReason);
    if (obstacle !== undefined) this.#places.set(path, { offset, size, obstacle });
    else if (type === "file") this.#places.set(path, { offset, size });
    else if (type === "hardlink") this.#links.set(path, link);
    else if (type === "symlink") {
      const target = cleanPath(link.startsWith("/") ? link : `${parentPath(path)}/${link}`);
      if (target !== undefined) this.#links.set(path, target);
    }
  }

  #resolve(path: string): Place | undefined {
    let at: string | undefined = cleanPath(path);
    for (let hops = 0; at !== undefined && hops < 8; hops++) {
      const place = this.#places.get(at);
      if (place) return place;
      at = this.#links.get(at);
    }
    return undefined;
  }
}

/** The files by which loaders find the others. */
const roots: ReadonlySet<string> = new Set(["index.json", "manifest.json", "oci-layout"]);

const twice = "the archive holds it twice, as a file and as something else";

interface Place {
  readonly offset: number;
  readonly size: number;
  readonly obstacle?: string;
}

/** A layout in a folder. Links are not followed. */
export class FolderLayout implements LayoutFiles {
  readonly name: string;
  documentBytes = 0;
  readonly #open = new Map<string, DiskFile>();

  constructor(folder: string) {
    this.name = folder;
  }

  range(path: string): FileRange | undefined {
    const clean = cleanPath(path);
    if (clean === undefined || clean === "") return undefined;
    const full = join(this.name, clean);
    const known = this.#open.get(clean);
    if (known) return { file: known, offset: 0, size: known.size };
    if (!statOf(full)?.isFile()) return undefined;
    const file = new DiskFile(full);
    this.#open.set(clean, file);
    return { file, offset: 0, size: file.size };
  }

  obstacle(): undefined {
    return undefined;
  }

  /** True when the layout has a file or folder of this name. */
  has(name: string): boolean {
    return statOf(join(this.name, name)) !== undefined;
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
