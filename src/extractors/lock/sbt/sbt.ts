import type { OpenFile } from "../../../model/images/file.ts";
import { isJsonObject } from "../../../model/objects/json-object.ts";
import type { Context } from "../../../model/plugin.ts";
import type { Extraction, Extractor } from "../../extractor.ts";
import { isWord, readJson } from "../../language/read-json.ts";
import { damage } from "../../os/damage.ts";

/**
 * The Maven artifacts that a lock file of sbt names, as the plug-in sbt-dependency-lock writes it. Those that only
 * tests need are listed as such. Source: sbt-dependency-lock, "Lockfile format", version 1.
 */
export const sbtLock: Extractor = {
  id: "lock/sbt",
  revision: 1,
  files: [{ suffix: ".sbt.lock" }],
  extract,
};

function* extract(file: OpenFile, context: Context): Generator<Extraction> {
  const lock = readJson(file, context);
  if (lock === undefined) return;
  const { dependencies } = isJsonObject(lock) ? lock : {};
  const broken = damage(file, context, "dependency");
  if (!Array.isArray(dependencies)) broken.note("the list of dependencies is missing");
  for (const entry of Array.isArray(dependencies) ? dependencies : []) {
    const { org, name, version, configurations } = isJsonObject(entry) ? entry : {};
    if (!isWord(org) || !isWord(name) || !isWord(version)) {
      broken.note("it has no organisation, no name or no version");
      continue;
    }
    const isForTests = Array.isArray(configurations) && configurations.length === 1 && configurations[0] === "test";
    const declaration = isForTests ? ({ declaration: { development: true } } as const) : {};
    yield { kind: "package", package: { type: "maven", name: `${org}:${name}`, version, ...declaration } };
  }
  broken.report();
}
