// A program of .NET has a list of what it is made of beside it, <program>.deps.json:
//
//   runtimeTarget  { name }, or the name alone: the target that the program runs as
//   targets        by target and library (<name>/<version>) the library's files: `runtime`, `native`, `resources` by path, and
//                  `runtimeTargets` for those of several platforms; none of them for a library that was needed for building alone,
//                  or of which the framework has a newer one
//   libraries      by library its type: package, project, reference, runtimepack, …
//
// The parts of .NET itself have such lists too (`shared/Microsoft.NETCore.App/8.0.1/Microsoft.NETCore.App.deps.json`), in which they are
// packages of their own. A program that brings .NET along names it as a runtime pack, `runtimepack.<package>`.

import type { OpenFile } from "../../../model/file.ts";
import { isJsonObject, type JsonObject } from "../../../model/json-object.ts";
import type { FoundPackage } from "../../../model/package.ts";
import type { Context } from "../../../model/plugin.ts";
import type { Extraction, Extractor } from "../../extractor.ts";
import { isWord, readJson } from "../read-json.ts";

/**
 * The NuGet packages in a .NET program, from its `<program>.deps.json`: libraries of type `package` that have files in the program, and
 * the runtime packs of a program that brings .NET along, under the name of their package. Where the target that the program runs as is
 * not there, all packages are in it.
 *
 * Not packages: projects, which nobody published under their name, references to files, and libraries without a file.
 *
 * Source: the .NET SDK, "Runtime Configuration Files" (`documentation/specs/runtime-configuration-file.md`).
 */
export const dotnet: Extractor = {
  id: "language/dotnet",
  revision: 1,
  files: [{ suffix: ".deps.json" }],
  extract,
};

const packOfRuntime = "runtimepack.";
const kindsOfFiles = ["runtime", "runtimeTargets", "native", "resources"] as const;

function* extract(file: OpenFile, context: Context): Generator<Extraction> {
  const { path } = file;
  const list = readJson(file, context);
  if (list === undefined) return;
  const libraries = isJsonObject(list) ? list["libraries"] : undefined;
  if (!isJsonObject(list) || !isJsonObject(libraries)) {
    const message = `${path} lists no libraries, so its packages are not known`;
    context.problem({ code: "unreadable", message, path });
    return;
  }
  const target = targetOf(list);
  for (const [key, library] of Object.entries(libraries)) {
    if (!isJsonObject(library)) continue;
    const found = packageOf(key, library["type"]);
    if (found && hasFiles(target?.[key])) yield { kind: "package", package: found };
  }
}

function targetOf({ runtimeTarget, targets }: JsonObject): JsonObject | undefined {
  const name = isJsonObject(runtimeTarget) ? runtimeTarget["name"] : runtimeTarget;
  const target = isJsonObject(targets) && typeof name === "string" ? targets[name] : undefined;
  return isJsonObject(target) ? target : undefined;
}

/** True for a library that is not in the target: then nothing tells that it has no files. */
function hasFiles(entry: unknown): boolean {
  return !isJsonObject(entry) || kindsOfFiles.some((kind) => Object.keys(entry[kind] ?? {}).length > 0);
}

function packageOf(key: string, type: unknown): FoundPackage | undefined {
  const kind = typeof type === "string" ? type.toLowerCase() : "";
  const slash = key.indexOf("/");
  const version = key.slice(slash + 1);
  const written = key.slice(0, Math.max(0, slash));
  const isPack = kind === "runtimepack" && written.startsWith(packOfRuntime);
  const name = isPack ? written.slice(packOfRuntime.length) : written;
  if ((kind !== "package" && !isPack) || !isWord(name) || !isWord(version)) return undefined;
  return { type: "nuget", name, version };
}
