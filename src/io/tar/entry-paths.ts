import type { TarEntry } from "./entry-builder.ts";

/** The paths of what a tar holds, folders apart, as long as they are few: they may tell what the tar is. */
export class EntryPaths {
  readonly #paths: string[] = [];

  /** Notes an entry. */
  add({ path, type }: Pick<TarEntry, "path" | "type">): void {
    if (type !== "directory" && this.#paths.length <= mostPaths) this.#paths.push(path);
  }

  /** All of them in the order of the tar; undefined when there are more than 4. */
  get few(): readonly string[] | undefined {
    return this.#paths.length > mostPaths ? undefined : this.#paths;
  }
}

const mostPaths = 4;
