import type { OpenFile } from "../../../model/images/file.ts";
import { isJsonObject } from "../../../model/objects/json-object.ts";
import type { Context } from "../../../model/plugin.ts";
import type { Extraction, Extractor } from "../../extractor.ts";
import { isWord } from "../../language/read-json.ts";
import { damage } from "../../os/damage.ts";
import { readToml } from "../read-toml.ts";

/**
 * The Julia packages that a manifest names. A package of the standard library has no version of its own there, and gets
 * that of the Julia release which the manifest states. A package in a folder of the project was not published.
 *
 * Source: Pkg, "Manifest.toml", formats 1.0 (packages at the top) and 2.0 (below `deps`).
 */
export const juliaManifest: Extractor = {
  id: "lock/julia",
  revision: 1,
  files: [{ basename: "Manifest.toml" }, { basename: "JuliaManifest.toml" }],
  extract,
};

function* extract(file: OpenFile, context: Context): Generator<Extraction> {
  const manifest = readToml(file, context);
  if (manifest === undefined) return;
  const { deps, julia_version: release, manifest_format: format } = manifest;
  const broken = damage(file, context, "package");
  const packages = format === undefined ? manifest : isJsonObject(deps) ? deps : {};
  for (const [name, entries] of Object.entries(packages)) {
    if (!Array.isArray(entries)) continue;
    for (const entry of entries) {
      const { version: own, path, "git-tree-sha1": tree } = isJsonObject(entry) ? entry : {};
      if (path !== undefined && own === undefined) continue;
      const version = own ?? (tree === undefined ? release : undefined);
      if (!isWord(name) || !isWord(version)) broken.note(`${JSON.stringify(name.slice(0, 100))} has no version`);
      else if (path === undefined) yield { kind: "package", package: { type: "julia", name, version } };
    }
  }
  broken.report();
}
