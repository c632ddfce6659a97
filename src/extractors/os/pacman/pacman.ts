import type { OpenFile } from "../../../model/images/file.ts";
import type { Context } from "../../../model/plugin.ts";
import type { Extraction, Extractor } from "../../extractor.ts";
import { damage } from "../damage.ts";
import { readText } from "../read-text.ts";

// The database of pacman has a folder for each package, `local/<name>-<version>-<release>`, with files of blocks:
// `%FIELD%` on a line, its values on the next ones, and an empty line. `desc` describes the package; `files` lists what
// it owns under `%FILES%`, folders with a slash at the end. Source: libalpm, be_local.c.

const folder = "var/lib/pacman/local/";
const place = /^var\/lib\/pacman\/local\/([^/]+)-[^/-]+-[^/-]+\/(desc|files)$/;

/** Reads the installed packages of Arch Linux and its relatives, and the files that they own. */
export const pacman: Extractor = {
  id: "os/pacman",
  revision: 1,
  files: [
    { suffix: "/desc", containing: folder },
    { suffix: "/files", containing: folder },
  ],
  extract,
};

function* extract(file: OpenFile, context: Context): Generator<Extraction> {
  const [, name, kind] = place.exec(file.path) ?? [];
  if (name === undefined) return;
  const text = readText(file, context);
  if (text === undefined) return;
  if (kind === "files") {
    const paths = (blocks(text).get("FILES") ?? []).filter((path) => !path.endsWith("/") && !path.startsWith("/"));
    if (paths.length > 0) yield { kind: "ownership", owner: { type: "alpm", name }, paths };
    return;
  }
  const fields = blocks(text);
  const one = (field: string): string | undefined => fields.get(field)?.[0];
  const [found, version, architecture, base] = [one("NAME"), one("VERSION"), one("ARCH"), one("BASE")];
  if (found === undefined || version === undefined) {
    const broken = damage(file, context, "record");
    broken.note("it has no name or no version");
    broken.report();
    return;
  }
  const licenses = fields.get("LICENSE");
  yield {
    kind: "package",
    package: {
      type: "alpm",
      name: found,
      version,
      ...(architecture !== undefined && { architecture }),
      source: { name: base ?? found, version },
      ...(licenses && { licenses }),
    },
  };
}

/** The values of each field; a field without values is absent. */
function blocks(text: string): ReadonlyMap<string, readonly string[]> {
  const fields = new Map<string, string[]>();
  let values: string[] | undefined;
  let field = "";
  for (const line of text.split("\n")) {
    const value = line.trimEnd();
    if (value === "") values = undefined;
    else if (values === undefined) {
      const end = value.indexOf("%", 1);
      if (!value.startsWith("%") || end !== value.length - 1) continue;
      field = value.slice(1, -1);
      values = [];
    } else {
      values.push(value);
      if (values.length === 1) fields.set(field, values);
    }
  }
  return fields;
}
