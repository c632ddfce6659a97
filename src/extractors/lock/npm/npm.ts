import type { OpenFile } from "../../../model/images/file.ts";
import { isJsonObject, type JsonObject } from "../../../model/objects/json-object.ts";
import type { Context } from "../../../model/plugin.ts";
import type { Extraction, Extractor } from "../../extractor.ts";
import { isPackageName, packageVersion } from "../../language/npm/manifest.ts";
import { readJson } from "../../language/read-json.ts";
import { type Damage, damage } from "../../os/damage.ts";

/** Levels of packages in packages in a lock file of version 1. */
const deepest = 100;

/**
 * The npm packages that a lock file of npm names, for development too: those in `packages` of versions 2 and 3, else
 * those in `dependencies` of version 1. A package in a folder of the project is not listed, because it was not
 * published. A package without a version, as Git gives some, is a problem.
 *
 * Source: npm, "package-lock.json".
 */
export const npmLock: Extractor = {
  id: "lock/npm",
  revision: 1,
  files: [{ basename: "package-lock.json" }, { basename: "npm-shrinkwrap.json" }],
  extract,
};

function* extract(file: OpenFile, context: Context): Generator<Extraction> {
  const lock = readJson(file, context);
  if (lock === undefined) return;
  const { packages, dependencies = {}, lockfileVersion } = isJsonObject(lock) ? lock : {};
  const broken = damage(file, context, "package");
  if (isJsonObject(packages)) yield* ofPaths(packages, broken);
  else if (isJsonObject(dependencies) && lockfileVersion !== undefined)
    yield* ofTree(dependencies, { broken, depth: 0 });
  else {
    const message = `${file.path} is not an npm lock file, so its packages could not be identified`;
    context.problem({ code: "unreadable", message, path: file.path });
  }
  broken.report();
}

const folder = "node_modules/";

function* ofPaths(packages: JsonObject, broken: Damage): Generator<Extraction> {
  for (const [path, entry] of Object.entries(packages)) {
    const start = path.lastIndexOf(folder);
    if (start < 0 || !isJsonObject(entry) || entry["link"] === true) continue;
    yield* packageOf(entry["name"] ?? path.slice(start + folder.length), entry["version"], broken);
  }
}

function* ofTree(
  dependencies: JsonObject,
  { broken, depth }: { readonly broken: Damage; readonly depth: number },
): Generator<Extraction> {
  if (depth > deepest) {
    broken.note(`packages are nested more than ${deepest} levels deep`);
    return;
  }
  for (const [key, entry] of Object.entries(dependencies)) {
    if (!isJsonObject(entry)) {
      broken.note(`${key} has no version`);
      continue;
    }
    const { version: written, dependencies: inner } = entry;
    const [, alias, aliasVersion] = /^npm:(@?[^@]+)@(.+)$/.exec(String(written)) ?? [];
    if (!String(written).startsWith("file:")) yield* packageOf(alias ?? key, aliasVersion ?? written, broken);
    if (isJsonObject(inner)) yield* ofTree(inner, { broken, depth: depth + 1 });
  }
}

function* packageOf(name: unknown, written: unknown, broken: Damage): Generator<Extraction> {
  const version = packageVersion(written);
  if (!isPackageName(name)) broken.note(`${JSON.stringify(name)} is not a package name`);
  else if (version === undefined || /[:/]/.test(version)) broken.note(`${name} has no version`);
  else yield { kind: "package", package: { type: "npm", name, version } };
}
