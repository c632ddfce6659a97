import type { OpenFile } from "../../../model/images/file.ts";
import { isJsonObject } from "../../../model/objects/json-object.ts";
import type { Context } from "../../../model/plugin.ts";
import type { Extraction, Extractor } from "../../extractor.ts";
import { isWord, readJson } from "../../language/read-json.ts";
import { damage } from "../../os/damage.ts";

/**
 * The NuGet packages that a restore resolved, of all frameworks: the `libraries` of the type `package`. A project of
 * the same solution is not listed, because it was not published.
 *
 * Source: NuGet.ProjectModel `LockFileFormat.cs`.
 */
export const nugetAssets: Extractor = {
  id: "lock/nuget-assets",
  revision: 1,
  files: [{ basename: "project.assets.json" }],
  extract,
};

function* extract(file: OpenFile, context: Context): Generator<Extraction> {
  const assets = readJson(file, context);
  if (assets === undefined) return;
  const { libraries } = isJsonObject(assets) ? assets : {};
  const broken = damage(file, context, "package");
  if (!isJsonObject(libraries)) broken.note("the list of packages is missing");
  for (const [key, library] of Object.entries(isJsonObject(libraries) ? libraries : {})) {
    if (!isJsonObject(library) || library["type"] !== "package") continue;
    const [name = "", version] = key.split("/");
    if (!isWord(name) || !isWord(version)) broken.note(`${JSON.stringify(key.slice(0, 100))} has no version`);
    else yield { kind: "package", package: { type: "nuget", name, version } };
  }
  broken.report();
}
