import { compareText } from "../../model/text/compare-text.ts";
import { compileGlob } from "./glob.ts";

interface Branch<V> {
  /** What lies under this component; absent where a path ends. */
  below: PathPrefixes<V> | undefined;
  value: V | undefined;
}

interface GlobBranch<V> extends Branch<V> {
  readonly name: string;
  readonly matches: (component: string) => boolean;
}

/**
 * Paths by their components, to ask which of them begins a given path (`pmatch`). A component with `*`, `?` or `[` is a
 * glob. Where one path begins another, only the shorter is kept.
 */
export class PathPrefixes<V> {
  readonly #plain = new Map<string, Branch<V>>();
  readonly #globs: GlobBranch<V>[] = [];

  add(path: string, value: V): void {
    this.#add(["root", ...componentsOf(path)], 0, value);
  }

  /** The value of the path that begins `path`. */
  match(path: string): V | undefined {
    // One component more than the path has stands before all, so that "/" has one as well.
    const root = this.#plain.get("root");
    if (root === undefined) return undefined;
    return root.below === undefined ? root.value : root.below.#match(path, 0);
  }

  /** The tree in lines, the deeper the more indented. */
  toString(): string {
    return this.#lines("").join("");
  }

  #add(components: readonly string[], index: number, value: V): void {
    const name = components[index] as string;
    const isLast = index === components.length - 1;
    const known = /[?*[]/.test(name) ? this.#globs.find((glob) => glob.name === name) : this.#plain.get(name);
    const branch = known ?? this.#grow(name);
    if (isLast) {
      branch.below = undefined;
      branch.value = value;
    } else if (known === undefined || branch.below !== undefined) {
      branch.below ??= new PathPrefixes();
      branch.below.#add(components, index + 1, value);
    }
  }

  #grow(name: string): Branch<V> {
    if (/[?*[]/.test(name)) {
      const glob: GlobBranch<V> = { name, matches: compileGlob(name), below: undefined, value: undefined };
      this.#globs.push(glob);
      return glob;
    }
    const branch: Branch<V> = { below: undefined, value: undefined };
    this.#plain.set(name, branch);
    return branch;
  }

  // Looks at the components from `at` on, one by one: most paths differ in the first ones.
  #match(path: string, at: number): V | undefined {
    let start = at;
    while (path[start] === "/") start++;
    if (start >= path.length) return undefined;
    const slash = path.indexOf("/", start);
    const end = slash === -1 ? path.length : slash;
    const component = path.slice(start, end);
    const plain = this.#plain.get(component);
    if (plain !== undefined) {
      const found = plain.below === undefined ? plain.value : plain.below.#match(path, end);
      if (found !== undefined) return found;
    }
    for (const glob of this.#globs) {
      if (!glob.matches(component)) continue;
      const found = glob.below === undefined ? glob.value : glob.below.#match(path, end);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #lines(indent: string): string[] {
    const branches = [
      ...[...this.#plain].sort(byName),
      ...this.#globs.map((glob) => [glob.name, glob] as const).sort(byName),
    ];
    return branches.flatMap(([name, { below }]) => [
      `${indent}${name} ->\n`,
      ...(below === undefined ? [] : below.#lines(`${indent}    `)),
    ]);
  }
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return compareText(a, b);
}

function componentsOf(path: string): string[] {
  return path.split("/").filter((component) => component !== "");
}
