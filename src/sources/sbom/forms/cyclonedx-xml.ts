/*
 * CycloneDX XML, versions 1.2 to 1.7: the same model as the JSON form, with these differences in what is read here.
 *
 *   <bom xmlns="http://cyclonedx.org/schema/bom/1.6">               the version stands in the namespace
 *     <components><component type="library" bom-ref="a"> …           type and reference are attributes
 *       <properties><property name="key">value</property></properties>
 *       <licenses><license><id>MIT</id></license><expression>…</expression></licenses>
 *     <dependencies><dependency ref="a"><dependency ref="b"/> …      what it depends on is inside it
 */

import { type XmlElement, xmlElementsIn } from "../../../io/documents/xml.ts";
import { PlimsollError } from "../../../model/error.ts";
import type { JsonObject } from "../../../model/objects/json-object.ts";

const parts: ReadonlySet<string> = new Set([
  "annotations",
  "components",
  "compositions",
  "declarations",
  "definitions",
  "dependencies",
  "formulation",
  "metadata",
  "services",
  "vulnerabilities",
]);

/** The JSON form of a document, with the members that are read. Throws `sbom-malformed`, `limit-exceeded`. */
export function cycloneDxFromXml(text: string): JsonObject {
  const [, specVersion] = /http:\/\/cyclonedx\.org\/schema\/bom\/([\d.]{1,10})/.exec(text.slice(0, 4096)) ?? [];
  const read = new Map<string, XmlElement>();
  try {
    for (const element of xmlElementsIn(text, { label: "the SBOM", root: "bom", elements: parts })) {
      if (!read.has(element.name)) read.set(element.name, element);
    }
  } catch (cause) {
    if (!(cause instanceof PlimsollError) || cause.code === "limit-exceeded") throw cause;
    throw new PlimsollError("sbom-malformed", cause.message, {
      hint: "The document may be cut off; generate it again.",
      cause,
    });
  }
  const metadata = read.get("metadata");
  return {
    bomFormat: "CycloneDX",
    ...(specVersion !== undefined && { specVersion }),
    ...(metadata && { metadata: metadataOf(metadata) }),
    components: componentsIn(read.get("components")),
    dependencies: childrenOf(read.get("dependencies"), "dependency").map((element) => ({
      ref: element.attributes["ref"],
      dependsOn: childrenOf(element, "dependency").flatMap(({ attributes }) => attributes["ref"] ?? []),
    })),
    compositions: childrenOf(read.get("compositions"), "composition").map(compositionOf),
  };
}

function metadataOf(metadata: XmlElement): JsonObject {
  const [described] = childrenOf(metadata, "component");
  const [tools] = childrenOf(metadata, "tools");
  const [listed] = childrenOf(tools, "components");
  const makers = [...childrenOf(tools, "tool"), ...childrenOf(listed, "component")];
  return {
    ...(described && { component: componentOf(described) }),
    tools: makers.map((tool) => ({ name: textOf(tool, "name"), vendor: textOf(tool, "vendor") })),
  };
}

function componentsIn(list: XmlElement | undefined): JsonObject[] {
  return childrenOf(list, "component").map(componentOf);
}

/** Texts as they are; without members that are empty. */
function componentOf(element: XmlElement): JsonObject {
  const [supplier] = childrenOf(element, "supplier");
  const [evidence] = childrenOf(element, "evidence");
  const [occurrences] = childrenOf(evidence, "occurrences");
  const [properties] = childrenOf(element, "properties");
  const [licenses] = childrenOf(element, "licenses");
  const [inside] = childrenOf(element, "components");
  return {
    type: element.attributes["type"],
    "bom-ref": element.attributes["bom-ref"],
    ...texts(element, ["group", "name", "version", "description", "purl", "cpe", "publisher"]),
    ...(supplier && { supplier: texts(supplier, ["name"]) }),
    licenses: (licenses?.children ?? []).flatMap(licenseOf),
    properties: childrenOf(properties, "property").map(({ attributes, text }) => {
      return { name: attributes["name"], value: text };
    }),
    evidence: { occurrences: childrenOf(occurrences, "occurrence").map((one) => texts(one, ["location"])) },
    components: componentsIn(inside),
  };
}

function licenseOf(element: XmlElement): JsonObject[] {
  if (element.name === "expression") return [{ expression: element.text }];
  return element.name === "license" ? [{ license: texts(element, ["id", "name"]) }] : [];
}

function compositionOf(element: XmlElement): JsonObject {
  const lists = ["assemblies", "dependencies", "vulnerabilities"].filter(
    (name) => childrenOf(element, name).length > 0,
  );
  return { aggregate: textOf(element, "aggregate"), ...Object.fromEntries(lists.map((name) => [name, []])) };
}

function texts(element: XmlElement, names: readonly string[]): JsonObject {
  return Object.fromEntries(
    names.flatMap((name) => {
      const text = textOf(element, name);
      return text === undefined ? [] : [[name, text]];
    }),
  );
}

function childrenOf(element: XmlElement | undefined, name: string): readonly XmlElement[] {
  return element?.children.filter((child) => child.name === name) ?? [];
}

function textOf(element: XmlElement, name: string): string | undefined {
  return childrenOf(element, name)[0]?.text;
}
