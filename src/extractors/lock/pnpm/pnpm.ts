// A lock file of pnpm is YAML, as pnpm writes it: two columns for each level. The keys of its `packages` are
//
//   '@scope/name@1.2.3':                       version 9
//   /@scope/name@1.2.3(peer@2.0.0):            version 6
//   /@scope/name/1.2.3_peer@2.0.0:             version 5, also behind the host of a registry
//   file:…, https://…, host/path, name@https://…   elsewhere: `name` and `version` stand below

import type { OpenFile } from "../../../model/images/file.ts";
import type { Context } from "../../../model/plugin.ts";
import type { Extraction, Extractor } from "../../extractor.ts";
import { isPackageName, packageVersion } from "../../language/npm/manifest.ts";
import { damage } from "../../os/damage.ts";
import { readText } from "../../os/read-text.ts";

/**
 * The npm packages that a lock file of pnpm names, for development too. A package in a folder of the project is not
 * listed, because it was not published.
 *
 * Source: pnpm, lock files of the versions 5, 6 and 9.
 */
export const pnpmLock: Extractor = {
  id: "lock/pnpm",
  revision: 1,
  files: [{ basename: "pnpm-lock.yaml" }],
  extract,
};

interface Entry {
  readonly key: string;
  name?: string;
  version?: string;
  isFolder?: boolean;
}

function* extract(file: OpenFile, context: Context): Generator<Extraction> {
  const text = readText(file, context);
  if (text === undefined) return;
  if (!/^lockfileVersion:/m.test(text)) {
    const message = `${file.path} is not a pnpm lock file, so its packages could not be identified`;
    context.problem({ code: "unreadable", message, path: file.path });
    return;
  }
  const broken = damage(file, context, "package");
  const seen = new Set<string>();
  for (const entry of entriesOf(text, (line) => broken.note(`line ${line} is not valid in a lock file`))) {
    if (entry.isFolder) continue;
    const keyed = fromKey(entry.key);
    const name = entry.name ?? keyed?.name;
    const version = packageVersion(entry.version ?? keyed?.version);
    if (!isPackageName(name)) broken.note(`${JSON.stringify(entry.key.slice(0, 100))} names no package`);
    else if (version === undefined || !/^\d/.test(version)) broken.note(`${name} has no version`);
    else if (!seen.has(`${name} ${version}`)) {
      seen.add(`${name} ${version}`);
      yield { kind: "package", package: { type: "npm", name, version } };
    }
  }
  broken.report();
}

function* entriesOf(text: string, refuse: (line: number) => void): Generator<Entry> {
  let inPackages = false;
  let entry: Entry | undefined;
  let number = 0;
  for (const line of text.split("\n")) {
    number++;
    const content = line.trim();
    if (content === "" || content.startsWith("#")) continue;
    if (!line.startsWith(" ")) {
      inPackages = content === "packages:";
    } else if (inPackages && /^ {2}\S/.test(line)) {
      if (entry) yield entry;
      const [, key] = /^(\S.*?):(?: +\{\})?$/.exec(content) ?? [];
      entry = key === undefined ? undefined : { key: withoutQuotes(key) };
      if (!entry) refuse(number);
    } else if (inPackages && entry) readField(entry, line);
  }
  if (entry) yield entry;
}

function readField(entry: Entry, line: string): void {
  const [, key, value = ""] = /^ {4}(name|version|resolution): +(\S.*)$/.exec(line) ?? [];
  if (key === "name") entry.name = withoutQuotes(value.trim());
  if (key === "version") entry.version = withoutQuotes(value.trim());
  if (/\btype: directory\b/.test(key === "resolution" ? value : line) && /^ {4}resolution:|^ {6}type:/.test(line)) {
    entry.isFolder = true;
  }
}

function withoutQuotes(value: string): string {
  return /^(["']).*\1$/.test(value) ? value.slice(1, -1) : value;
}

function fromKey(key: string): { readonly name: string; readonly version: string | undefined } | undefined {
  const parenthesis = key.indexOf("(");
  const plain = parenthesis < 0 ? key : key.slice(0, parenthesis);
  const path = plain.startsWith("/") ? plain.slice(1) : plain;
  const [last = "", ...before] = path.split("/").reverse();
  const underscore = last.indexOf("_");
  if (/^\d/.test(last) && !last.includes(":"))
    return ofPath(before.reverse(), underscore < 0 ? last : last.slice(0, underscore));
  const at = path.indexOf("@", 1);
  return at < 0 ? undefined : { name: path.slice(0, at), version: path.slice(at + 1) };
}

/** The name from the parts before a version, with its scope, behind the host of a registry where there is one. */
function ofPath(parts: readonly string[], version: string): ReturnType<typeof fromKey> {
  const [name = "", scope = ""] = parts.toReversed();
  return { name: scope.startsWith("@") ? `${scope}/${name}` : name, version };
}
