// The module information in Go's build information: lines of fields with tabs between them.
//
// path  <package path of the program>
// mod   <module> <version> <hash>        the main module; the hash may be missing
// dep   <module> <version> <hash>        each module that the program is built from
// =>    <module> <version> <hash>        what replaces the module of the line before
// build <setting>=<value>
//
// Source: the Go distribution, runtime/debug, ParseBuildInfo.

/** A module that is part of a program, after replacement. */
export interface GoModule {
  readonly path: string;
  /** The path of the module in whose place this one stands, and with which its packages are imported. */
  readonly replaced?: string;
  /**
   * `v1.2.3`, `v0.0.0-20220907171357-04be3eba64a2`, or `(devel)` for what was built from a folder without a version.
   */
  readonly version: string;
}

/** What the module information says. */
export interface GoProgram {
  /** The import path of the program's own package; undefined when there is none. */
  readonly main?: string;
  /** The path of the module that {@link main} belongs to; undefined when the linker knew none. */
  readonly mainModule?: string;
  /** The main module first, as the linker writes it. */
  readonly modules: readonly GoModule[];
  /** How many lines name a module in a form that none has; they are not among {@link modules}. */
  readonly malformed: number;
  /** True when it was linked with libraries in which part of its packages are. */
  readonly shared: boolean;
  /**
   * The system and the processor that it was built for, in Go's words: `linux`, `amd64`. Go 1.18 and later write them.
   */
  readonly system?: string;
  readonly processor?: string;
}

/**
 * Reads the module information of a program. A module that is replaced gives its replacement; one that is replaced by a
 * folder is left out, because that code is not published. Lines of other kinds are passed over.
 */
export function parseProgram(text: string): GoProgram {
  const modules: GoModule[] = [];
  let main: string | undefined;
  let mainModule: string | undefined;
  let shared = false;
  let system: string | undefined;
  let processor: string | undefined;
  let replaceable: GoModule | undefined;
  let malformed = 0;
  for (const line of text.split("\n")) {
    const [kind, path, version = ""] = line.split("\t", 4);
    if (path === undefined) continue;
    if (kind === "path") main ??= path;
    if (kind === "build" && path === "-linkshared=true") shared = true;
    if (kind === "build") {
      system ??= settingOf(path, "GOOS");
      processor ??= settingOf(path, "GOARCH");
    }
    if (kind === "=>") {
      if (replaceable) modules.pop();
      const replaced = replaceable?.path;
      replaceable = undefined;
      if (isFolder(path)) continue;
      if (!add(modules, { path, version, ...(replaced !== undefined && { replaced }) })) malformed++;
    } else if (kind === "mod" || kind === "dep") {
      replaceable = add(modules, { path, version });
      if (!replaceable) malformed++;
      if (kind === "mod") mainModule ??= replaceable?.path;
    }
  }
  return {
    ...(main !== undefined && { main }),
    ...(mainModule !== undefined && { mainModule }),
    modules,
    malformed,
    shared,
    ...(system !== undefined && { system }),
    ...(processor !== undefined && { processor }),
  };
}

/** What a setting of the build is, when the text is that of `name` and its value a word. */
function settingOf(text: string, name: string): string | undefined {
  const value = text.startsWith(`${name}=`) ? text.slice(name.length + 1) : "";
  return /^[a-z\d]{1,30}$/.test(value) ? value : undefined;
}

const wellFormedPath = /^[!-.0-~]+(?:\/[!-.0-~]+)*$/;
const wellFormedVersion = /^[!-~]+$/;

/** The module, when it is of the form and so was added. */
function add(modules: GoModule[], module: GoModule): GoModule | undefined {
  if (!wellFormedPath.test(module.path) || !wellFormedVersion.test(module.version)) return undefined;
  modules.push(module);
  return module;
}

/** Whether a replacement is a folder. Source: the Go Modules Reference, "replace directive". */
function isFolder(path: string): boolean {
  return /^(?:\.{1,2}$|\.{0,2}[/\\]|[A-Za-z]:)/.test(path);
}
