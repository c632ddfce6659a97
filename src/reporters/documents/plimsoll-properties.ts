/*
 * Facts for which SBOM formats have no member. The readers of SBOMs in `sources/sbom` take them back.
 *
 *   plimsoll:path, plimsoll:layer:diffId, plimsoll:source:name, plimsoll:source:version,
 *   plimsoll:ownedBy (type/name), plimsoll:vendor, plimsoll:architecture, plimsoll:module,
 *   plimsoll:linkedPackages (import paths separated by spaces), plimsoll:builtFor (system/processor),
 *   plimsoll:mainModule, plimsoll:groupIsGuess, plimsoll:ownProject,
 *   plimsoll:linkedProgram (one of several Go programs, an object as JSON)   on a package
 *   plimsoll:distribution:id, …:idLike, …:codename, …:repository     on the distribution
 *   plimsoll:target:kind, …:imageId, …:manifestDigest, …:tag, …:platform, …:user   on the target
 *   plimsoll:target:layersInPart, the number of layers read only by their table of contents   on the target
 *   plimsoll:target:unread, package types that were detected but not read, with the number of files   on the target
 */
import type { Distribution } from "../../model/packages/distribution.ts";
import type { Package } from "../../model/packages/package.ts";
import { isDistributionType } from "../../model/packages/package-type.ts";
import type { UnreadFiles } from "../../model/packages/unread-files.ts";
import type { Contents, Layer } from "../../model/reports/report.ts";

/** A name and a value; a name may occur more than once. */
export interface Property {
  readonly name: string;
  readonly value: string;
}

/** The pairs that have a value. */
export function properties(pairs: readonly (readonly [string, string | undefined])[]): readonly Property[] {
  return pairs.flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }]));
}

/** The facts about a package. */
export function packageProperties(found: Package, layer: Layer | undefined): readonly Property[] {
  const owner = found.ownedBy;
  return properties([
    ...found.paths.map((path) => ["plimsoll:path", path] as const),
    ["plimsoll:layer:diffId", layer?.diffId],
    ["plimsoll:source:name", found.source?.name],
    ["plimsoll:source:version", found.source?.version],
    ["plimsoll:ownedBy", owner && `${owner.type}/${owner.name}`],
    ["plimsoll:vendor", found.vendor],
    ["plimsoll:architecture", isDistributionType(found.type) ? undefined : found.architecture],
    ["plimsoll:module", found.type === "rpm" ? undefined : found.module],
    ["plimsoll:linkedPackages", found.linkedPackages?.join(" ")],
    ["plimsoll:builtFor", found.builtFor],
    ...(found.linkedPrograms ?? []).map((program) => ["plimsoll:linkedProgram", JSON.stringify(program)] as const),
    ["plimsoll:mainModule", found.mainModule && "true"],
    ["plimsoll:groupIsGuess", found.groupIsGuess && "true"],
    ["plimsoll:ownProject", found.ownProject && "true"],
  ]);
}

/** The facts about a distribution. */
export function distributionProperties({ id, idLike, codename, repositories = [] }: Distribution): readonly Property[] {
  return properties([
    ["plimsoll:distribution:id", id],
    ...idLike.map((like) => ["plimsoll:distribution:idLike", like] as const),
    ["plimsoll:distribution:codename", codename],
    ...repositories.map((repository) => ["plimsoll:distribution:repository", repository] as const),
  ]);
}

/** The facts about a target. */
export function targetProperties({ target, layers, unread = [] }: Contents): readonly Property[] {
  const inPart = layers.filter((layer) => layer.inPart).length;
  return properties([
    ["plimsoll:target:kind", target.kind],
    ["plimsoll:target:imageId", target.imageId],
    ["plimsoll:target:manifestDigest", target.manifestDigest],
    ...(target.tags ?? []).map((tag) => ["plimsoll:target:tag", tag] as const),
    ["plimsoll:target:platform", target.platform],
    ["plimsoll:target:user", target.user],
    ["plimsoll:target:layersInPart", inPart > 0 ? String(inPart) : undefined],
    ...unread.map((one) => ["plimsoll:target:unread", unreadText(one)] as const),
  ]);
}

/** As `conda, installed: 12 files`. */
function unreadText({ packagesOf, kind, files }: UnreadFiles): string {
  return `${packagesOf}, ${kind}: ${files} ${files === 1 ? "file" : "files"}`;
}
