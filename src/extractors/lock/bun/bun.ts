// A lock file of Bun is JSON with commas after last members. A package is a list that begins with its reference:
//
//   "zod": ["zod@3.24.4", "", { "dependencies": {} }, "sha512-…"],
//   "sync": ["@prettier/sync@github:prettier/sync#527e8ce", {}, "…"],
//   "web": ["web@workspace:packages/web"],

import type { OpenFile } from "../../../model/images/file.ts";
import { isJsonObject, parseJson } from "../../../model/objects/json-object.ts";
import type { Context } from "../../../model/plugin.ts";
import type { Extraction, Extractor } from "../../extractor.ts";
import { isPackageName, packageVersion } from "../../language/npm/manifest.ts";
import { damage } from "../../os/damage.ts";
import { readParsed } from "../../read-parsed.ts";
import { withoutLastCommas } from "./without-last-commas.ts";

/**
 * The npm packages that a lock file of Bun names, for development too. A package of the workspace or in a file of the
 * project was not published; one from Git has no version, so it is a problem.
 *
 * Source: Bun `src/install/lockfile/bun.lock.zig`, version 1. The binary form, `bun.lockb`, is not read.
 */
export const bunLock: Extractor = {
  id: "lock/bun",
  revision: 1,
  files: [{ basename: "bun.lock" }],
  extract,
};

function* extract(file: OpenFile, context: Context): Generator<Extraction> {
  const parse = (text: string): unknown => parseJson(withoutLastCommas(text));
  const lock = readParsed(file, context, { format: "a lock file of Bun", parse });
  if (lock === undefined) return;
  const { packages } = isJsonObject(lock) ? lock : {};
  const broken = damage(file, context, "package");
  if (!isJsonObject(packages)) broken.note("the list of packages is missing");
  const seen = new Set<string>();
  for (const [key, entry] of Object.entries(isJsonObject(packages) ? packages : {})) {
    const reference = Array.isArray(entry) ? String(entry[0]) : "";
    const at = reference.indexOf("@", 1);
    const name = reference.slice(0, Math.max(at, 0));
    const written = reference.slice(at + 1);
    if (/^(?:workspace|file|link|root):/.test(written)) continue;
    const version = packageVersion(written);
    if (!isPackageName(name)) broken.note(`${JSON.stringify(key.slice(0, 100))} names no package`);
    else if (version === undefined || !/^\d/.test(version)) broken.note(`${name} has no version`);
    else if (!seen.has(reference)) {
      seen.add(reference);
      yield { kind: "package", package: { type: "npm", name, version } };
    }
  }
  broken.report();
}
