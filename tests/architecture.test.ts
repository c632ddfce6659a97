import { posix } from "node:path";
import { expect, test } from "vitest";
import { type SourceFile, sourceFiles } from "./setup/source-files.ts";

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
