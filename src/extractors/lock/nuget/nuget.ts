import type { OpenFile } from "../../../model/images/file.ts";
import { isJsonObject } from "../../../model/objects/json-object.ts";
import type { Context } from "../../../model/plugin.ts";
import type { Extraction, Extractor } from "../../extractor.ts";
import { isWord, readJson } from "../../language/read-json.ts";
import { damage } from "../../os/damage.ts";

/**
 * The NuGet packages that a lock file names, of all frameworks. A project of the same solution is not listed, because
 * it was not published.
 *
 * Source: NuGet, "PackageReference in project files", "Locking dependencies".
 */
export const nugetLock: Extractor = {
  id: "lock/nuget",
  revision: 1,
  files: [{ basename: "packages.lock.json" }],
  extract,
};

function* extract(file: OpenFile, context: Context): Generator<Extraction> {
  const lock = readJson(file, context);
  if (lock === undefined) return;
  const { dependencies } = isJsonObject(lock) ? lock : {};
  const broken = damage(file, context, "package");
  if (!isJsonObject(dependencies)) broken.note("the list of packages is missing");
  const seen = new Set<string>();
  for (const packages of Object.values(isJsonObject(dependencies) ? dependencies : {})) {
    for (const [name, entry] of Object.entries(isJsonObject(packages) ? packages : {})) {
      const { type, resolved: version } = isJsonObject(entry) ? entry : {};
      if (type === "Project") continue;
      if (!isWord(name) || !isWord(version)) broken.note(`${JSON.stringify(name)} has no version`);
      else if (!seen.has(`${name} ${version}`)) {
        seen.add(`${name} ${version}`);
        yield { kind: "package", package: { type: "nuget", name, version } };
      }
    }
  }
  broken.report();
}
