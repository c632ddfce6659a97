/** The longest path that is taken from an archive, in characters: Linux opens no longer one (PATH_MAX). */
export const longestPath = 4096;

/**
 * A name from an archive as a path inside the root: without leading slashes, empty names and `.`; `..` is resolved.
 *
 * Returns `""` for the root itself, and undefined for a name that leaves the root, holds a NUL, or is longer than
 * {@link longestPath}.
 */
export function cleanPath(name: string): string | undefined {
  if (name.length > longestPath || name.includes("\0")) return undefined;
  if (isClean(name)) return name;
  const parts: string[] = [];
  for (const part of name.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join("/");
}

const slash = 47;
const dot = 46;

function isClean(name: string): boolean {
  let start = true;
  for (let index = 0; index < name.length; index++) {
    const code = name.charCodeAt(index);
    if (start && (code === slash || code === dot)) return false;
    start = code === slash;
  }
  return !start;
}

/** The folder of a path, `""` for a name at the root. */
export function parentPath(path: string): string {
  const end = path.lastIndexOf("/");
  return end < 0 ? "" : path.slice(0, end);
}

/** The last name of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
