// A lock file of pub is YAML, as pub writes it: two columns for each level.
//
//   packages:
//     args:
//       dependency: transitive
//       description:
//         name: args
//       source: hosted
//       version: "1.6.0"

import type { OpenFile } from "../../../model/images/file.ts";
import type { Context } from "../../../model/plugin.ts";
import type { Extraction, Extractor } from "../../extractor.ts";
import { isWord } from "../../language/read-json.ts";
import { damage } from "../../os/damage.ts";
import { readText } from "../../os/read-text.ts";

/**
 * The Dart packages that a lock file of pub names. Parts of the SDK and packages in a folder of the project are not
 * listed, because they were not published.
 *
 * Source: dart.dev, "Glossary of package terms", "Lockfile"; pub `lib/src/lock_file.dart`.
 */
export const pubLock: Extractor = {
  id: "lock/pub",
  revision: 1,
  files: [{ basename: "pubspec.lock" }],
  extract,
};

interface Entry {
  readonly name: string;
  readonly line: number;
  readonly fields: Map<string, string>;
}

function* extract(file: OpenFile, context: Context): Generator<Extraction> {
  const text = readText(file, context);
  if (text === undefined) return;
  const broken = damage(file, context, "package");
  if (!/^packages:/m.test(text)) broken.note("the list of packages is missing");
  for (const { name, line, fields } of entriesOf(text, (number) => broken.note(`line ${number} names no package`))) {
    const source = fields.get("source");
    if (source === "path" || source === "sdk") continue;
    const version = fields.get("version");
    if (!isWord(name) || !isWord(version)) broken.note(`${name.slice(0, 100)} has no version`);
    else {
      const declaration = { line, ...relationOf(fields.get("dependency")) };
      yield { kind: "package", package: { type: "pub", name, version, declaration } };
    }
  }
  broken.report();
}

function* entriesOf(text: string, refuse: (line: number) => void): Generator<Entry> {
  let inPackages = false;
  let entry: Entry | undefined;
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "" || line.trimStart().startsWith("#")) continue;
    if (!line.startsWith(" ")) inPackages = /^packages:/.test(line);
    else if (inPackages && /^ {2}\S/.test(line)) {
      if (entry) yield entry;
      const [, name] = /^ {2}(["']?[\w.-]+["']?):\s*$/.exec(line) ?? [];
      entry = name === undefined ? undefined : { name: unquoted(name), line: index + 1, fields: new Map() };
      if (!entry) refuse(index + 1);
    } else if (inPackages) {
      const [, key = "", value = ""] = /^ {4}(\w+):\s+(\S.*)$/.exec(line) ?? [];
      if (key !== "") entry?.fields.set(key, unquoted(value.trim()));
    }
  }
  if (entry) yield entry;
}

function unquoted(text: string): string {
  return text.replace(/^(["'])(.*)\1$/, "$2");
}

/** `direct main`, `direct dev`, `direct overridden` or `transitive`. */
function relationOf(dependency = ""): { relation?: "direct" | "transitive"; development?: true } {
  if (dependency === "transitive") return { relation: "transitive" };
  if (!dependency.startsWith("direct")) return {};
  return { relation: "direct", ...(dependency === "direct dev" && { development: true }) };
}
