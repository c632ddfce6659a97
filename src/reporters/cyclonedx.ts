/*
 * CycloneDX 1.6 JSON (https://cyclonedx.org/docs/1.6/json/): the inventory of a report, without its findings.
 *
 * What the format has no place for stands in properties, which the reader of SBOMs takes back:
 *
 *   plimsoll:path, plimsoll:layer:diffId, plimsoll:source:name, plimsoll:source:version,
 *   plimsoll:ownedBy (type/name), plimsoll:vendor, plimsoll:architecture, plimsoll:module,
 *   plimsoll:linkedPackages (import paths, parted by spaces), plimsoll:builtFor (system/processor),
 *   plimsoll:mainModule, plimsoll:groupIsGuess, plimsoll:ownProject,
 *   plimsoll:linkedProgram (one of several Go programs, an object as JSON)   on a package
 *   plimsoll:distribution:id, …:idLike, …:codename, …:repository     on the distribution
 *   plimsoll:target:kind, …:imageId, …:manifestDigest, …:tag, …:platform, …:user   on the target
 *   plimsoll:target:layersInPart, how many layers were read by their table of contents alone   on the target
 *   plimsoll:target:unread, whose packages were seen and are not read, and in how many files   on the target
 */
import { createHash } from "node:crypto";
import type { Distribution } from "../model/packages/distribution.ts";
import type { Package } from "../model/packages/package.ts";
import { isDistributionType } from "../model/packages/package-type.ts";
import { formatPackageUrl } from "../model/packages/package-url.ts";
import type { UnreadFiles } from "../model/packages/unread-files.ts";
import type { Contents, Layer, Target } from "../model/reports/report.ts";
import { licenseChoices } from "./cyclonedx-licenses.ts";

/** The packages of a target as a CycloneDX 1.6 document in JSON, in pieces. The same contents give the same bytes. */
export function* cyclonedx(contents: Contents): Iterable<string> {
  const references = packageReferences(contents.packages);
  yield "{\n";
  yield `${member("$schema", "http://cyclonedx.org/schema/bom-1.6.schema.json")},\n`;
  yield `${member("bomFormat", "CycloneDX")},\n`;
  yield `${member("specVersion", "1.6")},\n`;
  yield `${member("serialNumber", serialNumber(contents))},\n`;
  yield `${member("version", 1)},\n`;
  yield `${member("metadata", metadata(contents))},\n`;
  yield* list("components", components(contents, references));
  yield ",\n";
  yield* list("dependencies", dependencies(contents, references));
  const aggregate = isIncomplete(contents) ? "incomplete" : layersInPart(contents) > 0 ? "unknown" : undefined;
  if (aggregate) yield `,\n${member("compositions", [{ aggregate, assemblies: [targetReference] }])}`;
  yield "\n}\n";
}

const targetReference = "target";
const distributionReference = "distribution";
/** The schema's limit for a version. */
const longestVersion = 1024;

interface Property {
  readonly name: string;
  readonly value: string;
}

function member(name: string, value: unknown): string {
  return `  ${JSON.stringify(name)}: ${indented(value, "  ")}`;
}

function* list(name: string, items: Iterable<unknown>): Generator<string> {
  yield `  ${JSON.stringify(name)}: [`;
  let separator = "\n";
  for (const item of items) {
    yield `${separator}    ${indented(item, "    ")}`;
    separator = ",\n";
  }
  yield separator === "\n" ? "]" : "\n  ]";
}

/** JSON holds no line break but those of its layout, so each one can be indented further. */
function indented(value: unknown, indent: string): string {
  return JSON.stringify(value, null, 2).replaceAll("\n", `\n${indent}`);
}

/** A UUID of version 8 (RFC 9562, section 5.8) from what was scanned and what was found. */
function serialNumber({ target, distro, packages }: Contents): string {
  const hash = createHash("sha256").update(JSON.stringify([target, distro]));
  for (const found of packages) hash.update(JSON.stringify(found));
  const bytes = hash.digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  const groups = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)];
  return `urn:uuid:${groups.join("-")}`;
}

function metadata(report: Contents): object {
  const { createdAt, tool } = report;
  return {
    timestamp: createdAt,
    tools: { components: [{ type: "application", name: tool.name, version: tool.version }] },
    component: targetComponent(report),
  };
}

function targetComponent(report: Contents): object {
  const { target } = report;
  const inPart = layersInPart(report);
  const digest = target.manifestDigest ?? target.imageId;
  const sha256 = /^sha256:([0-9a-f]{64})$/.exec(digest ?? "")?.[1];
  const purl = imagePackageUrl(target);
  return {
    type: ["dir", "file", "sbom"].includes(target.kind) ? "application" : "container",
    "bom-ref": targetReference,
    name: target.name,
    ...(digest === undefined ? {} : { version: digest }),
    ...(sha256 === undefined ? {} : { hashes: [{ alg: "SHA-256", content: sha256 }] }),
    ...(purl === undefined ? {} : { purl }),
    properties: properties([
      ["plimsoll:target:kind", target.kind],
      ["plimsoll:target:imageId", target.imageId],
      ["plimsoll:target:manifestDigest", target.manifestDigest],
      ...(target.tags ?? []).map((tag) => ["plimsoll:target:tag", tag] as const),
      ["plimsoll:target:platform", target.platform],
      ["plimsoll:target:user", target.user],
      ["plimsoll:target:layersInPart", inPart > 0 ? String(inPart) : undefined],
      ...(report.unread ?? []).map((unread) => ["plimsoll:target:unread", unreadText(unread)] as const),
    ]),
  };
}

/** `pkg:oci/<name>@<digest>?repository_url=<repository>`, for an image with a manifest and a name. */
function imagePackageUrl({ tags, manifestDigest }: Target): string | undefined {
  const [reference] = (tags?.[0] ?? "").split("@", 1);
  if (!reference || manifestDigest === undefined) return undefined;
  const name = reference.slice(reference.lastIndexOf("/") + 1);
  const [stem, tag] = name.split(":", 2);
  if (!stem) return undefined;
  const repository = reference.slice(0, reference.length - name.length) + stem;
  const qualifiers = { repository_url: repository, ...(tag ? { tag } : {}) };
  return formatPackageUrl({ type: "oci", name: stem, version: manifestDigest, qualifiers });
}

function* components(report: Contents, references: readonly string[]): Generator<object> {
  if (report.distro) yield distributionComponent(report.distro);
  for (const [index, found] of report.packages.entries()) {
    const layer = found.layer === null ? undefined : report.layers[found.layer];
    yield packageComponent(found, { reference: references[index] ?? found.purl, layer });
  }
}

function distributionComponent({ id, version, name, idLike, codename, repositories = [] }: Distribution): object {
  return {
    type: "operating-system",
    "bom-ref": distributionReference,
    name: id,
    ...versionMember(version),
    description: name,
    properties: properties([
      ["plimsoll:distribution:id", id],
      ...idLike.map((like) => ["plimsoll:distribution:idLike", like] as const),
      ["plimsoll:distribution:codename", codename],
      ...repositories.map((repository) => ["plimsoll:distribution:repository", repository] as const),
    ]),
  };
}

function packageComponent(
  found: Package,
  { reference, layer }: { readonly reference: string; readonly layer: Layer | undefined },
): object {
  const licenses = licenseChoices(found.licenses ?? []);
  const isDistributionPackage = isDistributionType(found.type);
  const owner = found.ownedBy;
  return {
    type: "library",
    "bom-ref": reference,
    ...(found.vendor === undefined ? {} : { publisher: found.vendor }),
    ...groupAndName(found),
    ...versionMember(found.version),
    ...(licenses.length === 0 ? {} : { licenses }),
    purl: found.purl,
    properties: properties([
      ...found.paths.map((path) => ["plimsoll:path", path] as const),
      ["plimsoll:layer:diffId", layer?.diffId],
      ["plimsoll:source:name", found.source?.name],
      ["plimsoll:source:version", found.source?.version],
      ["plimsoll:ownedBy", owner && `${owner.type}/${owner.name}`],
      ["plimsoll:vendor", found.vendor],
      ["plimsoll:architecture", isDistributionPackage ? undefined : found.architecture],
      ["plimsoll:module", found.type === "rpm" ? undefined : found.module],
      ["plimsoll:linkedPackages", found.linkedPackages?.join(" ")],
      ["plimsoll:builtFor", found.builtFor],
      ...(found.linkedPrograms ?? []).map((program) => ["plimsoll:linkedProgram", JSON.stringify(program)] as const),
      ["plimsoll:mainModule", found.mainModule && "true"],
      ["plimsoll:groupIsGuess", found.groupIsGuess && "true"],
      ["plimsoll:ownProject", found.ownProject && "true"],
    ]),
    ...(found.paths.length === 0 ? {} : { evidence: { occurrences: found.paths.map((location) => ({ location })) } }),
  };
}

function groupAndName({ type, name }: Package): { readonly group?: string; readonly name: string } {
  const hasGroup = type === "maven" || type === "npm" || type === "composer" || type === "github" || type === "swift";
  const index = !hasGroup ? -1 : type === "maven" ? name.indexOf(":") : name.lastIndexOf("/");
  return index < 1 ? { name } : { group: name.slice(0, index), name: name.slice(index + 1) };
}

function versionMember(version: string | undefined): { readonly version?: string } {
  return version === undefined || version === "" || version.length > longestVersion ? {} : { version };
}

function properties(pairs: readonly (readonly [string, string | undefined])[]): readonly Property[] {
  return pairs.flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }]));
}

/**
 * A name for each package that no other component of the document has: its package URL, numbered where that repeats.
 */
function packageReferences(packages: readonly Package[]): readonly string[] {
  const seen = new Map<string, number>();
  return packages.map(({ purl }) => {
    const count = (seen.get(purl) ?? 0) + 1;
    seen.set(purl, count);
    return count === 1 ? purl : `${purl} (${count})`;
  });
}

/** The target holds the distribution and the packages outside it; the distribution holds its own. */
function* dependencies({ distro, packages }: Contents, references: readonly string[]): Generator<object> {
  const ofDistribution: string[] = [];
  const ofTarget: string[] = [];
  for (const [index, found] of packages.entries()) {
    const reference = references[index] ?? found.purl;
    (distro && isDistributionType(found.type) ? ofDistribution : ofTarget).push(reference);
  }
  yield { ref: targetReference, dependsOn: distro ? [distributionReference, ...ofTarget] : ofTarget };
  if (distro) yield { ref: distributionReference, dependsOn: ofDistribution };
}

/** Layers of which the tar may hold more than the table of contents by which they were read. */
function layersInPart({ layers }: Contents): number {
  return layers.filter(({ inPart }) => inPart).length;
}

/** As `conda, installed: 12 files`. */
function unreadText({ packagesOf, kind, files }: UnreadFiles): string {
  return `${packagesOf}, ${kind}: ${files} ${files === 1 ? "file" : "files"}`;
}

/** True when some part of the target could not be read, or is not, so that packages may be missing. */
function isIncomplete({ problems, unread = [] }: Contents): boolean {
  return unread.length > 0 || problems.some(({ code }) => code === "unreadable" || code === "limit-exceeded");
}
