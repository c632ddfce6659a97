import type { OpenFile } from "../../../model/images/file.ts";
import { isJsonObject } from "../../../model/objects/json-object.ts";
import type { Context } from "../../../model/plugin.ts";
import type { Extraction, Extractor } from "../../extractor.ts";
import { isWord, readJson } from "../../language/read-json.ts";
import { damage } from "../../os/damage.ts";

/**
 * The Composer packages that a lock file names; those for development are marked. A version is the tag (`v5.4.1`) or a
 * branch (`dev-main`).
 *
 * Source: Composer, "composer.lock" in "Basic usage", and `Composer\Package\Locker`.
 */
export const composerLock: Extractor = {
  id: "lock/composer",
  revision: 2,
  files: [{ basename: "composer.lock" }],
  extract,
};

function* extract(file: OpenFile, context: Context): Generator<Extraction> {
  const lock = readJson(file, context);
  if (lock === undefined) return;
  const { packages, "packages-dev": ofDevelopment } = isJsonObject(lock) ? lock : {};
  const broken = damage(file, context, "package");
  if (!Array.isArray(packages)) broken.note("the list of packages is missing");
  for (const list of [packages, ofDevelopment]) {
    for (const entry of Array.isArray(list) ? list : []) {
      const { name, version } = isJsonObject(entry) ? entry : {};
      if (!isWord(name) || !isWord(version)) broken.note("it has no name or no version");
      else {
        const declaration = list === ofDevelopment ? { declaration: { development: true } as const } : {};
        yield { kind: "package", package: { type: "composer", name, version, ...declaration } };
      }
    }
  }
  broken.report();
}
