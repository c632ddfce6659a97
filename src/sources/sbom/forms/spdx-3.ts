/*
 * SPDX 3.0 as JSON-LD: elements in `@graph`, each with a `type` and an `spdxId`, that name each other.
 *
 *   { "@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": [
 *     { "type": "SpdxDocument" or "software_Sbom", "rootElement": [ id … ] },
 *     { "type": "CreationInfo", "specVersion": "3.0.1", "createdUsing": [ id … ] }, { "type": "Tool", "name" },
 *     { "type": "software_Package", "spdxId", "name", "software_packageVersion", "software_packageUrl",
 *       "software_primaryPurpose", "software_sourceInfo", "suppliedBy": id,
 *       "externalIdentifier": [ { "externalIdentifierType": "packageUrl", "identifier" } ] },
 *     { "type": "software_File", "spdxId", "name" },
 *     { "type": "simplelicensing_LicenseExpression", "simplelicensing_licenseExpression" },
 *     { "type": "Relationship", "from": id, "relationshipType": "dependsOn", "to": [ id … ] } ] }
 *
 * Source: https://spdx.github.io/spdx-spec/v3.0.1/, the model and its serialisation.
 */

import { PlimsollError } from "../../../model/error.ts";
import { isJsonObject, type JsonObject } from "../../../model/objects/json-object.ts";

/** The types of relationship that are read, in the words of SPDX 2.3. */
const relationshipTypes: Readonly<Record<string, string>> = {
  ancestorOf: "ANCESTOR_OF",
  contains: "CONTAINS",
  descendantOf: "DESCENDANT_OF",
  describes: "DESCRIBES",
};

/** True for a document of SPDX 3. */
export function isSpdx3({ "@context": context }: JsonObject): boolean {
  const first: unknown = Array.isArray(context) ? context[0] : context;
  return typeof first === "string" && first.startsWith("https://spdx.org/rdf/3");
}

/** The same document in the form of SPDX 2.3, with the members that are read. Throws `sbom-malformed`. */
export function spdxFromSpdx3(document: JsonObject): JsonObject {
  const graph = document["@graph"];
  if (!Array.isArray(graph)) throw malformed("it has no @graph");
  const elements = graph.filter(isJsonObject);
  const ofType = (...types: readonly string[]): JsonObject[] => elements.filter(({ type }) => isOneOf(type, types));
  const byId = new Map(elements.map((element) => [idOf(element), element]));
  const versions = ofType("CreationInfo").flatMap(({ specVersion }) => specVersion ?? []);
  if (!versions.some((version) => typeof version === "string" && version.startsWith("3.0"))) {
    throw malformed("it is not of version 3.0");
  }
  const relationships = ofType("Relationship", "LifecycleScopedRelationship");
  const licenses = licensesOf(relationships, byId);
  const tools = ofType("CreationInfo").flatMap(({ createdUsing }) => listOf(createdUsing).map((id) => byId.get(id)));
  return {
    spdxVersion: "SPDX-2.3",
    creationInfo: { creators: tools.flatMap((tool) => (tool ? [`Tool: ${String(tool["name"])}`] : [])) },
    documentDescribes: described(ofType("SpdxDocument"), byId),
    packages: ofType("software_Package").map((element) => packageOf(element, { byId, licenses })),
    files: ofType("software_File").map((element) => ({ SPDXID: idOf(element), fileName: element["name"] })),
    relationships: relationships.flatMap(relationshipsIn),
  };
}

/** What the document is about; a list of software is about what it has as its root. */
function described(documents: readonly JsonObject[], byId: ReadonlyMap<unknown, JsonObject>): unknown[] {
  const roots = documents.flatMap(({ rootElement }) => listOf(rootElement));
  return roots.flatMap((id) => {
    const element = byId.get(id);
    return element?.["type"] === "software_Sbom" ? listOf(element["rootElement"]) : [id];
  });
}

interface Known {
  readonly byId: ReadonlyMap<unknown, JsonObject>;
  readonly licenses: ReadonlyMap<unknown, unknown>;
}

function packageOf(element: JsonObject, { byId, licenses }: Known): JsonObject {
  const purpose = element["software_primaryPurpose"];
  const supplier = byId.get(element["suppliedBy"]);
  const kind = supplier?.["type"] === "Person" ? "Person" : "Organization";
  const identifiers = listOf(element["externalIdentifier"]).filter(isJsonObject);
  const purls = [
    element["software_packageUrl"],
    ...identifiers.flatMap(({ externalIdentifierType: type, identifier }) => (isPurl(type) ? [identifier] : [])),
  ].filter((purl) => typeof purl === "string");
  return {
    SPDXID: idOf(element),
    name: element["name"],
    versionInfo: element["software_packageVersion"],
    sourceInfo: element["software_sourceInfo"],
    ...(typeof purpose === "string" && { primaryPackagePurpose: inCapitals(purpose) }),
    ...(supplier && { supplier: `${kind}: ${String(supplier["name"])}` }),
    licenseDeclared: licenses.get(idOf(element)),
    externalRefs: [...new Set(purls)].map((purl) => ({ referenceType: "purl", referenceLocator: purl })),
  };
}

function isPurl(type: unknown): boolean {
  return type === "packageUrl" || type === "purl";
}

/** By the id of what is under it: the declared licence, else the concluded one. */
function licensesOf(
  relationships: readonly JsonObject[],
  byId: ReadonlyMap<unknown, JsonObject>,
): ReadonlyMap<unknown, unknown> {
  const licenses = new Map<unknown, unknown>();
  for (const type of ["hasConcludedLicense", "hasDeclaredLicense"]) {
    for (const { from, to, relationshipType } of relationships) {
      if (relationshipType !== type) continue;
      const text = byId.get(listOf(to)[0])?.["simplelicensing_licenseExpression"];
      if (typeof text === "string" && text !== "NOASSERTION" && text !== "NONE") licenses.set(from, text);
    }
  }
  return licenses;
}

function relationshipsIn({ from, to, relationshipType }: JsonObject): JsonObject[] {
  const type = typeof relationshipType === "string" ? relationshipType : "";
  if (type === "dependsOn") {
    return listOf(to).map((id) => ({ spdxElementId: id, relationshipType: "DEPENDENCY_OF", relatedSpdxElement: from }));
  }
  if (!Object.hasOwn(relationshipTypes, type)) return [];
  return listOf(to).map((id) => ({
    spdxElementId: from,
    relationshipType: relationshipTypes[type],
    relatedSpdxElement: id,
  }));
}

function idOf(element: JsonObject): unknown {
  return element["spdxId"] ?? element["@id"];
}

function isOneOf(type: unknown, types: readonly string[]): boolean {
  return typeof type === "string" && types.includes(type);
}

/** `operatingSystem` becomes `OPERATING_SYSTEM`. */
function inCapitals(word: string): string {
  return word.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : value === undefined ? [] : [value];
}

function malformed(reason: string): PlimsollError {
  return new PlimsollError("sbom-malformed", `the SPDX 3 document is damaged: ${reason}`, {
    hint: "Check the document against the schema of its format, or generate it again.",
  });
}
