import type { MergedTree } from "./merge-layers.ts";

/** The names that paths of a tree have where their first folder really lies. */
export interface RealNames {
  /**
   * The path with its first folder replaced by what that leads to: `usr/lib/x` for `lib/x` where `/usr` is merged. It
   * keeps its last name.
   */
  realName(path: string): string;
}

/** The names in a tree whose links `resolve` follows. Each first folder is followed once. */
export function realNamesOf(resolve: MergedTree["resolve"]): RealNames {
  const realTops = new Map<string, string>();
  return {
    realName(path) {
      const slash = path.indexOf("/");
      if (slash < 0) return path;
      const top = path.slice(0, slash);
      let real = realTops.get(top);
      if (real === undefined) {
        real = resolve(top) ?? top;
        realTops.set(top, real);
      }
      return real === top ? path : real + path.slice(slash);
    },
  };
}
