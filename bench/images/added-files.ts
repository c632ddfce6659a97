import { lstatSync, readdirSync, readFileSync, readlinkSync, type Stats } from "node:fs";
import { join } from "node:path";

/** The paths in `upper` that are not the same in `lower`, sorted: what a layer on top of `lower` holds. Nothing is ever removed. */
export function addedFiles(lower: string, upper: string): readonly string[] {
  return pathsBelow(upper, "").filter((path) => !isSame(join(lower, path), join(upper, path)));
}

/** Every path in a folder; symbolic links are not followed. */
function pathsBelow(root: string, folder: string): readonly string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((item) => {
      const path = join(folder, item.name);
      return item.isDirectory() ? [path, ...pathsBelow(root, path)] : [path];
    });
}

function isSame(a: string, b: string): boolean {
  const [one, other] = [lstatSync(a, { throwIfNoEntry: false }), lstatSync(b)];
  if (!one || kindOf(one) !== kindOf(other)) return false;
  if (other.isSymbolicLink()) return readlinkSync(a) === readlinkSync(b);
  if (!other.isFile()) return true;
  return one.size === other.size && readFileSync(a).equals(readFileSync(b));
}

function kindOf(stat: Stats): string {
  return stat.isSymbolicLink() ? "link" : stat.isDirectory() ? "folder" : "file";
}
