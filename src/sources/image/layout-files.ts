import { lstatSync } from "node:fs";
import { join } from "node:path";
import { DiskFile, type FileIdentity } from "../../io/random-access.ts";
import type { FileRange } from "../../io/read-range.ts";
import { seekEntries } from "../../io/tar/seek-walker.ts";
import { cleanPath, parentPath } from "../../io/tree-path.ts";
import { PlimsollError } from "../../model/error.ts";
import type { ImageOptions } from "./image.ts";

/** The files of an image layout, wherever they lie. */
export interface LayoutFiles extends Disposable {
  /** How errors name the layout. */
  readonly name: string;
  /** Where a file's bytes are, undefined when there is no such file. */
  range(path: string): FileRange | undefined;
  /** What stays the same as long as the bytes of this file do. */
  identity(path: string): string;
}

/** The largest manifest, index or config that is read. */
const largestDocument: number = 16 * 1024 * 1024;

/** The bytes of a small file in a layout, undefined when there is no such file. Error: `limit-exceeded`. */
export function readDocument(files: LayoutFiles, path: string): Buffer | undefined {
  const range = files.range(path);
  if (!range) return undefined;
  if (range.size > largestDocument) {
    throw new PlimsollError("limit-exceeded", `${path} in ${files.name} has ${range.size} bytes, the limit is 16 MiB`);
  }
  return range.file.read(range.offset, range.size);
}

/** A layout inside an uncompressed tar on disk. */
export class TarLayout implements LayoutFiles {
  readonly name: string;
  readonly #file: DiskFile;
  readonly #identity: string;
  readonly #places = new Map<string, { offset: number; size: number }>();
  readonly #links = new Map<string, string>();

  /**
   * Reads the index of the tar. `identity` names its bytes where the file on disk is only a copy.
   * Errors: `archive-malformed`, `limit-exceeded`.
   */
  constructor(file: DiskFile, { name, identity }: { readonly name: string; readonly identity?: string }) {
    this.#file = file;
    this.name = name;
    this.#identity = identity ?? identityText(file.identity);
    for (const { entry, offset } of seekEntries(file)) {
      if (entry.refusal !== undefined) continue;
      if (entry.type === "file") this.#places.set(entry.path, { offset, size: entry.size });
      else if (entry.type === "hardlink") this.#links.set(entry.path, entry.link);
      else if (entry.type === "symlink") {
        const target = cleanPath(entry.link.startsWith("/") ? entry.link : `${parentPath(entry.path)}/${entry.link}`);
        if (target !== undefined) this.#links.set(entry.path, target);
      }
    }
  }

  range(path: string): FileRange | undefined {
    const place = this.#resolve(path);
    return place && { file: this.#file, ...place };
  }

  identity(path: string): string {
    const place = this.#resolve(path);
    return `${this.#identity}:${place?.offset ?? -1}:${place?.size ?? 0}`;
  }

  [Symbol.dispose](): void {
    this.#file[Symbol.dispose]();
  }

  #resolve(path: string): { offset: number; size: number } | undefined {
    let at: string | undefined = cleanPath(path);
    for (let hops = 0; at !== undefined && hops < 8; hops++) {
      const place = this.#places.get(at);
      if (place) return place;
      at = this.#links.get(at);
    }
    return undefined;
  }
}

/** A layout in a folder. Links are not followed. */
export class FolderLayout implements LayoutFiles {
  readonly name: string;
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
    if (!lstatSync(full, { throwIfNoEntry: false })?.isFile()) return undefined;
    const file = new DiskFile(full);
    this.#open.set(clean, file);
    return { file, offset: 0, size: file.size };
  }

  /** True when the layout has a file or folder of this name. */
  has(name: string): boolean {
    return lstatSync(join(this.name, name), { throwIfNoEntry: false }) !== undefined;
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

/** The {@link ImageLayer.cacheKey} of a layer at a path of a layout; empty when there is no such file. */
export function cacheKeyOf(
  files: LayoutFiles,
  {
    path,
    digest,
    verifies,
    options,
  }: { path: string | undefined; digest: string; verifies: boolean; options: ImageOptions },
): string {
  if (path === undefined || !files.range(path)) return "";
  if (verifies && options.digestsAreTrusted) return digest;
  return `file:${files.identity(path)}${verifies ? ":verified" : ""}`;
}

/** A file's identity as one text. */
export function identityText({ device, inode, size, modified, changed }: FileIdentity): string {
  return `${device}:${inode}:${size}:${modified}:${changed}`;
}
