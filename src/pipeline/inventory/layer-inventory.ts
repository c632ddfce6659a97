import type { Extraction, Extractor } from "../../extractors/extractor.ts";
import { longestPath, parentPath } from "../../io/files/tree-path.ts";
import { PlimsollError } from "../../model/error.ts";
import type { OpenFile } from "../../model/images/file.ts";
import type { ImageBudget } from "../../model/images/image-budget.ts";
import type { Tree, TreeEntry, TreeVisitor, WalkOptions } from "../../model/images/tree.ts";
import type { Problem } from "../../model/reports/problem.ts";
import { whiteoutOf } from "../../sources/image/whiteout-of.ts";
import type { FileMatcher } from "./file-matcher.ts";
import { isProblemOfLayer } from "./is-problem-of-layer.ts";
import { factsCost, linkCost, NameBudget } from "./name-budget.ts";
import { resolveLinks } from "./resolve-links.ts";
import { unreadFormatOf } from "./unread-format-of.ts";

/** What extractors found in one file. */
export interface FileFacts {
  readonly path: string;
  readonly extractions: readonly Extraction[];
  readonly problems: readonly Problem[];
}

/**
 * Everything about one layer that later layers, the merge and the report need; plain data, so that it can be cached.
 */
export interface LayerInventory {
  readonly files: readonly FileFacts[];
  /** Every name in the layer, folders with a trailing slash, in no order; whiteouts are not among them. */
  readonly names: readonly string[];
  /** Paths that the layer removes from the layers below. */
  readonly whiteouts: readonly string[];
  /** Folders whose content in the layers below is hidden. */
  readonly opaques: readonly string[];
  /** Symbolic links: path and text. */
  readonly symlinks: readonly (readonly [path: string, target: string])[];
  /** Hard links that an extractor wants and whose file it did not see: path and path of the file. */
  readonly hardlinks: readonly (readonly [path: string, target: string])[];
  readonly problems: readonly Problem[];
  /** False when the walk ended early: the rest of the layer is unknown. */
  readonly complete: boolean;
}

/** How to take stock of one layer. */
export interface TakeInventoryOptions extends WalkOptions {
  /** Shared by the layers of one target. */
  readonly names?: NameBudget;
  /** True for a folder, where names like those of whiteouts are names like any other. */
  readonly standsAlone?: boolean;
  /** As {@link OpenFile.above}. */
  readonly above?: readonly string[];
}

/** The most problems that one layer reports; a note says that there were more. */
export const mostProblems = 100;

/**
 * Smallest file in a folder whose first bytes are examined: opening one costs little. A Rust program without the
 * standard library can have 1.4 kB; four of ten files of a system are smaller than this.
 */
const smallestInFolder = 1024;
/** The most names that are looked at because folders of a layer are replaced within the layer. */
const mostReplaceWork = 50_000_000;
/** The most characters that are looked at because folders of a layer are reached through links within the layer. */
const mostLinkWork = 400_000_000;
/** Folders may be nested this deep; work on a path grows with the square of its depth. */
const deepestFolder = 256;

/**
 * Walks one layer and runs every extractor on what it wants. A damaged layer gives what was read before, and a problem.
 * Error: `cancelled`.
 */
export async function takeInventory(
  tree: Tree,
  matcher: FileMatcher,
  options: TakeInventoryOptions,
): Promise<LayerInventory> {
  const visitor = new InventoryVisitor(matcher, options);
  try {
    await tree.walk(visitor, options);
  } catch (error) {
    if (!isProblemOfLayer(error)) throw error;
    const code = error.code === "limit-exceeded" ? "limit-exceeded" : "unreadable";
    const result = visitor.result();
    // The last one, however many there are: it says why there is no more.
    return { ...result, problems: [...result.problems, { code, message: error.message }], complete: false };
  }
  return { ...visitor.result(), complete: true };
}

/** Runs extractors on one file outside of a walk. */
export function factsOf(
  file: OpenFile,
  extractors: readonly Extractor[],
  { signal, keep }: { readonly signal: AbortSignal; readonly keep: (path: string) => boolean },
): FileFacts {
  const extractions: Extraction[] = [];
  const problems: Problem[] = [];
  const context = { signal, problem: (problem: Problem) => void problems.push(problem) };
  for (const extractor of extractors) {
    try {
      for (const extraction of extractor.extract(file, context)) {
        if (extraction.kind === "ownership") {
          const paths = extraction.paths.filter(keep);
          const few = 3 * paths.length < extraction.paths.length;
          if (paths.length > 0) extractions.push({ ...extraction, paths: few ? cutOut(paths) : paths });
        } else extractions.push(file.size > largeText ? copied(extraction) : extraction);
      }
    } catch (error) {
      if (error instanceof PlimsollError && (error.code === "cancelled" || error.code === "scanner-failed"))
        throw error;
      problems.push({
        code: "unreadable",
        path: file.path,
        message: `${file.path} cannot be read: ${messageOf(error)}`,
      });
    }
  }
  return { path: file.path, extractions, problems: problems.slice(0, mostProblems) };
}

/**
 * V8 keeps a text in memory for as long as a piece that was cut out of it; pieces of texts up to this size stay as they
 * are.
 */
const largeText: number = 16 * 1024;

/** The same paths as pieces of a text that holds nothing but them. No path of a file holds a NUL. */
function cutOut(paths: readonly string[]): readonly string[] {
  return paths.join("\0").split("\0");
}

/** The same fact with texts of its own. */
function copied(extraction: Extraction): Extraction {
  return JSON.parse(JSON.stringify(extraction));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

class InventoryVisitor implements TreeVisitor {
  readonly #matcher: FileMatcher;
  readonly #signal: AbortSignal;
  readonly #budget: NameBudget;
  readonly #ofImage: ImageBudget | undefined;
  readonly #standsAlone: boolean;
  readonly #above: readonly string[] | undefined;
  readonly #smallestByMagic: number;
  readonly #files = new Map<string, FileFacts>();
  /** The files among {@link #files} that an extractor wants for their first bytes, whatever their name. */
  readonly #byMagic = new Map<string, readonly Extractor[]>();
  readonly #names: string[] = [];
  readonly #folders = new Set<string>([""]);
  readonly #symlinks = new Map<string, string>();
  readonly #hardlinks = new Map<string, string>();
  readonly #whiteouts: string[] = [];
  readonly #opaques: string[] = [];
  readonly #problems: Problem[] = [];
  #moreProblems = 0;
  #replaceWork = 0;
  #linkWork = 0;
  #lastFolder = "";
  #lastResolved = "";
  #path = "";
  #wantedBy: readonly Extractor[] = [];

  constructor(matcher: FileMatcher, { signal, names, budget, standsAlone = false, above }: TakeInventoryOptions) {
    this.#matcher = matcher;
    this.#signal = signal;
    this.#budget = names ?? new NameBudget();
    this.#ofImage = budget;
    this.#standsAlone = standsAlone;
    this.#above = above;
    this.#smallestByMagic = standsAlone ? Math.min(smallestInFolder, matcher.smallestByMagic) : matcher.smallestByMagic;
  }

  entry(entry: TreeEntry, head: Uint8Array): boolean {
    this.#ofImage?.addEntries(1);
    if (entry.path === "") return false;
    if (entry.path.length > deepestFolder && entry.path.split("/").length > deepestFolder) {
      this.refused({ path: entry.path, reason: `it is more than ${deepestFolder} folders deep`, limit: true });
      return false;
    }
    const path = this.#placeInLayer(entry.path);
    if (path === undefined) return false;
    if (!this.#standsAlone && this.#isWhiteout(path)) return false;
    if (entry.type === "directory") {
      this.#forget(path);
      this.#addFolder(path);
      return false;
    }
    this.#replace(path);
    this.#addName(path);
    if (entry.type === "symlink") this.#addSymlink(path, entry.link);
    else this.#noteUnread(path);
    if (entry.type === "hardlink") this.#addHardlink(path, entry.link);
    if (entry.type !== "file") return false;
    const byPath = this.#byPath(path);
    const byMagic = this.#matcher.byMagic(head);
    const bySize = this.#matcher.bySize(entry.size);
    if (byPath.length === 0 && byMagic.length === 0 && bySize.length === 0) return false;
    if (byMagic.length > 0) this.#byMagic.set(path, byMagic);
    this.#path = path;
    this.#wantedBy = union(union(byPath, byMagic), bySize);
    return true;
  }

  foresee({ path, size }: TreeEntry, head?: Uint8Array): "body" | "parts" | "head" | "nothing" {
    if (this.#byPath(path).length > 0 || this.#matcher.bySize(size).length > 0) return "body";
    if (head) return this.#matcher.byMagic(head).length > 0 ? "parts" : "nothing";
    return size >= this.#smallestByMagic ? "head" : "nothing";
  }

  rehearse(_entry: TreeEntry, file: OpenFile): void {
    factsOf(this.#inPlace(file), this.#wantedBy, { signal: this.#signal, keep: () => false });
  }

  file(_entry: TreeEntry, file: OpenFile): void {
    const facts = factsOf(this.#inPlace(file), this.#wantedBy, {
      signal: this.#signal,
      keep: (path) => this.#matcher.mayHoldPackage(path),
    });
    if (facts.extractions.length > 0 || facts.problems.length > 0) this.#addFacts(facts);
    else this.#byMagic.delete(this.#path);
  }

  #inPlace(file: OpenFile): OpenFile {
    return { ...file, path: this.#path, ...(this.#above ? { above: this.#above } : {}) };
  }

  /**
   * The extractors that want a file by its path; for one in the root also with the names of the root before its own.
   */
  #byPath(path: string): readonly Extractor[] {
    const wantedBy = this.#matcher.byPath(path);
    if (!this.#above || path.includes("/")) return wantedBy;
    // With a slash before them no path is one of those that count from the root.
    return this.#above.reduce((all, root) => union(all, this.#matcher.byPath(`/${root}/${path}`)), wantedBy);
  }

  refused({ path, reason, limit }: { path: string; reason: string; limit: boolean }): void {
    const shown = printable(path);
    this.#report({
      code: limit ? "limit-exceeded" : "unreadable",
      path: shown,
      message: `${shown} was passed over: ${reason}`,
    });
  }

  #report(problem: Problem): void {
    if (this.#problems.length < mostProblems) this.#problems.push(problem);
    else this.#moreProblems++;
  }

  result(): Omit<LayerInventory, "complete"> {
    const more: Problem[] =
      this.#moreProblems === 0
        ? []
        : [{ code: "unreadable", message: `${this.#moreProblems} more entries of the layer could not be examined` }];
    return {
      files: [...this.#files.values()],
      names: this.#names,
      whiteouts: this.#whiteouts,
      opaques: this.#opaques,
      symlinks: [...this.#symlinks],
      hardlinks: [...this.#hardlinks],
      problems: [...this.#problems, ...more],
    };
  }

  /** The path that an entry lands on when its folder, in this same layer, is reached through a symbolic link. */
  #placeInLayer(path: string): string | undefined {
    const folder = parentPath(path);
    let resolved: string | undefined = this.#lastResolved;
    if (folder !== this.#lastFolder) {
      resolved = this.#resolveFolder(folder);
      if (resolved === undefined) {
        this.refused({ path, reason: "its folder is a cycle of symbolic links", limit: false });
        return undefined;
      }
      this.#addFolder(resolved);
      this.#lastFolder = folder;
      this.#lastResolved = resolved;
    }
    if (resolved === folder) return path;
    const name = path.slice(folder === "" ? 0 : folder.length + 1);
    return resolved === "" ? name : `${resolved}/${name}`;
  }

  #resolveFolder(folder: string): string | undefined {
    if (this.#symlinks.size === 0 || this.#folders.has(folder)) return folder;
    if (!this.#symlinks.has(folder) && this.#folders.has(parentPath(folder))) return folder;
    this.#linkWork += folder.length * (1 + folder.length / 16);
    if (this.#linkWork > mostLinkWork) {
      throw new PlimsollError("limit-exceeded", "a layer reaches its own folders through links too often");
    }
    return resolveLinks(folder, (link) => this.#symlinks.get(link));
  }

  #isWhiteout(path: string): boolean {
    const whiteout = whiteoutOf(path);
    if (!whiteout) return false;
    this.#budget.keep(path);
    if (whiteout.kind === "opaque") this.#opaques.push(whiteout.folder);
    else if (whiteout.kind === "removal") this.#whiteouts.push(whiteout.path);
    return true;
  }

  #addFolder(path: string): void {
    for (let folder = path; !this.#folders.has(folder); folder = parentPath(folder)) {
      this.#budget.keep(folder);
      this.#folders.add(folder);
      this.#addName(`${folder}/`);
      this.#forget(folder);
      this.#removeSymlink(folder);
    }
  }

  #addName(name: string): void {
    this.#budget.keep(name);
    this.#names.push(name);
  }

  #addFacts(facts: FileFacts): void {
    this.#budget.keepSize(factsCost(facts));
    this.#files.set(facts.path, facts);
  }

  /** By its name alone: no body is read for it. A file that an extractor wants is read. */
  #noteUnread(path: string): void {
    const format = unreadFormatOf(path);
    if (!format || this.#matcher.byPath(path).length > 0) return;
    const { files: _files, ...told } = format;
    this.#addFacts({ path, extractions: [{ kind: "unread", format: told }], problems: [] });
  }

  #addSymlink(path: string, target: string): void {
    this.#budget.keepSize(linkCost(path, target));
    this.#symlinks.set(path, target);
    this.#lastFolder = "";
    this.#lastResolved = "";
  }

  #removeSymlink(path: string): void {
    if (!this.#symlinks.delete(path)) return;
    this.#lastFolder = "";
    this.#lastResolved = "";
  }

  #addHardlink(path: string, target: string): void {
    const facts = this.#files.get(target);
    const byMagic = this.#byMagic.get(target);
    const wantedBy = union(this.#matcher.byPath(path), byMagic ?? none);
    if (wantedBy.length === 0) return;
    if (facts && haveSameMembers(wantedBy, union(this.#matcher.byPath(target), byMagic ?? none))) {
      this.#addFacts({ ...facts, path });
      if (byMagic) this.#byMagic.set(path, byMagic);
    } else {
      this.#budget.keepSize(linkCost(path, target));
      this.#hardlinks.set(path, target);
    }
  }

  /** A later entry takes the place of an earlier one, and of a folder with all that is in it. */
  #replace(path: string): void {
    this.#forget(path);
    this.#removeSymlink(path);
    if (!this.#folders.has(path)) return;
    this.#replaceWork += this.#folders.size + this.#files.size + this.#symlinks.size;
    if (this.#replaceWork > mostReplaceWork) {
      throw new PlimsollError("limit-exceeded", "a layer replaces its own folders too often");
    }
    const prefix = `${path}/`;
    for (const folder of this.#folders) if (folder === path || folder.startsWith(prefix)) this.#folders.delete(folder);
    for (const map of [this.#files, this.#symlinks, this.#hardlinks]) {
      for (const key of map.keys()) if (key.startsWith(prefix)) map.delete(key);
    }
    this.#lastFolder = "";
    this.#lastResolved = "";
  }

  #forget(path: string): void {
    if (this.#files.delete(path)) this.#byMagic.delete(path);
    this.#hardlinks.delete(path);
  }
}

const none: readonly Extractor[] = [];

/** The extractors that want a file by its path and by its first bytes, each once. */
export function union(a: readonly Extractor[], b: readonly Extractor[]): readonly Extractor[] {
  return a.length === 0 ? b : b.length === 0 ? a : [...new Set([...a, ...b])];
}

function haveSameMembers(a: readonly Extractor[], b: readonly Extractor[]): boolean {
  return a.length === b.length && a.every((one) => b.includes(one));
}

/** A name from hostile input, fit for a message. */
function printable(text: string): string {
  const short = text.length > 200 ? `${text.slice(0, 200)}…` : text;
  return short.replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, "�").slice(0, longestPath);
}
