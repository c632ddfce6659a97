import type { OpenFile } from "../../../model/images/file.ts";
import type { Context } from "../../../model/plugin.ts";
import type { Extraction, Extractor } from "../../extractor.ts";
import { damage } from "../damage.ts";
import { readText } from "../read-text.ts";

// The database of Portage has a folder for each package, `var/db/pkg/<category>/<name>-<version>`. Its file `PF` has
// the name of the folder again; `CONTENTS` has a line for each path, `obj <path> <MD5 sum> <time>`, `sym <path> -> …`
// or `dir <path>`. Source: Portage, vartree.py; the Package Manager Specification, "Names and Versions".

const folder = "var/db/pkg/";
const place = /^var\/db\/pkg\/([\w+][\w+.-]*)\/([^/]+)\/(PF|CONTENTS)$/;
const longestName = 256;

/** Reads the installed packages of Gentoo and its relatives, and the files that they own. */
export const portage: Extractor = {
  id: "os/portage",
  revision: 1,
  files: [
    { suffix: "/PF", containing: folder },
    { suffix: "/CONTENTS", containing: folder },
  ],
  extract,
};

function* extract(file: OpenFile, context: Context): Generator<Extraction> {
  const [, category, named = "", kind] = place.exec(file.path) ?? [];
  if (category === undefined) return;
  const text = readText(file, context);
  if (text === undefined) return;
  if (kind === "PF") {
    const found = nameAndVersion(text.trim());
    if (found) {
      const name = `${category}/${found.name}`;
      yield { kind: "package", package: { type: "ebuild", name, version: found.version } };
      return;
    }
    const broken = damage(file, context, "line");
    broken.note("it has no name or no version");
    broken.report();
    return;
  }
  const owner = nameAndVersion(named);
  const paths = text.split("\n").flatMap(pathOf);
  if (owner && paths.length > 0) {
    yield { kind: "ownership", owner: { type: "ebuild", name: `${category}/${owner.name}` }, paths };
  }
}

/** Divides at the last hyphen that a version follows: `gcc-config-2.11-r1`. */
function nameAndVersion(text: string): { readonly name: string; readonly version: string } | undefined {
  if (text.length > longestName || !/^[\w+][\w+.-]*$/.test(text)) return undefined;
  const release = /-r\d+$/.exec(text)?.[0] ?? "";
  const upstream = text.slice(0, text.length - release.length);
  const hyphen = upstream.lastIndexOf("-");
  const version = upstream.slice(hyphen + 1);
  if (hyphen < 1 || !/^\d[\d.]*[a-z]?(?:_(?:alpha|beta|pre|rc|p)\d*)*$/.test(version)) return undefined;
  return { name: upstream.slice(0, hyphen), version: version + release };
}

function pathOf(line: string): string[] {
  const path = line.startsWith("obj /") ? line.slice(5).replace(/ [0-9a-f]{32} \d+$/, "") : undefined;
  const link = line.startsWith("sym /") ? line.slice(5, line.indexOf(" -> ")) : undefined;
  const found = path ?? link;
  return found ? [found] : [];
}
