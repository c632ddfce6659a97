import type { OpenFile } from "../../../model/file.ts";
import { isJsonObject, type JsonObject } from "../../../model/json-object.ts";
import type { Context } from "../../../model/plugin.ts";
import type { Extraction, Extractor } from "../../extractor.ts";
import { declaredLicenses, isPackageName, isPackageVersion } from "./manifest.ts";

/** The largest `package.json` that is read, in bytes; the largest on the npm registry stay below one MiB. */
const manifestLimit = 4 * 1024 * 1024;

/**
 * Installed npm packages, one for each `package.json` that an installer put in place:
 *
 * - `…/node_modules/<name>/package.json` and `…/node_modules/@<scope>/<name>/package.json`, at any depth, which covers
 *   nested trees, global tools and the `.pnpm`, `.bun` and `.store` folders;
 * - `…/node_modules/.store/<slug>/package/package.json` (Yarn's pnpm linker);
 * - an unpacked release outside of any `node_modules`, whose folder says exactly what the manifest says: `<name>-v<version>`,
 *   `<name>-<version>` or `<name>/<version>` (Yarn in the official Node images, Corepack's cache).
 *
 * Not packages: a manifest deeper inside a package (`node_modules/x/esm/package.json`), a `node_modules` among the tests of
 * an installed package, and an application's own manifest: nobody published that one under its name, so advisories for a
 * package of the same name say nothing about it.
 *
 * The manifest's own name counts, not the folder's: an alias (`"a": "npm:b@1"`) installs `b` in the folder `a`. A manifest
 * without a name or version yields nothing, as for links to a workspace.
 *
 * Source: npm's "package.json" and "folders" documentation.
 */
export const npm: Extractor = {
  id: "language/npm",
  revision: 1,
  files: [{ basename: "package.json" }],
  extract,
};

function* extract(file: OpenFile, { problem }: Context): Generator<Extraction> {
  const { path } = file;
  const place = placeOf(path);
  if (place === undefined) return;
  if (file.size > manifestLimit) {
    if (place.kind === "release") return;
    const message = `${path} was not read: it has ${file.size} bytes, the limit is ${manifestLimit}`;
    problem({ code: "limit-exceeded", message, path });
    return;
  }
  const manifest = parse(file);
  if (manifest === undefined) {
    if (place.kind === "release") return;
    problem({ code: "unreadable", message: `${path} is not a JSON object, so its package is not known`, path });
    return;
  }
  const { name, version } = manifest;
  if (!isPackageName(name) || !isPackageVersion(version)) return;
  if (place.kind === "release" && !namesRelease(place.folders, name, version)) return;
  const licenses = declaredLicenses(manifest);
  yield { kind: "package", package: { type: "npm", name, version, ...(licenses.length > 0 ? { licenses } : {}) } };
}

/** Where a manifest lies: in a `node_modules`, or in a folder that may be an unpacked release. */
type Place = { readonly kind: "installed" } | { readonly kind: "release"; readonly folders: readonly string[] };

function placeOf(path: string): Place | undefined {
  const folders = path.split("/").slice(0, -1);
  const modules = folders.lastIndexOf("node_modules");
  if (modules < 0) return /\d/.test(folders.at(-1) ?? "") ? { kind: "release", folders } : undefined;
  const [first = "", second = "", third] = folders.slice(modules + 1);
  const depth = folders.length - modules - 1;
  const installed =
    (depth === 1 && /^[^.@]/.test(first)) ||
    (depth === 2 && first.startsWith("@") && second !== "") ||
    (depth === 3 && first === ".store" && third === "package");
  return installed && !isAmongTests(folders, modules) ? { kind: "installed" } : undefined;
}

const testFolders: ReadonlySet<string> = new Set([
  "test",
  "tests",
  "__tests__",
  "testdata",
  "fixtures",
  "__fixtures__",
]);

/** Whether a folder of tests lies between two `node_modules`. */
function isAmongTests(folders: readonly string[], innermost: number): boolean {
  const outermost = folders.indexOf("node_modules");
  // The one or two names after a `node_modules` are a package's own: the package `fixtures` is no fixture.
  let own = 0;
  for (const folder of folders.slice(outermost, innermost)) {
    if (folder === "node_modules") own = 1;
    else if (own > 0) own = folder.startsWith("@") ? 1 : 0;
    else if (testFolders.has(folder)) return true;
  }
  return false;
}

/** Whether the folders end in the name and version, as those of an unpacked release do. */
function namesRelease(folders: readonly string[], name: string, version: string): boolean {
  const folder = folders.at(-1);
  const unscoped = name.slice(name.indexOf("/") + 1);
  if (folder === `${unscoped}-v${version}` || folder === `${unscoped}-${version}`) return true;
  return folder === version && folders.at(-2) === unscoped;
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
