import { cleanPath, parentPath } from "../../io/files/tree-path.ts";

/** The most characters that are looked at to see what lies below links. */
const mostWork = 300_000_000;
/** Links that lead through more others are taken to lead anywhere. */
const mostPlaces = 32;

/**
 * What lies below links in a tar that is unpacked entry by entry: it comes to where they lead. All links at a path with
 * several entries count, in any order.
 */
export class LinkedPaths {
  readonly #targetsOf: (path: string) => readonly (string | undefined)[];
  readonly #below: string[] = [];
  #hasLinks = false;
  #work = 0;
  /** What comes anywhere, or is too much to see. */
  #anywhere: string | undefined;
  #reached: ReadonlyMap<string, string> | undefined;

  /** `targetsOf`: where the links of a path lead so far, empty for what is none; undefined in it for any place. */
  constructor(targetsOf: (path: string) => readonly (string | undefined)[]) {
    this.#targetsOf = targetsOf;
  }

  /** Adds an entry that is not a folder, in the order of the tar. */
  note(path: string, { isLink }: { readonly isLink: boolean }): void {
    if (this.#hasLinks && this.#anywhere === undefined && this.#linksAbove(path).length > 0) {
      this.#below.push(path);
      // Where it comes to, it leads on.
      if (isLink) this.#anywhere = path;
    }
    if (isLink) this.#hasLinks = true;
  }

  /**
   * The entry below a link that may come to a path or to a folder that this is in; the path itself where it lies below
   * one. Undefined when there is none. Call it after the last entry was added.
   */
  reaching(path: string): string | undefined {
    if (!this.#hasLinks) return undefined;
    if (this.#linksAbove(path).length > 0) return this.#anywhere ?? path;
    this.#reached ??= this.#reach();
    if (this.#anywhere !== undefined) return this.#anywhere;
    if (this.#reached.size === 0) return undefined;
    for (let at = path; at !== ""; at = parentPath(at)) {
      const entry = this.#reached.get(at);
      if (entry !== undefined) return entry;
    }
    return undefined;
  }

  /** Places by the entries that may come there. */
  #reach(): ReadonlyMap<string, string> {
    const reached = new Map<string, string>();
    for (const entry of this.#below) {
      const places = new Set([entry]);
      for (const place of places) {
        for (const link of this.#linksAbove(place)) {
          for (const target of this.#targetsOf(link)) {
            const next = target === undefined ? undefined : cleanPath(`${target}/${place.slice(link.length + 1)}`);
            if (next === undefined || places.size >= mostPlaces) this.#anywhere ??= entry;
            else places.add(next);
          }
        }
        if (this.#anywhere !== undefined) return reached;
        if (place !== entry && !reached.has(place)) reached.set(place, entry);
      }
    }
    return reached;
  }

  /** The folders of a path that are links, also those of several forms. */
  #linksAbove(path: string): readonly string[] {
    const links: string[] = [];
    for (let folder = parentPath(path); folder !== ""; folder = parentPath(folder)) {
      this.#work += folder.length;
      if (this.#work > mostWork) {
        this.#anywhere ??= path;
        return [folder];
      }
      if (this.#targetsOf(folder).length > 0) links.push(folder);
    }
    return links;
  }
}
