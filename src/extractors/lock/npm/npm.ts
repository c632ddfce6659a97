import type { OpenFile } from "../../../model/images/file.ts";
import { isJsonObject, type JsonObject } from "../../../model/objects/json-object.ts";
import type { PackageDeclaration } from "../../../model/packages/package.ts";
import type { Context } from "../../../model/plugin.ts";
import type { Extraction, Extractor } from "../../extractor.ts";
import { isPackageName, packageVersion } from "../../language/npm/manifest.ts";
import { readJson } from "../../language/read-json.ts";
import { type Damage, damage } from "../../os/damage.ts";
import { readText } from "../../os/read-text.ts";

/** Levels of packages in packages in a lock file of version 1. */
const deepest = 100;

/**
 * The npm packages that a lock file of npm names: those in `packages` of versions 2 and 3, else those in
 * `dependencies` of version 1. Those for development are marked. A package in a folder of the project is not listed,
 * because it was not published. A package without a version, as Git gives some, is a problem.
 *
 * Source: npm, "package-lock.json".
 */
export const npmLock: Extractor = {
  id: "lock/npm",
  revision: 2,
  files: [{ basename: "package-lock.json" }, { basename: "npm-shrinkwrap.json" }],
  extract,
};

function* extract(file: OpenFile, context: Context): Generator<Extraction> {
  const lock = readJson(file, context);
  if (lock === undefined) return;
  const { packages, dependencies = {}, lockfileVersion } = isJsonObject(lock) ? lock : {};
  const broken = damage(file, context, "package");
  if (isJsonObject(packages)) yield* ofPaths(packages, { broken, lines: linesOfPackages(file, context) });
  else if (isJsonObject(dependencies) && lockfileVersion !== undefined)
    yield* ofTree(dependencies, { broken, depth: 0 });
  else {
    const message = `${file.path} is not an npm lock file, so its packages could not be identified`;
    context.problem({ code: "unreadable", message, path: file.path });
  }
  broken.report();
}

const folder = "node_modules/";

function* ofPaths(
  packages: JsonObject,
  { broken, lines }: { readonly broken: Damage; readonly lines: ReadonlyMap<string, number> },
): Generator<Extraction> {
  const direct = directPaths(packages);
  for (const [path, entry] of Object.entries(packages)) {
    const start = path.lastIndexOf(folder);
    if (start < 0 || !isJsonObject(entry) || entry["link"] === true) continue;
    const line = lines.get(path);
    const requires = requiredPaths(path, { entry, packages }).flatMap((needed) => nameAndVersion(needed, packages));
    const declaration: PackageDeclaration = {
      ...(line !== undefined && { line }),
      ...(direct && ({ relation: direct.has(path) ? "direct" : "transitive" } as const)),
      ...(entry["dev"] === true && { development: true }),
      ...(requires.length > 0 && { requires }),
    };
    yield* packageOf(entry["name"] ?? path.slice(start + folder.length), entry["version"], { broken, declaration });
  }
}

/** The paths of what the project itself, or a workspace of it, asks for; undefined when the file does not list it. */
function directPaths(packages: JsonObject): ReadonlySet<string> | undefined {
  if (!isJsonObject(packages[""])) return undefined;
  const paths = new Set<string>();
  for (const [path, entry] of Object.entries(packages)) {
    if (path.includes(folder) || !isJsonObject(entry)) continue;
    const kinds = [...kindsOfDependencies, "devDependencies", "peerDependencies"];
    for (const needed of requiredPaths(path, { entry, packages, kinds })) paths.add(needed);
  }
  return paths;
}

const kindsOfDependencies: readonly string[] = ["dependencies", "optionalDependencies"];

/** Where Node.js finds what a package requires: in its own `node_modules`, else in that of a folder above it. */
function requiredPaths(
  path: string,
  {
    entry,
    packages,
    kinds = kindsOfDependencies,
  }: { readonly entry: JsonObject; readonly packages: JsonObject; readonly kinds?: readonly string[] },
): readonly string[] {
  const names = kinds.flatMap((kind) => (isJsonObject(entry[kind]) ? Object.keys(entry[kind]) : []));
  return names.flatMap((name) => {
    for (let above = path; ; above = parentOf(above)) {
      const place = above === "" ? `${folder}${name}` : `${above}/${folder}${name}`;
      if (Object.hasOwn(packages, place)) return [place];
      if (above === "") return [];
    }
  });
}

/** Where Node.js looks next: above `a/node_modules/b` is `a`, and above a folder of the project is its parent. */
function parentOf(path: string): string {
  const inner = path.lastIndexOf(`/${folder}`);
  if (inner > 0) return path.slice(0, inner);
  return path.startsWith(folder) ? "" : path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

function nameAndVersion(path: string, packages: JsonObject): readonly string[] {
  const entry = packages[path];
  if (!isJsonObject(entry)) return [];
  const name = entry["name"] ?? path.slice(path.lastIndexOf(folder) + folder.length);
  const version = packageVersion(entry["version"]);
  return isPackageName(name) && version !== undefined ? [`${name}@${version}`] : [];
}

/** The lines on which the entries of `packages` begin, by their keys, as npm writes them: one key on each line. */
function linesOfPackages(file: OpenFile, context: Context): ReadonlyMap<string, number> {
  const lines = new Map<string, number>();
  for (const [index, line] of (readText(file, context) ?? "").split("\n").entries()) {
    const [, key] = /^\s{1,8}"([^"\\]{1,1000})": ?\{/.exec(line) ?? [];
    if (key?.includes(folder) && !lines.has(key)) lines.set(key, index + 1);
  }
  return lines;
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
    if (!String(written).startsWith("file:"))
      yield* packageOf(alias ?? key, aliasVersion ?? written, { broken, ...inTree(entry) });
    if (isJsonObject(inner)) yield* ofTree(inner, { broken, depth: depth + 1 });
  }
}

function inTree({ dev }: JsonObject): { readonly declaration?: PackageDeclaration } {
  return dev === true ? { declaration: { development: true } } : {};
}

function* packageOf(
  name: unknown,
  written: unknown,
  { broken, declaration }: { readonly broken: Damage; readonly declaration?: PackageDeclaration },
): Generator<Extraction> {
  const version = packageVersion(written);
  if (!isPackageName(name)) broken.note(`${JSON.stringify(name)} is not a package name`);
  else if (version === undefined || /[:/]/.test(version)) broken.note(`${name} has no version`);
  else yield { kind: "package", package: { type: "npm", name, version, ...(declaration && { declaration }) } };
}
