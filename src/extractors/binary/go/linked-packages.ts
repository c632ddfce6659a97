// The name of a function starts with the import path of its package:
//
//   net/http.(*Server).Serve    github.com/x/y/pkg.Map[go.shape.int].func1    gopkg.in/yaml%2ev3.init
//
// In the last element of the path "." is written "%2e", so the first "." after the last "/" ends it; anything from the
// first "(" or "[" on may hold further paths. `type:.eq.` and `type:.hash.` (before Go 1.20 with "." for ":") are
// functions that the compiler made for a type of the package whose path follows. `go:` and `go.` begin what belongs to
// no package. The program's own package is called `main`.
//
// Source: the Go distribution, cmd/internal/objabi, PathToPrefix; cmd/compile, reflectdata.

import type { Executable } from "../executable/executable.ts";
import { digestOfNames, findFunctionNames, readFunctionNames } from "./function-table.ts";
import type { GoProgram } from "./modules.ts";

/** The most packages, and characters in their paths, that are kept of one program; the largest have some 5,000. */
const packagesLimit = 20_000;
const charactersLimit = 1024 * 1024;

/** The packages of a program by the module that they belong to, sorted. */
export interface LinkedPackages {
  /** Packages of the standard library, including those that it took in from elsewhere (`vendor/golang.org/x/…`). */
  readonly standard: readonly string[];
  /** By the path of the module; a module about which nothing is known is absent. */
  readonly byModule: ReadonlyMap<string, readonly string[]>;
}

/**
 * The packages to which the functions of a program belong, by the names under which their modules stand in `program`. A
 * package is missing when the program holds no code of it: when it uses nothing but its types, constants and variables,
 * or functions that the compiler worked out in advance.
 *
 * Undefined when they cannot be determined: the table of functions is not found or not whole; the standard library's
 * runtime is not in it, or there are modules and no function of any, as in an obfuscated program; packages lie in
 * shared libraries; or there are too many.
 */
export function readLinkedPackages(executable: Executable, program: GoProgram): LinkedPackages | undefined {
  if (program.shared) return undefined;
  const paths = pathsIn(executable);
  return paths && sortIntoModules(paths, program);
}

/** Programs whose import paths are remembered: images of one maker hold the same ones in many layers. */
const mostRemembered = 16;
const remembered = new Map<string, ReadonlySet<string>>();

/** The import paths in the names of a program's functions; undefined when they cannot be determined. */
function pathsIn(executable: Executable): ReadonlySet<string> | undefined {
  const names = findFunctionNames(executable);
  const digest = names && digestOfNames(executable, names);
  if (!names || digest === undefined) return undefined;
  const known = remembered.get(digest);
  if (known) return known;
  const collector = new PathCollector();
  const isWhole = readFunctionNames(executable, { ...names, each: (name) => collector.add(name) });
  if (!isWhole || collector.overLimit) return undefined;
  const [oldest] = remembered.keys();
  if (remembered.size >= mostRemembered && oldest !== undefined) remembered.delete(oldest);
  remembered.set(digest, collector.paths);
  return collector.paths;
}

function sortIntoModules(
  paths: ReadonlySet<string>,
  { main, mainModule, modules }: GoProgram,
): LinkedPackages | undefined {
  if (!paths.has("runtime")) return undefined;
  const modulesByPrefix = new Map(modules.map((module) => [module.replaced ?? module.path, module]));
  const standard: string[] = [];
  const byModule = new Map<string, string[]>(modules.map(({ path }) => [path, []]));
  let ofModules = 0;
  for (const path of paths) {
    if (path === "main") continue;
    const prefix = prefixAmong(modulesByPrefix, path);
    const module = prefix === undefined ? undefined : modulesByPrefix.get(prefix);
    if (prefix !== undefined && module !== undefined) {
      ofModules++;
      byModule.get(module.path)?.push(`${module.path}${path.slice(prefix.length)}`);
    } else if (isStandard(path)) standard.push(path);
  }
  if (ofModules === 0 && modules.some(({ path }) => path !== mainModule)) return undefined;
  if (mainModule !== undefined) {
    const placed = main !== undefined && prefixAmong(modulesByPrefix, main) === mainModule;
    if (placed) byModule.get(mainModule)?.push(main);
    else byModule.delete(mainModule);
  }
  for (const list of byModule.values()) list.sort();
  return { standard: standard.sort(), byModule };
}

/** Gathers import paths from the names of functions. */
class PathCollector {
  readonly paths: Set<string> = new Set();
  overLimit = false;
  readonly #prefixes = new Set<string>();
  #characters = 0;

  add(name: string): void {
    const prefix = packageOf(name);
    if (prefix === undefined || this.overLimit || this.#prefixes.has(prefix)) return;
    this.#prefixes.add(prefix);
    this.#characters += prefix.length;
    this.overLimit = this.#prefixes.size > packagesLimit || this.#characters > charactersLimit;
    const path = unescapePath(prefix);
    if (wellFormedPath.test(path)) this.paths.add(path);
  }
}

const typePrefix = /^type[.:]\.(?:eq|hash)\.(?:\[\d*\]|\*)*/;
const wellFormedPath = /^[\w.~+-]+(?:\/[\w.~+-]+)*$/;

/** The import path at the start of a function's name, still escaped; undefined when the name starts with none. */
function packageOf(name: string): string | undefined {
  const text = name.startsWith("type") ? name.replace(typePrefix, "") : name;
  if (text.startsWith("go:") || text.startsWith("go.")) return undefined;
  const bracket = text.indexOf("[");
  const parenthesis = text.indexOf("(");
  const end = Math.min(bracket < 0 ? text.length : bracket, parenthesis < 0 ? text.length : parenthesis);
  const slash = text.lastIndexOf("/", end);
  const dot = text.indexOf(".", slash + 1);
  return dot <= slash + 1 || dot >= end ? undefined : text.slice(0, dot);
}

function unescapePath(path: string): string {
  return path.includes("%") ? path.replace(/%([\da-f]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16))) : path;
}

/** The longest key that is the path or a folder above it. */
function prefixAmong(keys: ReadonlyMap<string, unknown>, path: string): string | undefined {
  for (let end = path.length; end > 0; end = path.lastIndexOf("/", end - 1)) {
    const prefix = path.slice(0, end);
    if (keys.has(prefix)) return prefix;
  }
  return undefined;
}

/**
 * Import paths of modules have a dot in their first element. The commands of the Go distribution are not of its
 * library.
 */
function isStandard(path: string): boolean {
  const [first = ""] = path.split("/", 1);
  return /^[a-z]\w+$/.test(first) && first !== "cmd" && path !== "main" && path !== "command-line-arguments";
}
