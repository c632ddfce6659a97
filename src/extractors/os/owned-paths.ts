import { longestPath } from "../../io/files/tree-path.ts";
import type { Damage } from "./damage.ts";

/** How many characters the paths of one database may have together: that of two million files. */
const mostCharacters = 256 * 1024 * 1024;

/**
 * Joins folders and names to paths from the root, for one database. A short file can claim an immense number of
 * characters by naming a long folder once and many files in it; so a path of more than 4,096 characters, and all paths
 * after the first 256 million characters, are undefined and noted as damage.
 */
export function ownedPaths(broken: Damage): (folder: string, name: string) => string | undefined {
  let left = mostCharacters;
  return (folder, name) => {
    const start = rootLength(folder);
    const slash = folder.length > start && !folder.endsWith("/") ? "/" : "";
    const length = folder.length - start + slash.length + name.length;
    if (length > longestPath) {
      broken.note(`a path has ${length} characters`);
      return undefined;
    }
    if (length > left) {
      broken.note(`its paths have more than ${mostCharacters} characters`);
      return undefined;
    }
    left -= length;
    return (
      (start === 0 ? folder : folder.slice(start)) +
      slash +
      (folder.length > start ? name : name.slice(rootLength(name)))
    );
  };
}

function rootLength(path: string): number {
  let start = 0;
  while (path.charCodeAt(start) === 47) start++;
  return start;
}
