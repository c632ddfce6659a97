import type { OpenFile } from "../../../model/images/file.ts";
import { isJsonObject } from "../../../model/objects/json-object.ts";
import type { Context } from "../../../model/plugin.ts";
import type { Extraction, Extractor } from "../../extractor.ts";
import { isWord, readJson } from "../../language/read-json.ts";
import { damage } from "../../os/damage.ts";

/**
 * The R packages of CRAN and of repositories like it that a lock file of renv names. One from elsewhere (Bioconductor,
 * GitHub, a file) is a problem, because no advisory of CRAN is about it.
 *
 * Source: renv, "Lockfiles".
 */
export const renvLock: Extractor = {
  id: "lock/renv",
  revision: 1,
  files: [{ basename: "renv.lock" }],
  extract,
};

function* extract(file: OpenFile, context: Context): Generator<Extraction> {
  const lock = readJson(file, context);
  if (lock === undefined) return;
  const { Packages: packages } = isJsonObject(lock) ? lock : {};
  const broken = damage(file, context, "package");
  if (!isJsonObject(packages)) broken.note("the list of packages is missing");
  for (const [key, entry] of Object.entries(isJsonObject(packages) ? packages : {})) {
    const {
      Package: name = key,
      Version: version,
      Source: source,
      Repository: repository,
    } = isJsonObject(entry) ? entry : {};
    if (!isWord(name) || !isWord(version)) broken.note(`${JSON.stringify(key.slice(0, 100))} has no version`);
    else if (source !== "Repository" && repository === undefined) {
      broken.note(`${name} comes from ${typeof source === "string" ? source : "an unknown source"}, not from CRAN`);
    } else yield { kind: "package", package: { type: "cran", name, version } };
  }
  broken.report();
}
