import type { OpenFile } from "../../../model/images/file.ts";
import { isJsonObject, type JsonObject } from "../../../model/objects/json-object.ts";
import type { Context } from "../../../model/plugin.ts";
import type { Extraction, Extractor } from "../../extractor.ts";
import { isProjectName, isProjectVersion } from "../../language/python/metadata.ts";
import { damage } from "../../os/damage.ts";
import { readToml } from "../read-toml.ts";

/**
 * The Python packages that a lock file in TOML names, for development too: `poetry.lock`, `uv.lock` and `pdm.lock`,
 * whose packages are in `package`, and `pylock.toml`, whose packages are in `packages`. A package in a folder is not
 * listed, because it was not published. Any other package without a version is a problem.
 *
 * Source: PyPA, "pylock.toml Specification"; the lock files of Poetry, uv and PDM.
 */
export const pythonLock: Extractor = {
  id: "lock/python",
  revision: 1,
  files: [{ basename: "poetry.lock" }, { basename: "uv.lock" }, { basename: "pdm.lock" }, { basename: "pylock.toml" }],
  extract,
};

function* extract(file: OpenFile, context: Context): Generator<Extraction> {
  const lock = readToml(file, context);
  if (lock === undefined) return;
  const { package: ofTools = [], packages = ofTools } = lock;
  const broken = damage(file, context, "package");
  if (!Array.isArray(packages)) broken.note("its packages are not a list");
  for (const entry of Array.isArray(packages) ? packages : []) {
    const { name, version } = isJsonObject(entry) ? entry : {};
    if (isJsonObject(entry) && isInFolder(entry)) continue;
    if (typeof name !== "string" || !isProjectName(name)) broken.note("it has no name");
    else if (typeof version !== "string" || !isProjectVersion(version)) broken.note(`${name} has no version`);
    else yield { kind: "package", package: { type: "pypi", name, version } };
  }
  broken.report();
}

/** uv's project itself, a member of its workspace, and what Poetry, PDM and pip took from a folder. */
function isInFolder({ source, path, directory }: JsonObject): boolean {
  if (directory !== undefined) return true;
  if (!isJsonObject(source)) return typeof path === "string" && !/\.(?:whl|zip|tar\.gz|tgz)$/.test(path);
  return source["type"] === "directory" || ["editable", "virtual", "directory"].some((key) => key in source);
}
