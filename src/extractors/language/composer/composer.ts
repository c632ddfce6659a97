import type { OpenFile } from "../../../model/images/file.ts";
import { isJsonObject } from "../../../model/objects/json-object.ts";
import type { Context } from "../../../model/plugin.ts";
import type { Extraction, Extractor } from "../../extractor.ts";
import { isWord, readJson } from "../read-json.ts";

/**
 * Installed Composer packages, from the list that Composer keeps beside them, `vendor/composer/installed.json`: of
 * Composer 2 an object whose `packages` are the packages, of Composer 1 the packages alone. Packages that were
 * installed for development are installed, too.
 *
 * A version is the tag, as Packagist has it (`v5.4.1`), or a branch: `dev-main`, `2.x-dev`.
 *
 * Source: Composer, "Schema", and `Composer\Repository\FilesystemRepository`.
 */
export const composer: Extractor = {
  id: "language/composer",
  revision: 1,
  files: [{ basename: "installed.json" }],
  extract,
};

function* extract(file: OpenFile, context: Context): Generator<Extraction> {
  const { path } = file;
  if (path.split("/").at(-2) !== "composer") return;
  const list = readJson(file, context);
  if (list === undefined) return;
  const packages = isJsonObject(list) ? list["packages"] : list;
  if (!Array.isArray(packages)) {
    const message = `${path} lists no packages, so its packages could not be identified`;
    context.problem({ code: "unreadable", message, path });
    return;
  }
  let nameless = 0;
  for (const entry of packages) {
    const { name, version, license } = isJsonObject(entry) ? entry : {};
    if (!isWord(name) || !isWord(version)) {
      nameless++;
      continue;
    }
    const licenses = licensesOf(license);
    yield {
      kind: "package",
      package: { type: "composer", name, version, ...(licenses.length > 0 ? { licenses } : {}) },
    };
  }
  if (nameless > 0) {
    const message = `${path} has ${nameless} packages without a name or a version`;
    context.problem({ code: "unreadable", message, path });
  }
}

function licensesOf(declared: unknown): string[] {
  const texts = (Array.isArray(declared) ? declared : [declared]).filter((text) => typeof text === "string");
  return [...new Set(texts.map((text) => text.trim()).filter((text) => text !== ""))];
}
