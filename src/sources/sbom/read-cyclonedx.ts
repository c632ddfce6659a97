/*
 * CycloneDX JSON, versions 1.2 to 1.7 (https://cyclonedx.org/docs/). What is read here:
 *
 *   { "bomFormat": "CycloneDX", "specVersion": "1.6",
 *     "metadata": { "component": component },
 *     "components": [ component … ] }
 *   component = { "type", "group", "name", "version", "purl", "publisher", "licenses": [ … ],
 *                 "properties": [ { "name", "value" } ], "evidence": { "occurrences": [ { "location" } ] },
 *                 "components": [ component … ] }
 */
import type { Distribution } from "../../model/distribution.ts";
import { PlimsollError } from "../../model/error.ts";
import type { PackageOwner } from "../../model/package.ts";
import { isPackageType } from "../../model/package-url.ts";
import type { Context } from "../../model/plugin.ts";
import { distributionNamed } from "./distribution-name.ts";
import { type JsonObject, memberList, memberObject, memberText, objectAt } from "./json-shape.ts";
import { SbomCollector, type SbomContents } from "./sbom-collector.ts";
import type { SbomEntry } from "./sbom-package.ts";
import { type Properties, sourceFromProperties } from "./source-package.ts";

/** Reads a parsed CycloneDX document. Throws `sbom-malformed` for another version and for values of the wrong type. */
export function readCycloneDx(document: JsonObject, context: Context): SbomContents {
  const specVersion = memberText(document, "specVersion", "the document");
  if (document["bomFormat"] !== "CycloneDX" || specVersion === undefined || !/^1\.[2-7]$/.test(specVersion)) {
    const what =
      specVersion === undefined ? "gives no version" : `is of version ${JSON.stringify(specVersion.slice(0, 40))}`;
    throw new PlimsollError("sbom-malformed", `The CycloneDX document ${what}; 1.2 to 1.7 can be read.`);
  }
  const collector = new SbomCollector(context);
  const metadata = memberObject(document, "metadata", "the document");
  const described = metadata && memberObject(metadata, "component", "metadata");
  for (const [component, where] of componentsOf(document, described)) {
    collector.count();
    readComponent(component, where, collector);
  }
  return collector.finish("cyclonedx");
}

/** Every component, each before those inside it, without recursion; not the described one, which is the target itself. */
function* componentsOf(
  document: JsonObject,
  described: JsonObject | undefined,
): Generator<readonly [JsonObject, string]> {
  const open: { readonly list: readonly unknown[]; readonly where: string; index: number }[] = [
    { list: memberList(document, "components", "the document"), where: "components", index: 0 },
  ];
  if (described) {
    const list = memberList(described, "components", "metadata.component");
    open.push({ list, where: "metadata.component.components", index: 0 });
  }
  for (let level = open.at(-1); level; level = open.at(-1)) {
    if (level.index === level.list.length) {
      open.pop();
      continue;
    }
    // The path of a deeply nested component would grow without a bound.
    const where = open.length > 20 ? "a nested component" : `${level.where}[${level.index}]`;
    const component = objectAt(level.list[level.index], where);
    level.index += 1;
    yield [component, where];
    const list = memberList(component, "components", where);
    if (list.length > 0) open.push({ list, where: `${where}.components`, index: 0 });
  }
}

function readComponent(component: JsonObject, where: string, collector: SbomCollector): void {
  const type = memberText(component, "type", where);
  const properties = propertiesOf(component, where);
  if (type === "operating-system") {
    const distribution = distributionFrom(component, properties, where);
    if (distribution) collector.declare(distribution);
    return;
  }
  const entry = entryOf(component, properties, where);
  // An application without any identity groups others: Trivy's `app/Gemfile.lock`.
  const hasIdentity = entry.version !== undefined || entry.purls.length > 0 || component["cpe"] !== undefined;
  const isGroup = type === "application" && !hasIdentity;
  const isPackage = type === "library" || type === "framework" || type === "application" || type === undefined;
  collector.add(entry, isPackage && !isGroup);
}

function entryOf(component: JsonObject, properties: Properties, where: string): SbomEntry {
  const purl = memberText(component, "purl", where);
  const name = memberText(component, "name", where);
  const group = memberText(component, "group", where);
  const first = (key: string): string | undefined => properties.get(key)?.[0] || undefined;
  const publisher = purl?.startsWith("pkg:rpm/") ? memberText(component, "publisher", where) : undefined;
  return {
    purls: purl === undefined ? [] : [purl],
    names: name === undefined ? [] : group ? [`${group}/${name}`, `${group}:${name}`, name] : [name],
    version: memberText(component, "version", where) || undefined,
    source: (version) => sourceFromProperties(properties, version),
    paths: pathsOf(component, properties, where),
    licenses: licensesOf(component, where),
    vendor: first("plimsoll:vendor") ?? publisher,
    architecture: first("plimsoll:architecture"),
    module: first("plimsoll:module") ?? first("aquasecurity:trivy:Modularitylabel"),
    ownedBy: ownerFrom(first("plimsoll:ownedBy")),
  };
}

function propertiesOf(component: JsonObject, where: string): Properties {
  const properties = new Map<string, string[]>();
  for (const [index, item] of memberList(component, "properties", where).entries()) {
    const place = `${where}.properties[${index}]`;
    const property = objectAt(item, place);
    const name = memberText(property, "name", place);
    const value = memberText(property, "value", place);
    if (name === undefined || value === undefined) continue;
    const values = properties.get(name);
    if (values) values.push(value);
    else properties.set(name, [value]);
  }
  return properties;
}

function pathsOf(component: JsonObject, properties: Properties, where: string): readonly string[] {
  const own = properties.get("plimsoll:path");
  if (own) return own;
  const paths: string[] = [...(properties.get("aquasecurity:trivy:FilePath") ?? [])];
  for (const [name, values] of properties) {
    if (/^syft:location:\d+:path$/.test(name)) paths.push(...values);
  }
  const evidence = memberObject(component, "evidence", where);
  if (evidence && paths.length === 0) {
    const occurrences = `${where}.evidence.occurrences`;
    for (const [index, item] of memberList(evidence, "occurrences", `${where}.evidence`).entries()) {
      const place = `${occurrences}[${index}]`;
      const location = memberText(objectAt(item, place), "location", place);
      if (location !== undefined) paths.push(location);
    }
  }
  return paths.map((path) => path.replace(/^\/+/, "")).filter((path) => path !== "");
}

function licensesOf(component: JsonObject, where: string): readonly string[] {
  const licenses: string[] = [];
  for (const [index, item] of memberList(component, "licenses", where).entries()) {
    const place = `${where}.licenses[${index}]`;
    const choice = objectAt(item, place);
    const license = memberObject(choice, "license", place);
    const text = license
      ? (memberText(license, "id", `${place}.license`) ?? memberText(license, "name", `${place}.license`))
      : memberText(choice, "expression", place);
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

function distributionFrom(component: JsonObject, properties: Properties, where: string): Distribution | undefined {
  const first = (key: string): string | undefined => properties.get(key)?.[0] || undefined;
  const own = first("plimsoll:distribution:id");
  const written = memberText(component, "version", where) || undefined;
  const name = own ?? first("syft:distro:id") ?? memberText(component, "name", where);
  if (!name) return undefined;
  const named: Distribution =
    own === undefined
      ? distributionNamed(name, first("syft:distro:versionID") ?? written)
      : { id: own, idLike: [], ...(written === undefined ? {} : { version: written }), name: own };
  const idLike = [...(properties.get("plimsoll:distribution:idLike") ?? [])];
  for (const [key, values] of properties) {
    if (/^syft:distro:idLike:\d+$/.test(key)) idLike.push(...values);
  }
  const codename = first("plimsoll:distribution:codename") ?? first("syft:distro:versionCodename") ?? named.codename;
  return {
    ...named,
    idLike,
    ...(codename === undefined ? {} : { codename }),
    name: memberText(component, "description", where) || first("syft:distro:prettyName") || named.name,
  };
}
