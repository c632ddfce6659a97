import type { DiskFile } from "../../io/random-access.ts";
import type { FileRange } from "../../io/read-range.ts";
import { sparseReason, type TarEntry } from "../../io/tar/entry-builder.ts";
import { seekEntries } from "../../io/tar/seek-walker.ts";
import { cleanPath, parentPath } from "../../io/tree-path.ts";
import { PlimsollError } from "../../model/error.ts";
import { identityText, type LayoutFiles } from "./layout-files.ts";

/*
 * Loaders do not agree about what stands in a tar more than once. Docker unpacks it, so that the last entry of a path
 * counts, and what lies below a link goes where that leads. Podman takes the first entry of a path that `manifest.json`
 * names, and containerd the last that is a plain file. So what is there twice must be the same, and nothing may lie
 * below a link.
 *
 * Source: moby `image/tarexport/load.go`, containers/image `docker/internal/tarfile/reader.go`, containerd
 * `core/images/archive/importer.go`.
 */

/** The most entries that the tar of a layout may hold; an image of 1,000 layers in the oldest form has some 4,000. */
const mostFiles = 100_000;
/** The most characters that are looked at to see what lies below links. */
const mostLinkWork = 300_000_000;
/** Two files that are larger are not compared. */
const largestCompared: number = 1024 * 1024 * 1024;

/** A layout inside an uncompressed tar on disk. */
export class TarLayout implements LayoutFiles {
  readonly name: string;
  readonly holder: string;
  documentBytes = 0;
  readonly #file: DiskFile;
  readonly #identity: string;
  readonly #written = new Map<string, Written>();
  readonly #found = new Map<string, Place | undefined>();
  #hasLinks = false;
  #linkWork = 0;
  #isBelowLinks = false;

  /**
   * Reads the index of the tar. `identity` names its bytes where the file on disk is only a copy.
   * Errors: `archive-malformed`, `limit-exceeded`, `archive-not-recognised` for one with very many entries.
   */
  constructor(
    file: DiskFile,
    { name, holder = "the archive", identity }: { name: string; holder?: string; identity?: string },
  ) {
    this.#file = file;
    this.name = name;
    this.holder = holder;
    this.#identity = identity ?? identityText(file.identity);
    let entries = 0;
    for (const { entry, offset } of seekEntries(file, { needsEndMark: true })) {
      if (++entries > mostFiles) {
        const message = `it holds more than ${mostFiles} entries: no image archive does`;
        throw new PlimsollError("archive-not-recognised", message, { hint: "Unpack the tar and scan the folder." });
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

  #add(entry: TarEntry, offset: number): void {
    const { path, refusal } = entry;
    if (refusal?.hasPlace === false) return;
    const written = writtenAs(entry, offset);
    const earlier = this.#written.get(path);
    if (written.form !== "folder" && this.#liesBelowLink(path)) this.#isBelowLinks = true;
    if (written.form === "link") this.#hasLinks = true;
    this.#written.set(path, earlier ? both(earlier, written) : written);
  }

  /** True also where that is too much to see. */
  #liesBelowLink(path: string): boolean {
    if (!this.#hasLinks) return false;
    for (let folder = parentPath(path); folder !== ""; folder = parentPath(folder)) {
      this.#linkWork += folder.length;
      const form = this.#written.get(folder)?.form;
      if (this.#linkWork > mostLinkWork || form === "link" || form === "unlike") return true;
    }
    return false;
  }

  #resolve(path: string): Place | undefined {
    if (!this.#found.has(path)) this.#found.set(path, this.#find(path));
    return this.#found.get(path);
  }

  #find(path: string): Place | undefined {
    let at: string | undefined = cleanPath(path);
    for (let hops = 0; at !== undefined && hops < 8; hops++) {
      const written = this.#written.get(at);
      if (!written || written.form === "folder" || written.form === "other") return undefined;
      if (this.#isBelowLinks || this.#liesBelowLink(at)) return { offset: -1, size: 0, obstacle: belowLinks };
      if (written.form === "unlike") return { offset: -1, size: 0, obstacle: unlike };
      if (written.form === "file") return this.#only(written);
      at = written.target;
    }
    return undefined;
  }

  /** The place of a file, with an obstacle where the tar holds another one of its name. */
  #only(written: WrittenFile): Place | undefined {
    const last = written.places.at(-1);
    if (!last || written.places.length === 1) return last;
    const areSame = written.places.every((place) => place === last || this.#isSame(place, last));
    return areSame ? last : { ...last, obstacle: otherContent };
  }

  #isSame(one: Place, other: Place): boolean {
    const { size } = one;
    if (size !== other.size || size > largestCompared) return false;
    if (one.obstacle !== undefined || other.obstacle !== undefined) return false;
    const piece = 1024 * 1024;
    for (let at = 0; at < size; at += piece) {
      const length = Math.min(piece, size - at);
      if (!this.#file.read(one.offset + at, length).equals(this.#file.read(other.offset + at, length))) return false;
    }
    return true;
  }
}

const otherContent = "the archive holds it twice, with different contents";
const unlike = "the archive holds it twice, as a file and as something else or as different links";
const belowLinks = "the archive holds files below a link, which programs unpack to different places";

interface Place {
  readonly offset: number;
  readonly size: number;
  readonly obstacle?: string;
}

/** All that the tar has under one path; `unlike` for what is of several forms, or leads to several places. */
type Written =
  | WrittenFile
  | { readonly form: "link"; readonly target: string | undefined; readonly isHard: boolean }
  | { readonly form: "folder" }
  | { readonly form: "other" }
  | { readonly form: "unlike" };

interface WrittenFile {
  readonly form: "file";
  readonly isPlain: boolean;
  readonly places: Place[];
}

function writtenAs({ path, type, size, link, sparse, refusal, isUnusual }: TarEntry, offset: number): Written {
  const obstacle = refusal?.reason ?? (sparse && sparseReason);
  if (type === "file" || obstacle !== undefined) {
    const isPlain = type === "file" && sparse === undefined && isUnusual !== true;
    return { form: "file", isPlain, places: [{ offset, size, ...(obstacle !== undefined && { obstacle }) }] };
  }
  if (type === "directory") return { form: "folder" };
  if (type === "hardlink") return { form: "link", target: link, isHard: true };
  if (type !== "symlink") return { form: "other" };
  return {
    form: "link",
    target: cleanPath(link.startsWith("/") ? link : `${parentPath(path)}/${link}`),
    isHard: false,
  };
}

function both(earlier: Written, later: Written): Written {
  if (earlier.form === later.form && (earlier.form === "folder" || earlier.form === "other")) return earlier;
  if (earlier.form === "file" && later.form === "file" && earlier.isPlain === later.isPlain) {
    earlier.places.push(...later.places);
    return earlier;
  }
  if (earlier.form === "link" && later.form === "link") {
    if (earlier.target === later.target && earlier.isHard === later.isHard) return earlier;
  }
  return { form: "unlike" };
}
