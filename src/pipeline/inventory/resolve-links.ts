/** As many symbolic links as Linux follows in one path (path_resolution(7)). */
const mostLinks = 40;

/**
 * The path that `path` names once every symbolic link in it, the last name included, is followed inside the root.
 *
 * `linkAt` gives the text of the symbolic link at a path, or undefined. Returns undefined for a cycle or more than 40
 * links. `..` at the root stays at the root, as in a container.
 */
export function resolveLinks(path: string, linkAt: (path: string) => string | undefined): string | undefined {
  const waiting = path.split("/").reverse();
  /** The path so far, after each of its names. */
  const done: string[] = [];
  let links = 0;
  while (waiting.length > 0) {
    const name = waiting.pop();
    if (name === undefined || name === "" || name === ".") continue;
    if (name === "..") {
      done.pop();
      continue;
    }
    const before = done.at(-1);
    const here = before === undefined ? name : `${before}/${name}`;
    done.push(here);
    const link = linkAt(here);
    if (link === undefined) continue;
    if (++links > mostLinks || waiting.length > 10_000) return undefined;
    done.pop();
    if (link.startsWith("/")) done.length = 0;
    for (const part of link.split("/").reverse()) waiting.push(part);
  }
  return done.at(-1) ?? "";
}
