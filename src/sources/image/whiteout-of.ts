import { parentPath } from "../../io/files/tree-path.ts";

/** What a name in a layer says about the layers below. */
export type Whiteout =
  /** Removes all lower entries in this folder; empty for the root. */
  | { readonly kind: "opaque"; readonly folder: string }
  /** Removes the lower entry at this path. */
  | { readonly kind: "removal"; readonly path: string }
  /** It has the form of a whiteout and names nothing, as `.wh.` does and what aufs keeps for itself. */
  | { readonly kind: "nothing" };

/**
 * What an entry of a layer says by its name; undefined for a file or folder of the layer itself. Source: OCI
 * image-spec, "Whiteouts"; of the names with `.wh..wh.` only the opaque one is in it.
 */
export function whiteoutOf(path: string): Whiteout | undefined {
  const start = path.lastIndexOf("/") + 1;
  if (!path.startsWith(".wh.", start)) return undefined;
  const name = path.slice(start + ".wh.".length);
  if (name === ".wh..opq") return { kind: "opaque", folder: parentPath(path) };
  if (name === "" || name === "." || name === ".." || name.startsWith(".wh.")) return { kind: "nothing" };
  return { kind: "removal", path: path.slice(0, start) + name };
}
