import type { OpenFile } from "../../../model/images/file.ts";
import { isJsonObject, type JsonObject } from "../../../model/objects/json-object.ts";
import type { Context } from "../../../model/plugin.ts";
import type { Extraction, Extractor } from "../../extractor.ts";
import { isWord } from "../../language/read-json.ts";
import { damage } from "../../os/damage.ts";
import { readToml } from "../read-toml.ts";

/**
 * The Maven artifacts that a version catalogue of Gradle names. A catalogue says which version a build takes when it
 * uses an artifact, and neither whether it does nor what that needs, which is a problem; a lock file says both.
 *
 * Source: Gradle, "Version catalogs", "The version catalog TOML file format".
 */
export const gradleCatalog: Extractor = {
  id: "lock/gradle-catalog",
  revision: 1,
  files: [{ suffix: ".versions.toml" }],
  extract,
};

function* extract(file: OpenFile, context: Context): Generator<Extraction> {
  const catalog = readToml(file, context);
  if (catalog === undefined) return;
  const { versions = {}, libraries = {} } = catalog;
  const broken = damage(file, context, "library");
  let found = 0;
  for (const [alias, library] of Object.entries(isJsonObject(libraries) ? libraries : {})) {
    const { name, version } = coordinatesOf(library, isJsonObject(versions) ? versions : {});
    if (!isWord(name) || !/^[^:]+:[^:]+$/.test(name)) broken.note(`${alias.slice(0, 100)} names no artifact`);
    else if (!isWord(version) || /[[\](),+]/.test(version)) broken.note(`${name} has no version, or a range`);
    else {
      found++;
      yield { kind: "package", package: { type: "maven", name, version, declaration: { relation: "direct" } } };
    }
  }
  broken.report();
  if (found === 0) return;
  const message = `${file.path} does not list indirect dependencies, so they were not examined`;
  context.problem({ code: "unreadable", message, path: file.path });
}

function coordinatesOf(library: unknown, versions: JsonObject): { name?: unknown; version?: unknown } {
  if (typeof library === "string") {
    const [group = "", artifact = "", version] = library.split(":");
    return { name: `${group}:${artifact}`, version };
  }
  if (!isJsonObject(library)) return {};
  const { module, group, name, version } = library;
  return { name: module ?? `${String(group)}:${String(name)}`, version: versionOf(version, versions) };
}

/** A text, a reference to one, or what it must, should or may be. */
function versionOf(version: unknown, versions: JsonObject): unknown {
  if (!isJsonObject(version)) return version;
  const { ref, strictly, require: required, prefer } = version;
  const named = typeof ref === "string" && Object.hasOwn(versions, ref) ? versions[ref] : undefined;
  if (isJsonObject(named)) return named["strictly"] ?? named["require"] ?? named["prefer"];
  return named ?? strictly ?? required ?? prefer;
}
