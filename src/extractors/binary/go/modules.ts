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
  /** `v1.2.3`, `v0.0.0-20220907171357-04be3eba64a2`, or `(devel)` for what was built from a folder without a version. */
  readonly version: string;
}

/**
 * The modules in a program's module information, the main module first as the linker writes it. A module that is replaced
 * gives its replacement; one that is replaced by a folder gives nothing, since nobody published that code. Lines that are
 * none of the form are passed over.
 */
export function parseModules(text: string): readonly GoModule[] {
  const modules: GoModule[] = [];
  let replaceable = false;
  for (const line of text.split("\n")) {
    const [kind, path, version] = line.split("\t", 4);
    if (path === undefined || version === undefined) continue;
    if (kind === "=>") {
      if (replaceable) modules.pop();
      replaceable = false;
      if (!isFolder(path)) add(modules, path, version);
    } else if (kind === "mod" || kind === "dep") {
      replaceable = add(modules, path, version);
    }
  }
  return modules;
}

const wellFormedPath = /^[!-.0-~]+(?:\/[!-.0-~]+)*$/;
const wellFormedVersion = /^[!-~]+$/;

function add(modules: GoModule[], path: string, version: string): boolean {
  if (!wellFormedPath.test(path) || !wellFormedVersion.test(version)) return false;
  modules.push({ path, version });
  return true;
}

/** Whether a replacement is a folder. Source: the Go Modules Reference, "replace directive". */
function isFolder(path: string): boolean {
  return /^(?:\.{1,2}$|\.{0,2}[/\\]|[A-Za-z]:)/.test(path);
}
