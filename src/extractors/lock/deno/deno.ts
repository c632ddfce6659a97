import type { OpenFile } from "../../../model/images/file.ts";
import { isJsonObject, type JsonObject } from "../../../model/objects/json-object.ts";
import type { Context } from "../../../model/plugin.ts";
import type { Extraction, Extractor } from "../../extractor.ts";
import { isPackageName, packageVersion } from "../../language/npm/manifest.ts";
import { readJson } from "../../language/read-json.ts";
import { damage } from "../../os/damage.ts";

/**
 * The npm packages that a lock file of Deno names. Packages of JSR and modules that are imported by their address are a
 * problem, because no advisories are about them.
 *
 * Source: Deno's `deno_lockfile`, versions 2 to 5: `npm.packages`, then `packages.npm`, then `npm`.
 */
export const denoLock: Extractor = {
  id: "lock/deno",
  revision: 1,
  files: [{ basename: "deno.lock" }],
  extract,
};

function* extract(file: OpenFile, context: Context): Generator<Extraction> {
  const lock = readJson(file, context);
  if (lock === undefined) return;
  const broken = damage(file, context, "module");
  if (!isJsonObject(lock) || lock["version"] === undefined) broken.note("the file is not a lock file of Deno");
  else {
    yield* ofNpm(npmPackages(lock), broken.note);
    const { packages } = lock;
    const jsr = lock["jsr"] ?? (isJsonObject(packages) ? packages["jsr"] : undefined);
    for (const reference of Object.keys(isJsonObject(jsr) ? jsr : {})) broken.note(`${reference} comes from JSR`);
    const { remote } = lock;
    for (const address of Object.keys(isJsonObject(remote) ? remote : {})) broken.note(`${address} has no version`);
  }
  broken.report();
}

function* ofNpm(packages: JsonObject, refuse: (reason: string) => void): Generator<Extraction> {
  const seen = new Set<string>();
  for (const key of Object.keys(packages)) {
    // Behind `_` are the packages that this copy was resolved with.
    const [, name, written] = /^(@?[^@]+)@([^_]+)/.exec(key) ?? [];
    const version = packageVersion(written);
    if (!isPackageName(name) || version === undefined) refuse(`${JSON.stringify(key.slice(0, 100))} has no version`);
    else if (!seen.has(`${name} ${version}`)) {
      seen.add(`${name} ${version}`);
      yield { kind: "package", package: { type: "npm", name, version } };
    }
  }
}

function npmPackages(lock: JsonObject): JsonObject {
  const { packages, npm } = lock;
  const found = isJsonObject(packages) ? packages["npm"] : isJsonObject(npm) ? (npm["packages"] ?? npm) : undefined;
  return isJsonObject(found) ? found : {};
}
