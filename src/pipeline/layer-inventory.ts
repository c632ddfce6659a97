import type { Extraction, Extractor } from "../extractors/extractor.ts";
import { longestPath, parentPath } from "../io/tree-path.ts";
import { PlimsollError } from "../model/error.ts";
import type { OpenFile } from "../model/file.ts";
import type { Problem } from "../model/problem.ts";
import type { Tree, TreeEntry, TreeVisitor, WalkOptions } from "../model/tree.ts";
import type { FileMatcher } from "./file-matcher.ts";
import { resolveLinks } from "./resolve-links.ts";

/** What extractors found in one file. */
export interface FileFacts {
  readonly path: string;
  readonly extractions: readonly Extraction[];
  readonly problems: readonly Problem[];
}

/** Everything about one layer that later layers, the merge and the report need; plain data, so that it can be cached. */
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

/** The most characters of names that are kept for one layer. */
const mostNameCharacters: number = 512 * 1024 * 1024;
/** The most problems that one layer reports; a note says that there were more. */
const mostProblems = 100;

/** The most names that are looked at because folders of a layer are replaced within the layer. */
const mostReplaceWork = 50_000_000;

/** Walks one layer and runs every extractor on what it wants. A damaged layer gives what was read before, and a problem. */
export async function takeInventory(tree: Tree, matcher: FileMatcher, options: WalkOptions): Promise<LayerInventory> {
  const visitor = new InventoryVisitor(matcher, options.signal);
  let complete = true;
  try {
    await tree.walk(visitor, options);
  } catch (error) {
    if (!(error instanceof PlimsollError) || error.code === "cancelled") throw error;
    complete = false;
    visitor.report({ code: error.code === "limit-exceeded" ? "limit-exceeded" : "unreadable", message: error.message });
  }
  return { ...visitor.result(), complete };
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
          if (paths.length > 0) extractions.push({ ...extraction, paths });
        } else extractions.push(extraction);
      }
    } catch (error) {
      if (error instanceof PlimsollError && error.code === "cancelled") throw error;
      problems.push({
        code: "unreadable",
        path: file.path,
        message: `${file.path} cannot be read: ${messageOf(error)}`,
      });
    }
  }
  return { path: file.path, extractions, problems: problems.slice(0, mostProblems) };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

class InventoryVisitor implements TreeVisitor {
  readonly #matcher: FileMatcher;
  readonly #signal: AbortSignal;
  readonly #files = new Map<string, FileFacts>();
  readonly #names: string[] = [];
  readonly #folders = new Set<string>([""]);
  readonly #symlinks = new Map<string, string>();
  readonly #hardlinks = new Map<string, string>();
  readonly #whiteouts: string[] = [];
  readonly #opaques: string[] = [];
  readonly #problems: Problem[] = [];
  #moreProblems = 0;
  #nameCharacters = 0;
  #replaceWork = 0;
  #lastFolder = "";
  #lastResolved = "";
  #path = "";
  #wantedBy: readonly Extractor[] = [];

  constructor(matcher: FileMatcher, signal: AbortSignal) {
    this.#matcher = matcher;
    this.#signal = signal;
  }

  entry(entry: TreeEntry, head: Uint8Array): boolean {
    if (entry.path === "") return false;
    const path = this.#placeInLayer(entry.path);
    if (path === undefined) return false;
    if (this.#isWhiteout(path)) return false;
    if (entry.type === "directory") {
      this.#forget(path);
      this.#addFolder(path);
      return false;
    }
    this.#replace(path);
    this.#addName(path);
    if (entry.type === "symlink") this.#symlinks.set(path, entry.link);
    else if (entry.type === "hardlink") this.#addHardlink(path, entry.link);
    if (entry.type !== "file") return false;
    const byPath = this.#matcher.byPath(path);
    const byMagic = this.#matcher.byMagic(head);
    if (byPath.length === 0 && byMagic.length === 0) return false;
    this.#path = path;
    this.#wantedBy =
      byPath.length === 0 ? byMagic : byMagic.length === 0 ? byPath : [...new Set([...byPath, ...byMagic])];
    return true;
  }

  file(_entry: TreeEntry, file: OpenFile): void {
    const facts = factsOf({ ...file, path: this.#path }, this.#wantedBy, {
      signal: this.#signal,
      keep: (path) => this.#matcher.mayHoldPackage(path),
    });
    if (facts.extractions.length > 0 || facts.problems.length > 0) this.#files.set(this.#path, facts);
  }

  refused({ path, reason, limit }: { path: string; reason: string; limit: boolean }): void {
    const shown = printable(path);
    this.report({
      code: limit ? "limit-exceeded" : "unreadable",
      path: shown,
      message: `${shown} was passed over: ${reason}`,
    });
  }

  report(problem: Problem): void {
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
    if (folder !== this.#lastFolder) {
      const resolved = this.#folders.has(folder) ? folder : resolveLinks(folder, (link) => this.#symlinks.get(link));
      if (resolved === undefined) {
        this.refused({ path, reason: "its folder is a cycle of symbolic links", limit: false });
        return undefined;
      }
      this.#lastFolder = folder;
      this.#lastResolved = resolved;
      this.#addFolder(resolved);
    }
    if (this.#lastResolved === folder) return path;
    const name = path.slice(folder === "" ? 0 : folder.length + 1);
    return this.#lastResolved === "" ? name : `${this.#lastResolved}/${name}`;
  }

  /** OCI image-spec, "Whiteouts". Other `.wh..wh.` names are aufs' own and mean nothing. */
  #isWhiteout(path: string): boolean {
    const start = path.lastIndexOf("/") + 1;
    if (!path.startsWith(".wh.", start)) return false;
    const name = path.slice(start + 4);
    const folder = parentPath(path);
    if (name === ".wh..opq") this.#opaques.push(folder);
    else if (name !== "" && name !== "." && name !== ".." && !name.startsWith(".wh.")) {
      this.#whiteouts.push(folder === "" ? name : `${folder}/${name}`);
    }
    return true;
  }

  #addFolder(path: string): void {
    for (let folder = path; !this.#folders.has(folder); folder = parentPath(folder)) {
      this.#folders.add(folder);
      this.#addName(`${folder}/`);
      this.#forget(folder);
      this.#symlinks.delete(folder);
    }
  }

  #addName(name: string): void {
    this.#nameCharacters += name.length;
    if (this.#nameCharacters > mostNameCharacters) {
      throw new PlimsollError("limit-exceeded", "the names in a layer take more than 512 MiB");
    }
    this.#names.push(name);
  }

  #addHardlink(path: string, target: string): void {
    const facts = this.#files.get(target);
    if (facts) this.#files.set(path, { ...facts, path });
    else if (this.#matcher.byPath(path).length > 0) this.#hardlinks.set(path, target);
  }

  /** A later entry takes the place of an earlier one, and of a folder with all that is in it. */
  #replace(path: string): void {
    this.#forget(path);
    this.#symlinks.delete(path);
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
    this.#files.delete(path);
    this.#hardlinks.delete(path);
  }
}

/** A name from hostile input, fit for a message. */
function printable(text: string): string {
  const short = text.length > 200 ? `${text.slice(0, 200)}…` : text;
  return short.replace(/[\p{Cc}\p{Cf}]/gu, "�").slice(0, longestPath);
}
