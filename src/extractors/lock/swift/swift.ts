import type { OpenFile } from "../../../model/images/file.ts";
import { isJsonObject, type JsonObject } from "../../../model/objects/json-object.ts";
import type { Context } from "../../../model/plugin.ts";
import type { Extraction, Extractor } from "../../extractor.ts";
import { isWord, readJson } from "../../language/read-json.ts";
import { damage } from "../../os/damage.ts";

/**
 * The packages that the Swift Package Manager resolved, named by the address of their repository, as advisories name
 * them: `github.com/apple/swift-nio`. One on a branch or a commit has no version, so it is a problem; one in a folder
 * of this machine was not published.
 *
 * Source: SwiftPM `Sources/PackageGraph/ResolvedPackagesStore.swift`, versions 1 to 3.
 */
export const swiftResolved: Extractor = {
  id: "lock/swift",
  revision: 1,
  files: [{ basename: "Package.resolved" }],
  extract,
};

function* extract(file: OpenFile, context: Context): Generator<Extraction> {
  const lock = readJson(file, context);
  if (lock === undefined) return;
  const broken = damage(file, context, "package");
  const pins = pinsOf(lock);
  if (!Array.isArray(pins)) broken.note("the list of packages is missing");
  for (const pin of Array.isArray(pins) ? pins : []) {
    const { location, repositoryURL, kind, identity, state } = isJsonObject(pin) ? pin : {};
    if (kind === "localSourceControl" || kind === "fileSystem") continue;
    const name = kind === "registry" ? identity : nameOf(location ?? repositoryURL);
    const { version } = isJsonObject(state) ? state : {};
    if (!isWord(name)) broken.note("it has no name");
    else if (!isWord(version)) broken.note(`${name} is on a branch or commit and has no version`);
    else yield { kind: "package", package: { type: "swift", name, version } };
  }
  broken.report();
}

/** `object.pins` in version 1, `pins` since. */
function pinsOf(lock: unknown): unknown {
  const { pins, object }: JsonObject = isJsonObject(lock) ? lock : {};
  return pins ?? (isJsonObject(object) ? object["pins"] : undefined);
}

/** An address without its protocol, user and `.git`: `https://` and `git@host:path` give the same name. */
function nameOf(address: unknown): string | undefined {
  if (!isWord(address)) return undefined;
  return address
    .replace(/^[a-z+]+:\/\//, "")
    .replace(/^[^/@]+@/, "")
    .replace(/^([^/:]+):(?!\d)/, "$1/")
    .replace(/\/$/, "")
    .replace(/\.git$/, "");
}
