/**
 * What a manifest is by the folders that it lies in: an installed package; what a package carries in a folder of its
 * own (`vendored`); or what may be an unpacked release.
 */
export type ManifestPlace =
  | { readonly kind: "installed" }
  | { readonly kind: "vendored"; readonly folders: readonly string[]; readonly enclosing: string }
  | { readonly kind: "release"; readonly folders: readonly string[] };

/**
 * The place of a manifest; undefined where none of a package lies. `above` are the paths of the root of the tree: where
 * the tree has no `node_modules` around the manifest, the root may lie in one or be one. A root that is named as a
 * release is none: whoever names the folder of an application as the target asks what is in it.
 */
export function manifestPlace(path: string, above: readonly string[] = []): ManifestPlace | undefined {
  const folders = path.split("/").slice(0, -1);
  if (folders.includes("node_modules")) return placeInModules(folders);
  const paths = [...above.map((root) => [...root.split("/"), ...folders]), folders];
  for (const names of paths) {
    const modules = names.lastIndexOf("node_modules");
    const place = modules < 0 ? undefined : placeInModules(names.slice(modules));
    if (place) return place;
  }
  return /\d/.test(folders.at(-1) ?? "") ? { kind: "release", folders } : undefined;
}

/** Whether the name in a manifest is the one that its place implies. */
export function fitsPlace(
  place: ManifestPlace,
  { name, version, isPrivate }: { readonly name: string; readonly version: string; readonly isPrivate: boolean },
): boolean {
  if (place.kind === "installed") return true;
  if (place.kind === "release") return namesRelease(place.folders, name, version);
  return !isPrivate && name !== place.enclosing && place.folders.join("/").endsWith(`/${name}`);
}

/**
 * The folder of a manifest that may be an application's own: outside any `node_modules`, and not among tests, examples
 * and the like. Undefined for other manifests.
 */
export function applicationFolder(path: string, above: readonly string[] = []): string | undefined {
  const folders = path.split("/").slice(0, -1);
  if (folders.some((folder) => folder === "node_modules" || developmentFolders.has(folder))) return undefined;
  return above.some((root) => root.split("/").includes("node_modules")) ? undefined : folders.join("/");
}

function placeInModules(folders: readonly string[]): ManifestPlace | undefined {
  const modules = folders.lastIndexOf("node_modules");
  if (isAmongTests(folders, modules)) return undefined;
  const inside = folders.slice(modules + 1);
  const own = namesOfPackage(inside);
  if (own === 0) return undefined;
  if (inside.length === own) return { kind: "installed" };
  const deeper = inside.slice(own);
  if (deeper.some((folder) => developmentFolders.has(folder)) || outputFolders.has(deeper.at(-1) ?? "")) {
    return undefined;
  }
  return { kind: "vendored", folders, enclosing: inside.slice(0, own).join("/") };
}

/** How many of the folders in a `node_modules` are those of a package; 0 when they are none. */
function namesOfPackage([first = "", second = "", third]: readonly string[]): number {
  if (first === ".store") return third === "package" ? 3 : 0;
  if (first.startsWith("@")) return second === "" ? 0 : 2;
  return /^[^.]/.test(first) ? 1 : 0;
}

const testFolders: ReadonlySet<string> = new Set([
  "test",
  "tests",
  "__tests__",
  "testdata",
  "fixtures",
  "__fixtures__",
]);

/** Folders of a package that nothing runs, where manifests with names and versions of no package lie. */
const developmentFolders: ReadonlySet<string> = new Set([
  ...testFolders,
  "spec",
  "example",
  "examples",
  "demo",
  "demos",
  "bench",
  "benchmark",
  "benchmarks",
  "docs",
  "template",
  "templates",
]);

/** Folders for one form of a package's own code; some have a manifest that repeats the folder's name. */
const outputFolders: ReadonlySet<string> = new Set([
  "bin",
  "browser",
  "build",
  "cjs",
  "commonjs",
  "dist",
  "es",
  "esm",
  "lib",
  "module",
  "node",
  "src",
  "types",
  "umd",
]);

/** Whether a folder of tests lies between two `node_modules`. */
function isAmongTests(folders: readonly string[], innermost: number): boolean {
  const outermost = folders.indexOf("node_modules");
  // The one or two names after a `node_modules` are a package's own: the package `fixtures` is not a fixture.
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
