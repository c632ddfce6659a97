import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { expect, test } from "vitest";
import { repository, type SourceFile, sourceFiles } from "./setup/source-files.ts";

// Who may import whom, lowest first: down, never sideways. A folder that is not here may not exist.
const lowest = ["model"];
const bytesAndVersions = ["io", "versions"];
const clients = ["registry", "engines", "store"];
const stages = ["sources", "extractors", "advisories", "detectors", "checks", "rules", "profiles", "updates"];
const answers = ["policy", "reporters"];
const belowPipeline = [...lowest, ...bytesAndVersions, ...clients, ...stages, ...answers];
const mayImport: Readonly<Record<string, readonly string[]>> = {
  model: [],
  ...rows(bytesAndVersions, lowest),
  ...rows(clients, [...bytesAndVersions, ...lowest]),
  ...rows([...stages, ...answers], [...clients, ...bytesAndVersions, ...lowest]),
  pipeline: belowPipeline,
  apps: ["pipeline", ...answers, "store", "model", "io"],
  // The entry points of the package lie in src itself.
  "": ["pipeline", ...belowPipeline],
};

const files = sourceFiles();

test("the source has files in known folders only", () => {
  expect(files.length).toBeGreaterThan(50);
  expect(files.filter(({ path }) => mayImport[folderOf(path)] === undefined)).toEqual([]);
});

test("imports point down, never sideways, and no app imports another", () => {
  const imports = files.flatMap((file) => importsOf(file).map((target) => ({ from: file.path, target })));
  expect(imports.length).toBeGreaterThan(200);
  const wrong = imports.filter(({ from, target }) => {
    if (folderOf(from) === "apps" && folderOf(target) === "apps") return from.split("/")[1] !== target.split("/")[1];
    // Tables that ship with the program lie outside of src and import nothing.
    if (/^\.\.\/data\/.+\.json$/.test(target)) return false;
    if (folderOf(from) === folderOf(target)) return folderOf(from) === "";
    return !mayImport[folderOf(from)]?.includes(folderOf(target));
  });
  expect(wrong).toEqual([]);
});

// What each folder of the pipeline may use of the others; all may use the files in none.
const pipelineFolders: Readonly<Record<string, readonly string[]>> = {
  inventory: [],
  targets: ["inventory"],
  database: [],
  malware: ["inventory"],
  scan: ["inventory", "targets", "database", "malware"],
  "registry/known": ["scan"],
  registry: ["inventory", "targets", "database", "scan", "registry/known"],
  workloads: ["targets", "database", "scan"],
  policy: [],
  reports: [],
  check: ["targets", "database"],
  live: [],
  watch: ["live"],
  updates: ["targets", "database", "scan", "check"],
  profiles: [],
};

test("the folders of the pipeline use each other in one direction", () => {
  const inPipeline = files.filter(({ path }) => folderOf(path) === "pipeline");
  const folder = (path: string): string => path.split("/").slice(1, -1).join("/");
  const imports = inPipeline.flatMap((file) =>
    importsOf(file)
      .filter((target) => target.startsWith("pipeline/") && folder(target) !== folder(file.path))
      .map((target) => ({ from: file.path, target })),
  );
  expect(imports.length).toBeGreaterThan(40);
  expect(
    imports.filter(({ from, target }) => {
      return folder(target) !== "" && !pipelineFolders[folder(from)]?.includes(folder(target));
    }),
  ).toEqual([]);
  const exist = new Set(inPipeline.map(({ path }) => folder(path)));
  expect([...exist].sort()).toEqual(["", ...Object.keys(pipelineFolders)].sort());
});

test("docs/architecture.md has the same layers", () => {
  const text = readFileSync(join(repository, "docs/architecture.md"), "utf8");
  const rows = Array.from(text.matchAll(/^\| (entry points|\d) +\| ([^|]+) \| ([^|]+) \|$/gm));
  const layers = rows.map(([, layer = "", folders = "", may = ""]) => ({
    layer,
    folders: layer === "entry points" ? [""] : namesIn(folders),
    may,
  }));
  const exist = [...new Set(files.map(({ path }) => folderOf(path)))];
  expect(layers.flatMap(({ folders }) => folders).sort()).toEqual(exist.toSorted());
  for (const { folders, may } of layers) {
    const [, from, to = from] = /layers? (\d)(?: to (\d))?/.exec(may) ?? [];
    const below = layers.filter(({ layer }) => from !== undefined && layer >= from && layer <= (to ?? from));
    const allowed = [...namesIn(may), ...below.flatMap((layer) => layer.folders)].sort();
    for (const folder of folders) {
      expect([folder, mayImport[folder]?.filter((name) => exist.includes(name)).toSorted()]).toEqual([folder, allowed]);
    }
  }
});

test("only apps read the environment", () => {
  expect(
    matching(/\bprocess\.env\b|\bprocess\["env"\]|\benv\b[^;]*from "node:process"/, (folder) => folder !== "apps"),
  ).toEqual([]);
});

test("no clock and no randomness where the same input must give the same output", () => {
  const pure = ["versions", "checks", "rules", "policy", "reporters"];
  const impure = /\bDate\.now\b|\bnew Date\(\s*\)|\bMath\.random\b|\brandom(?:UUID|Bytes|Int)\b|\bperformance\./;
  expect(matching(impure, (folder) => pure.includes(folder))).toEqual([]);
});

test("packages are imported at the head of a module, which others may load when they need it", () => {
  // In a bundle what is loaded of a package in the older module form has no names.
  expect(matching(/(?<!typeof )\bimport\("(?![./]|node:)[^"]+(?<!\.json)"/, () => true)).toEqual([]);
});

test("there are no default exports", () => {
  expect(matching(/\bexport default\b|\bas default\b/, () => true)).toEqual([]);
});

function rows(folders: readonly string[], allowed: readonly string[]): Record<string, readonly string[]> {
  return Object.fromEntries(folders.map((folder) => [folder, allowed]));
}

/** The first folder of a path below `src`, empty for a file in `src` itself. */
function folderOf(path: string): string {
  return path.includes("/") ? (path.split("/")[0] ?? "") : "";
}

/** The files below `src` that a file imports, re-exports or loads later. */
function importsOf({ path, text }: SourceFile): string[] {
  const specifiers = Array.from(
    text.matchAll(/\b(?:from|import)\s*\(?\s*["']([^"']+)["']/g),
    ([, specifier = ""]) => specifier,
  );
  return specifiers
    .filter((specifier) => specifier.startsWith("."))
    .map((specifier) => posix.join(posix.dirname(path), specifier));
}

function matching(pattern: RegExp, among: (folder: string) => boolean): string[] {
  return files.filter(({ path, text }) => among(folderOf(path)) && pattern.test(text)).map(({ path }) => path);
}

/** The names in code marks. */
function namesIn(text: string): readonly string[] {
  return Array.from(text.matchAll(/`([^`]+)`/g), ([, name = ""]) => name);
}
