// A lock file of Yarn is a list of entries. Yarn 1 has its own syntax, later ones write YAML that looks alike:
//
//   "@scope/name@^1.0.0", "@scope/name@^1.2.0":        the requests that the entry answers
//     version "1.2.3"                                  Yarn 1
//     version: 1.2.3                                   later ones
//     resolution: "@scope/name@npm:1.2.3"              later ones: what was taken

import type { OpenFile } from "../../../model/images/file.ts";
import type { Context } from "../../../model/plugin.ts";
import type { Extraction, Extractor } from "../../extractor.ts";
import { isPackageName, packageVersion } from "../../language/npm/manifest.ts";
import { damage } from "../../os/damage.ts";
import { readText } from "../../os/read-text.ts";

/**
 * The npm packages that a lock file of Yarn names, for development too. A package in a folder of the project
 * (`workspace:`, `link:`, `portal:`) is not listed, because it was not published. An alias gives the package behind it.
 *
 * Source: Yarn, "Lockfile" and the protocols; `yarn.lock` of Yarn 1.
 */
export const yarnLock: Extractor = {
  id: "lock/yarn",
  revision: 1,
  files: [{ basename: "yarn.lock" }],
  extract,
};

interface Entry {
  readonly request: string;
  version?: string;
  resolution?: string;
}

function* extract(file: OpenFile, context: Context): Generator<Extraction> {
  const text = readText(file, context);
  if (text === undefined) return;
  const broken = damage(file, context, "package");
  for (const entry of entriesOf(text, (line) => broken.note(`line ${line} is not in the form of a lock file`))) {
    if (entry.request === "__metadata") continue;
    const [name, reference] = splitRequest(entry.resolution ?? entry.request);
    if (/^(?:workspace|link|portal):/.test(reference)) continue;
    const alias = entry.resolution === undefined ? /^npm:(@?[^@]+)(?:@|$)/.exec(reference)?.[1] : undefined;
    const real = alias !== undefined && !/^[\d^~<>=*]/.test(alias) ? alias : name;
    const version = packageVersion(entry.version);
    if (!isPackageName(real)) broken.note(`${JSON.stringify(entry.request.slice(0, 100))} names no package`);
    else if (version === undefined) broken.note(`${real} has no version`);
    else yield { kind: "package", package: { type: "npm", name: real, version } };
  }
  broken.report();
}

function* entriesOf(text: string, refuse: (line: number) => void): Generator<Entry> {
  let entry: Entry | undefined;
  let number = 0;
  for (const line of text.split("\n")) {
    number++;
    const content = line.trim();
    if (content === "" || content.startsWith("#")) continue;
    if (!line.startsWith(" ")) {
      if (entry) yield entry;
      entry = content.endsWith(":") ? { request: firstRequest(content.slice(0, -1)) } : undefined;
      if (!entry) refuse(number);
    } else if (entry && /^ {2}\S/.test(line)) {
      const [, key, value] = /^(version|resolution):? +(\S.*)$/.exec(content) ?? [];
      if (key === "version" && value !== undefined) entry.version = withoutQuotes(value);
      if (key === "resolution" && value !== undefined) entry.resolution = withoutQuotes(value);
    }
  }
  if (entry) yield entry;
}

/** The first request of `"a@1, a@2"` and of `"a@1", "a@2"`. */
function firstRequest(requests: string): string {
  const comma = requests.indexOf(", ");
  return (comma < 0 ? requests : requests.slice(0, comma)).replaceAll('"', "");
}

function withoutQuotes(value: string): string {
  return value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value;
}

function splitRequest(request: string): readonly [name: string, reference: string] {
  const at = request.indexOf("@", 1);
  return at < 0 ? [request, ""] : [request.slice(0, at), request.slice(at + 1)];
}
