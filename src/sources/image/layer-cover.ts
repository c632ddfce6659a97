import { parentPath } from "../../io/files/tree-path.ts";

/**
 * What layers hide of those below, as overlay file systems have it: a name hides that name; a whiteout removes a path,
 * an opaque one the content of a folder; anything but a folder hides all that was in a folder at its place. Go through
 * the layers from the top down: the names that {@link pend} and {@link settle} receive of one layer count for those
 * below, never for itself.
 *
 * Source: OCI image-spec, "Representing Changes" and "Applying Changesets"; Linux overlayfs documentation.
 */
export class LayerCover {
  readonly #names = new Set<string>();
  /** Paths whose whole content is hidden. */
  readonly #trees = new Set<string>();
  readonly #whiteouts = new Set<string>();
  #pendingFolders: string[] = [];
  #pendingOthers: string[] = [];

  /** True when a layer above has something at the path, or removed it. */
  hides(path: string): boolean {
    return this.#names.has(path) || this.#isInHiddenFolder(path);
  }

  /** True when what is below was taken away on purpose, not only replaced by a newer file. */
  removes(path: string): boolean {
    return this.#whiteouts.has(path) || this.#isInHiddenFolder(path);
  }

  /** Notes a name in a layer, which hides lower entries once the layer is done. */
  pend(path: string, isFolder: boolean): void {
    (isFolder ? this.#pendingFolders : this.#pendingOthers).push(path);
  }

  /** Ends a layer: its names count from now on, and what its whiteouts remove. */
  settle({ whiteouts, opaques }: { readonly whiteouts: readonly string[]; readonly opaques: readonly string[] }): void {
    for (const path of this.#pendingFolders) this.#names.add(path);
    for (const path of this.#pendingOthers) this.#hideTree(path);
    this.#pendingFolders = [];
    this.#pendingOthers = [];
    for (const path of whiteouts) {
      this.#hideTree(path);
      this.#whiteouts.add(path);
    }
    for (const folder of opaques) this.#trees.add(folder);
  }

  #hideTree(path: string): void {
    this.#names.add(path);
    this.#trees.add(path);
  }

  #isInHiddenFolder(path: string): boolean {
    if (this.#trees.size === 0) return false;
    for (let folder = path; folder !== ""; ) {
      folder = parentPath(folder);
      if (this.#trees.has(folder)) return true;
    }
    return false;
  }
}
