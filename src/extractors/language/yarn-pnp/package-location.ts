import { cleanPath, parentPath } from "../../../io/files/tree-path.ts";
import type { OpenFile } from "../../../model/images/file.ts";

/**
 * Where a package of Plug'n'Play lies, as a path from the root of the tree: its folder, or the ZIP archive that holds
 * it. `written` is the `packageLocation`, relative to the folder of the file. A path through `__virtual__` stands for
 * the one without it. Null for a place outside the tree, undefined where no location is given.
 *
 * Source: Yarn, "Plug'n'Play specification", "resolveVirtual".
 */
export function packageLocation(
  written: unknown,
  { path, above = [] }: Pick<OpenFile, "path" | "above">,
): string | null | undefined {
  if (typeof written !== "string" || written === "") return undefined;
  const archive = /\.zip(?=\/)/.exec(written);
  const short = archive ? written.slice(0, archive.index + archive[0].length) : written;
  const place = withoutVirtual(short);
  if (!place.startsWith("/")) return cleanPath(`${parentPath(path)}/${place}`) ?? null;
  if (above.length === 0) return cleanPath(place) ?? null;
  const root = above.find((name) => place.startsWith(`/${name}/`));
  return root === undefined ? null : (cleanPath(place.slice(root.length + 2)) ?? null);
}

/** `a/__virtual__/<name>/<levels>/b` is `b` in the folder that lies so many levels above `a`. */
function withoutVirtual(path: string): string {
  const parts = path.split("/");
  const at = parts.findIndex((part) => part === "__virtual__" || part === "$$virtual");
  const levels = at < 0 ? "" : (parts[at + 2] ?? "");
  if (!/^\d{1,3}$/.test(levels)) return path;
  const up = Array.from({ length: Number(levels) }, () => "..");
  return [...parts.slice(0, at), ...up, ...parts.slice(at + 3)].join("/");
}
