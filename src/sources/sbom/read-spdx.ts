/*
 * SPDX JSON, versions 2.2 and 2.3 (https://spdx.github.io/spdx-spec/v2.3/). Members that are read here:
 *
 *   { "spdxVersion": "SPDX-2.3", "documentDescribes": [ id … ],
 *     "packages": [ { "SPDXID", "name", "versionInfo", "primaryPackagePurpose", "licenseDeclared", "licenseConcluded",
 *                     "supplier", "sourceInfo", "annotations", "externalRefs": [ { "referenceType": "purl",
 *                     "referenceLocator" } ] } … ],
 *     "files": [ { "SPDXID", "fileName" } … ],
 *     "relationships": [ { "spdxElementId", "relationshipType", "relatedSpdxElement", "comment" } … ] }
 */
import { PlimsollError } from "../../model/error.ts";
import type { Package, PackageOwner } from "../../model/packages/package.ts";
import { isDistributionType, isPackageType } from "../../model/packages/package-type.ts";
import { parsePackageUrl } from "../../model/packages/package-url.ts";
import type { Context } from "../../model/plugin.ts";
import { distributionNamed } from "./distribution-name.ts";
import { type JsonPlace, memberList, memberObjects, memberText } from "./json-shape.ts";
import { isMadeBySyft, namesOtherSources } from "./made-by.ts";
import { SbomCollector, type SbomContents } from "./sbom-collector.ts";
import type { SbomEntry } from "./sbom-package.ts";
import { sourceFromSourceInfo } from "./source-package.ts";

/** Reads a parsed SPDX document. Throws `sbom-malformed` for another version and for values of the wrong type. */
export function readSpdx(document: JsonPlace, context: Context): SbomContents {
  const version = memberText(document, "spdxVersion");
  if (version !== "SPDX-2.2" && version !== "SPDX-2.3") {
    const what = version === undefined ? "gives no version" : `is of version ${JSON.stringify(version.slice(0, 40))}`;
    throw new PlimsollError("sbom-malformed", `the SPDX document ${what}; versions 2.2 and 2.3 are supported`);
  }
  const collector = new SbomCollector(context);
  const { owners, ...related } = relationshipsOf(document);
  const reading: Reading = { ...related, collector, files: filesOf(document), bySyft: isMadeBySyft(document) };
  const byId = new Map<string, Package>();
  for (const element of memberObjects(document, "packages")) {
    collector.count();
    const found = readPackage(element, reading);
    const id = memberText(element, "SPDXID");
    if (id) collector.identify(id, contentsOf(element));
    if (found && id !== undefined) byId.set(id, found);
  }
  const contents = collector.finish({
    format: "spdx",
    namesOtherSources: namesOtherSources(document),
    incomplete: false,
  });
  return owners.size === 0 ? contents : { ...contents, packages: withOwners(contents.packages, { byId, owners }) };
}

/** What a package is, as text. */
function contentsOf(element: JsonPlace): string {
  const { object } = element;
  const said = ["name", "versionInfo", "primaryPackagePurpose"].map((key) => object[key] ?? null);
  return JSON.stringify([...said, ...purlsOf(element)]);
}

interface Reading {
  readonly collector: SbomCollector;
  /** The ids of what the document describes; one alone is the target, not a package in it. */
  readonly described: ReadonlySet<string>;
  /** The ids of copies of other packages of the document, which are judged in their place. */
  readonly copies: ReadonlySet<string>;
  readonly contained: Relationships["contained"];
  readonly dependencies: Relationships["dependencies"];
  readonly dependents: Relationships["dependents"];
  readonly bySyft: boolean;
  /** Names of files by their ids. */
  readonly files: ReadonlyMap<string, string>;
}

/** Purposes of what is never a package installed in the target. SPDX 2.3, section 7.24. */
const otherPurposes: ReadonlySet<string> = new Set([
  "ARCHIVE",
  "CONTAINER",
  "DEVICE",
  "FILE",
  "FIRMWARE",
  "INSTALL",
  "OPERATING-SYSTEM",
  "OPERATING_SYSTEM",
  "OTHER",
  "SOURCE",
]);

function readPackage(element: JsonPlace, reading: Reading): Package | undefined {
  const { collector, described, copies, contained, dependencies, dependents, files, bySyft } = reading;
  const purpose = memberText(element, "primaryPackagePurpose");
  const id = memberText(element, "SPDXID") ?? "";
  // What a Go program is built from are dependencies of its main module, as Syft relates them.
  const isMain = bySyft && dependents.has(id) && !dependencies.has(id);
  const isTarget = described.size === 1 && described.has(id);
  const entry = withFiles(entryOf(element, { isMain, isTarget, bySyft }), {
    element,
    files: (contained.get(id) ?? []).map((one) => files.get(one)),
  });
  if (purpose === "OPERATING-SYSTEM" || purpose === "OPERATING_SYSTEM") {
    const [name] = entry.names;
    if (!name) return undefined;
    if (isTarget) collector.describe(distributionNamed(name, entry.version));
    else collector.declare(distributionNamed(name, entry.version));
    return undefined;
  }
  // In a distribution, SOURCE marks the source of packages; in a language, many packages exist only as source.
  if (purpose === "SOURCE" && !entry.purls.some(isLanguagePackage)) return undefined;
  const isOther = isTarget || copies.has(id);
  // Trivy names its groups, such as `app/Gemfile.lock`, applications without a version.
  const isGroup = purpose === "APPLICATION" && entry.version === undefined && entry.purls.length === 0;
  const expected = !isOther && !isGroup && !otherPurposes.has(purpose ?? "");
  return collector.add(entry, expected);
}

/** The program lists the modules that it is built from; this file lists those of programs that may be built. */
const goMod = /(?:^|\/)go\.mod$/;

function isLanguagePackage(purl: string): boolean {
  const type = parsePackageUrl(purl)?.type;
  return type !== undefined && isPackageType(type) && !isDistributionType(type);
}

function entryOf(
  element: JsonPlace,
  { isMain, isTarget, bySyft }: { readonly isMain: boolean; readonly isTarget: boolean; readonly bySyft: boolean },
): SbomEntry {
  const purls = purlsOf(element);
  const name = memberText(element, "name");
  const versionInfo = memberText(element, "versionInfo");
  const sourceInfo = memberText(element, "sourceInfo");
  const supplier = memberText(element, "supplier") ?? memberText(element, "originator");
  const remarks = remarksOf(element);
  const paths = pathsFrom(sourceInfo);
  return {
    purls,
    names: name === undefined ? [] : [name],
    version: versionInfo === "NOASSERTION" ? undefined : versionInfo || undefined,
    source: () => sourceFromSourceInfo(sourceInfo),
    paths,
    licenses: licensesOf(element),
    vendor: makerFrom(supplier, purls),
    architecture: undefined,
    module: remarks("Modularitylabel")[0],
    repositories: remarks("ContentSet"),
    ownedBy: undefined,
    linkedPackages: undefined,
    builtFor: undefined,
    linkedPrograms: [],
    mainModule: isMain && !paths.some((path) => goMod.test(path)),
    ownProject: isTarget && purls.some(isLanguagePackage),
    groupMayBeGuess: bySyft,
  };
}

/**
 * An organisation, or a person as the maintainer of a deb: `Person: Docker (support@docker.com)` is
 * `Docker <support@docker.com>`.
 */
function makerFrom(supplier: string | undefined, purls: readonly string[]): string | undefined {
  const isRpm = purls.some((purl) => purl.startsWith("pkg:rpm/"));
  const isDeb = purls.some((purl) => purl.startsWith("pkg:deb/"));
  const [, kind, written] = /^(Organization|Person): (.*)$/.exec(supplier ?? "") ?? [];
  if (!(isRpm || isDeb) || (kind === "Person" && isRpm)) return undefined;
  const start = written?.endsWith(")") ? written.lastIndexOf(" (") : -1;
  const address = written?.slice(start + 2, -1);
  return written !== undefined && start > 0 && address?.includes("@")
    ? `${written.slice(0, start)} <${address}>`
    : written;
}

/** What Trivy writes into annotations for want of properties, by its word: `Modularitylabel: nodejs:16:…`. */
function remarksOf(element: JsonPlace): (word: string) => string[] {
  const comments = trivyRemarks(element);
  return (word) =>
    comments.flatMap((comment) => (comment.startsWith(`${word}: `) ? comment.slice(word.length + 2) : []));
}

function trivyRemarks(element: JsonPlace): string[] {
  return [...memberObjects(element, "annotations")]
    .filter((annotation) => memberText(annotation, "annotator")?.startsWith("Tool: trivy"))
    .flatMap((annotation) => memberText(annotation, "comment") ?? []);
}

/** Both the short type and the one that documents converted from RDF carry. */
function purlsOf(element: JsonPlace): readonly string[] {
  const purls: string[] = [];
  for (const reference of memberObjects(element, "externalRefs")) {
    const type = memberText(reference, "referenceType");
    if (type !== "purl" && type !== "http://spdx.org/rdf/references/purl") continue;
    const locator = memberText(reference, "referenceLocator");
    if (locator !== undefined) purls.push(locator);
  }
  return purls;
}

/**
 * Syft writes `acquired package info from RPM DB: /var/lib/rpm/rpmdb.sqlite`, several paths joined with commas; Trivy
 * `package found in: usr/local/bin/app`.
 */
function pathsFrom(sourceInfo: string | undefined): readonly string[] {
  const list = /^acquired package info from [^:]*: (.*)$/.exec(sourceInfo ?? "")?.[1]?.split(", ");
  const program = /^package found in: (.*)$/.exec(sourceInfo ?? "")?.[1];
  return cleanPaths(list ?? (program === undefined ? [] : [program]));
}

/**
 * With the file of a package where Trivy wrote the package: the one in which it was found. Others relate a package to
 * all files that it installed.
 */
function withFiles(
  entry: SbomEntry,
  { element, files }: { readonly element: JsonPlace; readonly files: readonly (string | undefined)[] },
): SbomEntry {
  if (entry.paths.length > 0 || files.length === 0 || trivyRemarks(element).length === 0) return entry;
  return { ...entry, paths: cleanPaths(files.filter((file) => file !== undefined)) };
}

/** From the root, without a leading slash. */
function cleanPaths(paths: readonly string[]): readonly string[] {
  return paths.map((path) => path.replace(/^\/+/, "")).filter((path) => path !== "");
}

function licensesOf(element: JsonPlace): readonly string[] {
  for (const key of ["licenseDeclared", "licenseConcluded"]) {
    const text = memberText(element, key);
    if (text && text !== "NOASSERTION" && text !== "NONE") return [text];
  }
  return [];
}

interface Relationships {
  readonly described: ReadonlySet<string>;
  readonly copies: ReadonlySet<string>;
  /** The id of a package to the id of the package that owns its files, as Syft relates them. */
  readonly owners: ReadonlyMap<string, string>;
  /** The id of whatever contains something to the ids of that. */
  readonly contained: ReadonlyMap<string, readonly string[]>;
  /** The ids of what something else depends on. */
  readonly dependencies: ReadonlySet<string>;
  /** The ids of what depends on something. */
  readonly dependents: ReadonlySet<string>;
}

function relationshipsOf(document: JsonPlace): Relationships {
  const described = new Set<string>();
  const copies = new Set<string>();
  const owners = new Map<string, string>();
  const contained = new Map<string, string[]>();
  const dependencies = new Set<string>();
  const dependents = new Set<string>();
  for (const id of memberList(document, "documentDescribes")) {
    if (typeof id === "string") described.add(id);
  }
  for (const relationship of memberObjects(document, "relationships")) {
    const from = memberText(relationship, "spdxElementId") ?? "";
    const type = memberText(relationship, "relationshipType");
    const to = memberText(relationship, "relatedSpdxElement") ?? "";
    if (type === "CONTAINS") {
      const known = contained.get(from);
      if (known) known.push(to);
      else contained.set(from, [to]);
    } else if (type === "DEPENDENCY_OF") {
      dependencies.add(from);
      dependents.add(to);
    } else if (type === "DESCRIBES") described.add(to);
    else if (type === "DESCRIBED_BY") described.add(from);
    else if (type === "DESCENDANT_OF") copies.add(from);
    else if (type === "ANCESTOR_OF") copies.add(to);
    else if (type === "OTHER" && memberText(relationship, "comment")?.startsWith("ownership-by-file-overlap")) {
      owners.set(to, from);
    }
  }
  return { described, copies, owners, contained, dependencies, dependents };
}

function filesOf(document: JsonPlace): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const file of memberObjects(document, "files")) {
    const id = memberText(file, "SPDXID");
    const name = memberText(file, "fileName");
    if (id !== undefined && name !== undefined) files.set(id, name);
  }
  return files;
}

function withOwners(
  packages: readonly Package[],
  { byId, owners }: { readonly byId: ReadonlyMap<string, Package>; readonly owners: Relationships["owners"] },
): readonly Package[] {
  const ownerOf = new Map<Package, PackageOwner>();
  for (const [id, ownerId] of owners) {
    const owned = byId.get(id);
    const owner = byId.get(ownerId);
    if (!owned || !owner || !isDistributionType(owner.type)) continue;
    ownerOf.set(owned, { type: owner.type, name: owner.name });
  }
  return packages.map((found) => {
    const ownedBy = ownerOf.get(found);
    return ownedBy ? { ...found, ownedBy } : found;
  });
}
