import { realpathSync } from "node:fs";
import { resolve, sep } from "node:path";

/**
 * The absolute paths of a folder on this machine, `/` between names and none before them: the one by which it was
 * named, and the one with every symbolic link followed where that is another. Empty names for the root itself.
 */
export function namesOfFolder(path: string): readonly string[] {
  const named = resolve(path);
  return [...new Set([named, realPath(named)])].map((name) => name.split(sep).filter(Boolean).join("/"));
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
