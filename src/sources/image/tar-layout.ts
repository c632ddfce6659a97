import { setImmediate } from "node:timers/promises";
import type { DiskFile } from "../../io/bytes/random-access.ts";
import type { FileRange } from "../../io/bytes/read-range.ts";
import { cleanPath, parentPath } from "../../io/files/tree-path.ts";
import { refuseCancelled } from "../../io/refuse-cancelled.ts";
import { sparseReason, type TarEntry } from "../../io/tar/entry-builder.ts";
import { seekEntries } from "../../io/tar/seek-walker.ts";
import { PlimsollError } from "../../model/error.ts";
import { identityText, type LayoutFiles, type Obstacle } from "./layout-files.ts";
import { LinkedPaths } from "./linked-paths.ts";
import { ParsedDocuments } from "./parsed-documents.ts";

/*
 * Loaders do not agree about what stands in a tar more than once. Docker unpacks it, so that the last entry of a path
 * counts, and what lies below a link goes where that leads. Podman takes the first entry of a path that `manifest.json`
 * names, and containerd the last that is a plain file. So what is there twice must be the same, and nothing that lies
 * below a link may come to where a file of the image is.
 *
 * Source: moby `image/tarexport/load.go`, containers/image `docker/internal/tarfile/reader.go`, containerd
 * `core/images/archive/importer.go`.
 */

/** The most entries that the tar of a layout may hold; an image of 1,000 layers in the oldest form has some 4,000. */
const mostFiles = 100_000;

/** How a {@link TarLayout} is opened. */
export interface OpenTarLayoutOptions {
  readonly name: string;
  readonly holder?: string;
  /** Names the bytes of the tar where the file on disk is only a copy. */
  readonly identity?: string;
  readonly signal: AbortSignal;
}

/** A layout inside an uncompressed tar on disk. */
export class TarLayout implements LayoutFiles {
  readonly name: string;
  readonly holder: string;
  documentBytes = 0;
  readonly parsed: ParsedDocuments = new ParsedDocuments();
  readonly #file: DiskFile;
  readonly #identity: string;
  readonly #written = new Map<string, Written>();
  readonly #found = new Map<string, Place | undefined>();
  readonly #links = new LinkedPaths((path) => targetsOf(this.#written.get(path)));

  /**
   * Reads the index of the tar, and all that it holds twice; owns `file` once it is open. Errors: `archive-malformed`,
   * `limit-exceeded`, `cancelled`, `archive-not-recognised` for one with very many entries.
   */
  static async open(file: DiskFile, options: OpenTarLayoutOptions): Promise<TarLayout> {
    const layout = new TarLayout(file, options);
    await layout.#compareTwins(options.signal);
    return layout;
  }

  private constructor(file: DiskFile, { name, holder = "the archive", identity }: OpenTarLayoutOptions) {
    this.#file = file;
    this.name = name;
    this.holder = holder;
    this.#identity = identity ?? identityText(file.identity);
    let entries = 0;
    for (const { entry, offset } of seekEntries(file, { needsEndMark: true })) {
      if (++entries > mostFiles) {
        const message = `it contains more than ${mostFiles} entries, too many for an image archive`;
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

  obstacle(path: string): Obstacle | undefined {
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
    if (written.form !== "folder") this.#links.note(path, { isLink: written.form === "link" });
    this.#written.set(path, earlier ? both(earlier, written) : written);
  }

  async #compareTwins(signal: AbortSignal): Promise<void> {
    for (const written of this.#written.values()) {
      const last = written.form === "file" ? written.places.at(-1) : undefined;
      if (written.form !== "file" || !last || written.places.length === 1) continue;
      for (const place of written.places.slice(0, -1)) {
        if (await this.#isSame(place, last, signal)) continue;
        written.isUnlike = true;
        break;
      }
    }
  }

  async #isSame(one: Place, other: Place, signal: AbortSignal): Promise<boolean> {
    const { size } = one;
    if (size !== other.size || one.obstacle !== undefined || other.obstacle !== undefined) return false;
    for (let at = 0; at < size; at += pieceSize) {
      await setImmediate();
      refuseCancelled(signal);
      const length = Math.min(pieceSize, size - at);
      if (!this.#file.read(one.offset + at, length).equals(this.#file.read(other.offset + at, length))) return false;
    }
    return true;
  }

  #resolve(path: string): Place | undefined {
    if (!this.#found.has(path)) this.#found.set(path, this.#find(path));
    return this.#found.get(path);
  }

  #find(path: string): Place | undefined {
    let at: string | undefined = cleanPath(path);
    for (let hops = 0; at !== undefined && hops < 8; hops++) {
      const written = this.#written.get(at);
      const beyond = at === "" ? undefined : this.#links.reaching(at);
      if (beyond !== undefined && (written || beyond !== at))
        return { offset: -1, size: 0, obstacle: belowLink(beyond) };
      if (!written || written.form === "folder" || written.form === "other") return undefined;
      if (written.form === "unlike") return { offset: -1, size: 0, obstacle: unlike };
      if (written.form === "file") return placeOf(written);
      at = written.target;
    }
    return undefined;
  }
}

const pieceSize: number = 1024 * 1024;

const hintForTwins = "Save the image again, or recreate the archive with each path only once.";
const otherContent: Obstacle = {
  reason: "the archive contains it twice, with different contents",
  hint: hintForTwins,
};
const unlike: Obstacle = {
  reason: "the archive contains it twice, as different types or different links",
  hint: hintForTwins,
};

function belowLink(path: string): Obstacle {
  const name = JSON.stringify(path.length > 200 ? `${path.slice(0, 200)}…` : path);
  return {
    reason: `the archive contains ${name} below a link, which tools unpack to different places`,
    hint: "Save the image again, or recreate the archive with folders instead of links to folders.",
  };
}

interface Place {
  readonly offset: number;
  readonly size: number;
  readonly obstacle?: Obstacle;
}

/** All that the tar has under one path; `unlike` for what is of several forms, or leads to several places. */
type Written =
  | WrittenFile
  | { readonly form: "link"; readonly target: string | undefined; readonly isHard: boolean }
  | { readonly form: "folder" }
  | { readonly form: "other" }
  | { readonly form: "unlike"; readonly targets: ReadonlySet<string | undefined> };

interface WrittenFile {
  readonly form: "file";
  readonly isPlain: boolean;
  readonly places: Place[];
  /** True for several of which one has other bytes. */
  isUnlike?: true;
}

/** The place of a file, with an obstacle where the tar holds another one of its name. */
function placeOf({ places, isUnlike }: WrittenFile): Place | undefined {
  const last = places.at(-1);
  return last && isUnlike ? { ...last, obstacle: otherContent } : last;
}

/** Where links of this path lead; undefined among them is any place. */
function targetsOf(written: Written | undefined): readonly (string | undefined)[] {
  if (written?.form === "link") return [written.target];
  return written?.form === "unlike" ? [...written.targets] : [];
}

function writtenAs({ path, type, size, link, sparse, refusal, isUnusual }: TarEntry, offset: number): Written {
  const obstacle = sparse && refusal === undefined ? storedSparse : refusal && refused(refusal.reason);
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

const storedSparse: Obstacle = { reason: sparseReason, hint: "Recreate the archive without --sparse." };

function refused(reason: string): Obstacle {
  return { reason, hint: "Save the image again." };
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
  return { form: "unlike", targets: new Set([...targetsOf(earlier), ...targetsOf(later)]) };
}
