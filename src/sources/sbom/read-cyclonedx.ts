/*
 * CycloneDX JSON, versions 1.2 to 1.7 (https://cyclonedx.org/docs/). Members that are read here:
 *
 *   { "bomFormat": "CycloneDX", "specVersion": "1.6",
 *     "metadata": { "component": component },
 *     "components": [ component … ],
 *     "dependencies": [ { "ref", "dependsOn": [ ref … ] } … ] }
 *   component = { "bom-ref", "type", "group", "name", "version", "purl", "publisher", "licenses": [ … ],
 *                 "properties": [ { "name", "value" } ], "evidence": { "occurrences": [ { "location" } ] },
 *                 "components": [ component … ] }
 */

import { PlimsollError } from "../../model/error.ts";
import type { Distribution } from "../../model/packages/distribution.ts";
import type { PackageOwner } from "../../model/packages/package.ts";
import { isPackageType } from "../../model/packages/package-type.ts";
import { parsePackageUrl } from "../../model/packages/package-url.ts";
import type { Context } from "../../model/plugin.ts";
import { applicationPaths } from "./application-paths.ts";
import { distributionNamed } from "./distribution-name.ts";
import { withDistributionOwners } from "./distribution-owner.ts";
import { isDeclaredIncomplete } from "./is-declared-incomplete.ts";
import { type JsonPlace, memberList, memberObject, memberObjects, memberText, objectAt, pathOf } from "./json-shape.ts";
import { isMadeByPlimsoll, isMadeBySyft, namesOtherSources } from "./made-by.ts";
import { SbomCollector, type SbomContents } from "./sbom-collector.ts";
import type { SbomEntry } from "./sbom-package.ts";
import { type Properties, sourceFromProperties } from "./source-package.ts";

/** More repositories than an image is built from. */
const mostRepositories = 1000;

/** Reads a parsed CycloneDX document. Throws `sbom-malformed` for another version and for values of the wrong type. */
export function readCycloneDx(document: JsonPlace, context: Context): SbomContents {
  const specVersion = memberText(document, "specVersion");
  if (document.object["bomFormat"] !== "CycloneDX" || specVersion === undefined || !/^1\.[2-7]$/.test(specVersion)) {
    const what =
      specVersion === undefined ? "gives no version" : `is of version ${JSON.stringify(specVersion.slice(0, 40))}`;
    throw new PlimsollError("sbom-malformed", `the CycloneDX document ${what}; versions 1.2 to 1.7 are supported`);
  }
  const collector = new SbomCollector(context);
  const bySyft = isMadeBySyft(document);
  const metadata = memberObject(document, "metadata");
  const described = metadata && memberObject(metadata, "component");
  if (described && memberText(described, "type") === "operating-system") {
    const distribution = systemFrom(described);
    if (distribution) collector.describe(distribution);
  }
  const reading: Reading = { collector, programs: applicationPaths(document), bySyft };
  const root = described && rootPackage(described, bySyft);
  for (const component of componentsOf(document, described)) {
    collector.count();
    const id = memberText(component, "bom-ref");
    if (id) collector.identify(id, contentsOf(component));
    readComponent(component, reading);
  }
  if (root) collector.addRoot(root);
  const contents = collector.finish({
    format: "cyclonedx",
    namesOtherSources: namesOtherSources(document),
    incomplete: isDeclaredIncomplete(document.object),
  });
  return isMadeByPlimsoll(document) ? contents : { ...contents, packages: withDistributionOwners(contents.packages) };
}

/**
 * What the document is about, where that is a package itself: build tools write the application or the library that
 * they build there and nowhere else. For a Go module this is the main module. Undefined for images, folders and the
 * like.
 */
function rootPackage(described: JsonPlace, bySyft: boolean): SbomEntry | undefined {
  const type = memberText(described, "type");
  if (type !== "application" && type !== "library" && type !== "framework") return undefined;
  return { ...entryOf(described, { properties: propertiesOf(described), bySyft }), mainModule: true };
}

/**
 * Every component, each before those inside it, without recursion; not the described one, which is the target itself.
 */
function* componentsOf(document: JsonPlace, described: JsonPlace | undefined): Generator<JsonPlace> {
  const levelOf = (parent: JsonPlace): { list: readonly unknown[]; where: string; index: number } => {
    return { list: memberList(parent, "components"), where: pathOf(parent, "components"), index: 0 };
  };
  const open = [levelOf(document), ...(described ? [levelOf(described)] : [])];
  for (let level = open.at(-1); level; level = open.at(-1)) {
    if (level.index === level.list.length) {
      open.pop();
      continue;
    }
    // The path of a deeply nested component would grow without a bound.
    const where = open.length > 20 ? "a nested component" : `${level.where}[${level.index}]`;
    const component = objectAt(level.list[level.index], where);
    level.index += 1;
    yield component;
    const inside = levelOf(component);
    if (inside.list.length > 0) open.push(inside);
  }
}

/** What a component is, as text; where it stands and what is inside it do not matter. */
function contentsOf({ object }: JsonPlace): string {
  return JSON.stringify(["type", "group", "name", "version", "purl", "cpe"].map((key) => object[key] ?? null));
}

interface Reading {
  readonly collector: SbomCollector;
  readonly bySyft: boolean;
  readonly programs: ReturnType<typeof applicationPaths>;
}

function readComponent(component: JsonPlace, { collector, programs, bySyft }: Reading): void {
  const type = memberText(component, "type");
  if (type === "operating-system") {
    const distribution = systemFrom(component);
    if (distribution) collector.declare(distribution);
    return;
  }
  const properties = propertiesOf(component);
  const written = entryOf(component, { properties, bySyft });
  const reference = memberText(component, "bom-ref");
  const ofProgram = (reference !== undefined && programs.get(reference)) || [];
  const entry = written.paths.length === 0 ? { ...written, paths: cleanPaths(ofProgram) } : written;
  // An application without any identity groups others: Trivy's `app/Gemfile.lock`.
  const hasIdentity = entry.version !== undefined || entry.purls.length > 0 || component.object["cpe"] !== undefined;
  const isGroup = type === "application" && !hasIdentity;
  const isPackage = type === "library" || type === "framework" || type === "application" || type === undefined;
  collector.add(entry, isPackage && !isGroup);
}

function systemFrom(component: JsonPlace): Distribution | undefined {
  return distributionFrom(component, propertiesOf(component));
}

function entryOf(
  component: JsonPlace,
  { properties, bySyft }: { readonly properties: Properties; readonly bySyft: boolean },
): SbomEntry {
  const purl = memberText(component, "purl");
  const name = memberText(component, "name");
  const group = memberText(component, "group");
  const first = (key: string): string | undefined => properties.get(key)?.[0] || undefined;
  return {
    purls: purl === undefined ? [] : [purl],
    names: name === undefined ? [] : group ? [`${group}/${name}`, `${group}:${name}`, name] : [name],
    version: memberText(component, "version") || undefined,
    source: (version) => sourceFromProperties(properties, version),
    paths: pathsOf(component, properties),
    licenses: licensesOf(component),
    vendor:
      first("plimsoll:vendor") ?? (purl && hasBuildVendor.test(purl) ? makerOf(component, properties) : undefined),
    architecture: first("plimsoll:architecture"),
    module:
      first("plimsoll:module") ?? first("aquasecurity:trivy:Modularitylabel") ?? first("syft:metadata:modularityLabel"),
    repositories: properties.get("aquasecurity:trivy:ContentSet") ?? [],
    ownedBy: ownerFrom(first("plimsoll:ownedBy")),
    // Empty where the program contains none of the module's packages.
    linkedPackages: properties.get("plimsoll:linkedPackages")?.[0]?.split(" ").filter(Boolean),
    builtFor: first("plimsoll:builtFor"),
    linkedPrograms: properties.get("plimsoll:linkedProgram") ?? [],
    // Syft writes the name of the main module beside each module of its program.
    mainModule: first("plimsoll:mainModule") === "true" || isModule(first("syft:metadata:mainModule"), { purl, name }),
    ownProject: first("plimsoll:ownProject") === "true",
    // Syft writes a group of its own only where a pom.properties told it.
    groupMayBeGuess: first("plimsoll:groupIsGuess") === "true" || (bySyft && !group),
  };
}

function isModule(
  module: string | undefined,
  { purl, name }: { readonly purl: string | undefined; readonly name: string | undefined },
): boolean {
  if (module === undefined || purl === undefined) return false;
  if (module === name) return true;
  const url = parsePackageUrl(purl);
  const path = url?.subpath === undefined ? url?.name : `${url.name}/${url.subpath}`;
  return module.toLowerCase() === path?.toLowerCase();
}

/** Package managers whose packages name who built them. */
const hasBuildVendor = /^pkg:(?:rpm|deb)\//;

/**
 * Trivy writes into `supplier` what others write into `publisher`; elsewhere a supplier is who passed the software on.
 */
function makerOf(component: JsonPlace, properties: Properties): string | undefined {
  const publisher = memberText(component, "publisher");
  const supplier = properties.has("aquasecurity:trivy:PkgType") ? memberObject(component, "supplier") : undefined;
  return publisher ?? (supplier && memberText(supplier, "name"));
}

function propertiesOf(component: JsonPlace): Properties {
  const properties = new Map<string, string[]>();
  for (const property of memberObjects(component, "properties")) {
    const name = memberText(property, "name");
    const value = memberText(property, "value");
    if (name === undefined || value === undefined) continue;
    const values = properties.get(name);
    if (values) values.push(value);
    else properties.set(name, [value]);
  }
  return properties;
}

function pathsOf(component: JsonPlace, properties: Properties): readonly string[] {
  const own = properties.get("plimsoll:path");
  if (own) return own;
  const paths: string[] = [...(properties.get("aquasecurity:trivy:FilePath") ?? [])];
  for (const [name, values] of properties) {
    if (/^syft:location:\d+:path$/.test(name)) paths.push(...values);
  }
  const evidence = memberObject(component, "evidence");
  if (evidence && paths.length === 0) {
    for (const occurrence of memberObjects(evidence, "occurrences")) {
      const location = memberText(occurrence, "location");
      if (location !== undefined) paths.push(location);
    }
  }
  return cleanPaths(paths);
}

/** From the root, without a leading slash. */
function cleanPaths(paths: readonly string[]): readonly string[] {
  return paths.map((path) => path.replace(/^\/+/, "")).filter((path) => path !== "");
}

function licensesOf(component: JsonPlace): readonly string[] {
  const licenses: string[] = [];
  for (const choice of memberObjects(component, "licenses")) {
    const license = memberObject(choice, "license");
    const text = license
      ? (memberText(license, "id") ?? memberText(license, "name"))
      : memberText(choice, "expression");
    if (text) licenses.push(text);
  }
  return licenses;
}

/** `deb/python3-yaml`. */
function ownerFrom(text: string | undefined): PackageOwner | undefined {
  const slash = text?.indexOf("/") ?? -1;
  if (text === undefined || slash < 1) return undefined;
  const type = text.slice(0, slash);
  const name = text.slice(slash + 1);
  return isPackageType(type) && name !== "" ? { type, name } : undefined;
}

function distributionFrom(component: JsonPlace, properties: Properties): Distribution | undefined {
  const first = (key: string): string | undefined => properties.get(key)?.[0] || undefined;
  const own = first("plimsoll:distribution:id");
  const written = memberText(component, "version") || undefined;
  const name = own ?? first("syft:distro:id") ?? memberText(component, "name");
  if (!name) return undefined;
  const named: Distribution =
    own === undefined
      ? distributionNamed(name, first("syft:distro:versionID") ?? written)
      : { id: own, idLike: [], ...(written === undefined ? {} : { version: written }), name: own };
  const idLike = [...(properties.get("plimsoll:distribution:idLike") ?? [])];
  for (const [key, values] of properties) {
    if (/^syft:distro:idLike:\d+$/.test(key)) idLike.push(...values);
  }
  const repositories = (properties.get("plimsoll:distribution:repository") ?? []).slice(0, mostRepositories);
  const codename = first("plimsoll:distribution:codename") ?? first("syft:distro:versionCodename") ?? named.codename;
  return {
    ...named,
    idLike,
    ...(codename === undefined ? {} : { codename }),
    name: memberText(component, "description") || first("syft:distro:prettyName") || named.name,
    ...(repositories.length > 0 && { repositories }),
  };
}
