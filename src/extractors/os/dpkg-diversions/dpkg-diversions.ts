import type { Extractor } from "../../extractor.ts";
import { damage } from "../damage.ts";
import { readText } from "../read-text.ts";

const fileName = "var/lib/dpkg/diversions";
const linesOfEntry = 3;

/**
 * Reads which files dpkg puts elsewhere than packages say. An entry has three lines: the absolute path that packages
 * have, the absolute path that their file gets instead, and the package whose own file keeps the first path, `:` when
 * there is none, since the administrator diverts. Source: dpkg-divert(1), and what it writes.
 */
export const dpkgDiversions: Extractor = {
  id: "os/dpkg-diversions",
  revision: 2,
  files: [{ path: fileName }],
  *extract(file, context) {
    const text = readText(file, context);
    if (text === undefined) return;
    const broken = damage(file, context, "diversion");
    const lines = text.split("\n");
    if (lines.at(-1) === "") lines.pop();
    for (let index = 0; index < lines.length; index += linesOfEntry) {
      const [path = "", to = "", by = ""] = lines.slice(index, index + linesOfEntry);
      if (!isAbsolute(path) || !isAbsolute(to))
        broken.note(`line ${index + 1} and the following line are not absolute paths`);
      else if (!/^\S+$/.test(by)) broken.note(`line ${index + linesOfEntry} has no package name`);
      else yield { kind: "diversion", path: path.slice(1), to: to.slice(1), ...(by === ":" ? {} : { by }) };
    }
    broken.report();
  },
};

function isAbsolute(path: string): boolean {
  return path.length > 1 && path.startsWith("/") && !path.startsWith("//") && !path.endsWith("\r");
}
