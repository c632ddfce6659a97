import type { OpenFile } from "../../../model/images/file.ts";
import { isJsonObject, type JsonObject } from "../../../model/objects/json-object.ts";
import type { FoundPackage } from "../../../model/packages/package.ts";
import type { Context } from "../../../model/plugin.ts";
import type { Problem } from "../../../model/reports/problem.ts";
import type { Extraction, Extractor } from "../../extractor.ts";
import { declaredLicenses, isPackageName, packageVersion } from "./manifest.ts";
import { applicationFolder, fitsPlace, manifestPlace } from "./manifest-place.ts";

/** The largest `package.json` that is read, in bytes; the largest on the npm registry stay below one MiB. */
const manifestLimit = 4 * 1024 * 1024;

/**
 * Installed npm packages, one for each `package.json` that an installer put in place:
 *
 * - `…/node_modules/<name>/package.json` and `…/node_modules/@<scope>/<name>/package.json`, at any depth, which covers
 *   nested trees, global tools and the `.pnpm`, `.bun` and `.store` folders;
 * - `…/node_modules/.store/<slug>/package/package.json` (Yarn's pnpm linker);
 * - an unpacked release outside of any `node_modules`, whose folder says exactly what the manifest says:
 *   `<name>-v<version>`, `<name>-<version>` or `<name>/<version>` (Yarn in the official Node images, Corepack's cache);
 * - what a package carries in a folder of its own, `…/node_modules/next/dist/compiled/react/package.json`, when the
 *   folder says the name that the manifest says, that is not the enclosing package's, and the manifest is not
 *   `private`.
 *
 * - an application that is published itself (Ghost, Parse Server): a manifest outside of any `node_modules` that names
 *   its `repository`, is not `private`, and has a `node_modules` beside it in the merged tree.
 *
 * Where the tree is a folder of a machine, the names of its root count: it may be a `node_modules` or lie in one.
 *
 * Not packages: another manifest inside a package (`node_modules/x/esm/package.json`), one among its tests, examples,
 * benchmarks, documents or templates, and any other manifest of an application: it is not published under its name, so
 * advisories for a package of the same name do not apply to it.
 *
 * The manifest's own name counts, not the folder's: an alias (`"a": "npm:b@1"`) installs `b` in the folder `a`. An
 * installed manifest without a name or version, or with one that the registry cannot have, is a problem: npm loads the
 * package all the same, and what the registry serves has both. A `private` one is not, since npm refuses to publish it:
 * it is a part of the application, such as a workspace. A version that is a number is kept as its text.
 *
 * Source: npm's "package.json" and "folders" documentation.
 */
export const npm: Extractor = {
  id: "language/npm",
  revision: 5,
  files: [{ basename: "package.json" }],
  folders: [{ basename: "node_modules" }],
  extract,
};

function* extract(file: OpenFile, { problem }: Context): Generator<Extraction> {
  const { path } = file;
  const place = manifestPlace(path, file.above);
  if (place === undefined) {
    yield* publishedApplication(file);
    return;
  }
  if (file.size > manifestLimit) {
    if (place.kind !== "installed") return;
    const message = `${path} was not read: it is ${file.size} bytes; the limit is ${manifestLimit} bytes`;
    problem({ code: "limit-exceeded", message, path });
    return;
  }
  const manifest = parse(file);
  if (manifest === undefined) {
    if (place.kind !== "installed") return;
    problem({
      code: "unreadable",
      message: `${path} is not a JSON object, so its package could not be identified`,
      path,
    });
    return;
  }
  const { name, version: written } = manifest;
  const isPrivate = manifest["private"] === true;
  const version = packageVersion(written);
  if (!isPackageName(name) || isAbsent(written)) {
    if (place.kind === "installed" && !isPrivate) problem(unusable(isPackageName(name) ? "version" : "name", path));
    return;
  }
  if (!fitsPlace(place, { name, version: version ?? "", isPrivate })) {
    if (place.kind === "release") yield* publishedApplication(file, manifest);
    return;
  }
  if (version === undefined) {
    problem(unusable("version", path));
    return;
  }
  yield { kind: "package", package: packageOf(manifest, { name, version }) };
}

function* publishedApplication(file: OpenFile, read?: JsonObject): Generator<Extraction> {
  const folder = applicationFolder(file.path, file.above);
  if (folder === undefined || file.size > manifestLimit) return;
  const manifest = read ?? parse(file);
  if (!manifest?.["repository"] || manifest["private"] === true) return;
  const { name } = manifest;
  const version = packageVersion(manifest["version"]);
  if (!isPackageName(name) || version === undefined) return;
  const found = { ...packageOf(manifest, { name, version }), ownProject: true } as const;
  yield { kind: "package", package: found, location: folder === "" ? "node_modules" : `${folder}/node_modules` };
}

function packageOf(manifest: JsonObject, named: { readonly name: string; readonly version: string }): FoundPackage {
  const licenses = declaredLicenses(manifest);
  return { type: "npm", ...named, ...(licenses.length > 0 ? { licenses } : {}) };
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || value === "";
}

function unusable(field: "name" | "version", path: string): Problem {
  return {
    code: "unreadable",
    message: `${path} has no valid ${field}, so its package could not be identified`,
    path,
  };
}

const byteOrderMark = "\uFEFF";

function parse(file: OpenFile): JsonObject | undefined {
  let text = Buffer.from(file.read(0, file.size)).toString("utf8");
  if (text.startsWith(byteOrderMark)) text = text.slice(1);
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
