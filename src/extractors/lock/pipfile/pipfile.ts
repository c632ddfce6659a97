import type { OpenFile } from "../../../model/images/file.ts";
import { isJsonObject } from "../../../model/objects/json-object.ts";
import type { Context } from "../../../model/plugin.ts";
import type { Extraction, Extractor } from "../../extractor.ts";
import { isProjectName, isProjectVersion } from "../../language/python/metadata.ts";
import { readJson } from "../../language/read-json.ts";
import { damage } from "../../os/damage.ts";

/**
 * The Python packages that a lock file of Pipenv names, of all its categories. A package in a folder is not listed,
 * because it was not published. Any other package without a version, as one from Git, is a problem.
 *
 * Source: Pipenv, "Pipfile & Pipfile.lock".
 */
export const pipfileLock: Extractor = {
  id: "lock/pipfile",
  revision: 1,
  files: [{ basename: "Pipfile.lock" }],
  extract,
};

function* extract(file: OpenFile, context: Context): Generator<Extraction> {
  const lock = readJson(file, context);
  if (lock === undefined) return;
  const broken = damage(file, context, "package");
  if (!isJsonObject(lock)) broken.note("the file is not an object");
  for (const [category, packages] of Object.entries(isJsonObject(lock) ? lock : {})) {
    if (category === "_meta" || !isJsonObject(packages)) continue;
    for (const [name, entry] of Object.entries(packages)) {
      const { version, path } = isJsonObject(entry) ? entry : {};
      if (version === undefined && typeof path === "string") continue;
      const [, exact = ""] = /^===?(.+)$/.exec(typeof version === "string" ? version : "") ?? [];
      if (!isProjectName(name)) broken.note(`${JSON.stringify(name)} is not a package name`);
      else if (!isProjectVersion(exact)) broken.note(`${name} has no version`);
      else yield { kind: "package", package: { type: "pypi", name, version: exact } };
    }
  }
  broken.report();
}
