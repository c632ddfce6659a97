// A program of .NET has a list of what it is made of beside it, <program>.deps.json:
//
//   runtimeTarget  { name }, or the name alone: the target that the program runs as
//   targets        by target and library (<name>/<version>) the library's files: `runtime`, `native`, `resources` by
//                  path, and `runtimeTargets` for those of several platforms; none of them for a library that was
//                  needed for building alone, or of which the framework has a newer one
//   libraries      by library its type: package, project, reference, runtimepack, …
//
// The parts of .NET itself have such lists too (`shared/Microsoft.NETCore.App/8.0.1/Microsoft.NETCore.App.deps.json`),
// in which they are packages of their own. A program that brings .NET along names it as a runtime pack,
// `runtimepack.<package>`.

import type { OpenFile } from "../../../model/images/file.ts";
import { isJsonObject, type JsonObject } from "../../../model/objects/json-object.ts";
import type { Context } from "../../../model/plugin.ts";
import type { Extraction, Extractor } from "../../extractor.ts";
import { damage } from "../../os/damage.ts";
import { isWord, readJson } from "../read-json.ts";

/**
 * The NuGet packages in a .NET program, from its `<program>.deps.json`: libraries of type `package` that have files in
 * the program, and the runtime packs of a program that brings .NET along, under the name of their package. Where the
 * target that the program runs as is not there, all packages are in it.
 *
 * Not packages: projects, which are not published under their name, references to files, and libraries without a file.
 * A library without a type, and a package without a name or a version, are a problem.
 *
 * Source: the .NET SDK, "Runtime Configuration Files" (`documentation/specs/runtime-configuration-file.md`).
 */
export const dotnet: Extractor = {
  id: "language/dotnet",
  revision: 2,
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
    const message = `${path} lists no libraries, so its packages could not be identified`;
    context.problem({ code: "unreadable", message, path });
    return;
  }
  const broken = damage(file, context, "library");
  const target = targetOf(list);
  for (const [key, library] of Object.entries(libraries)) {
    const type = isJsonObject(library) ? library["type"] : undefined;
    if (typeof type !== "string") {
      broken.note(`${key} has no type`);
      continue;
    }
    const name = publishedName(key, type.toLowerCase());
    if (name === undefined || !hasFiles(target?.[key])) continue;
    const version = key.slice(key.indexOf("/") + 1);
    if (isWord(name) && isWord(version)) yield { kind: "package", package: { type: "nuget", name, version } };
    else broken.note(`${key} is not a name and version`);
  }
  broken.report();
}

function targetOf({ runtimeTarget, targets }: JsonObject): JsonObject | undefined {
  const name = isJsonObject(runtimeTarget) ? runtimeTarget["name"] : runtimeTarget;
  const target = isJsonObject(targets) && typeof name === "string" ? targets[name] : undefined;
  return isJsonObject(target) ? target : undefined;
}

/** True for a library that is not in the target: then nothing tells that it has no files. */
function hasFiles(entry: unknown): boolean {
  if (!isJsonObject(entry)) return true;
  return kindsOfFiles.some((kind) => {
    const files = entry[kind] ?? {};
    return !isJsonObject(files) || Object.keys(files).length > 0;
  });
}

/** The name before the slash under which the library is published; undefined for those of other types. */
function publishedName(key: string, type: string): string | undefined {
  const written = key.slice(0, Math.max(0, key.indexOf("/")));
  if (type === "package") return written;
  return type === "runtimepack" && written.startsWith(packOfRuntime) ? written.slice(packOfRuntime.length) : undefined;
}
