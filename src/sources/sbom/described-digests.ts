import { isJsonObject, type JsonObject, parseJson } from "../../model/objects/json-object.ts";
import { isDigest } from "../../model/packages/reference.ts";

/**
 * The digests that an SBOM gives the one thing that it describes: by its version, its hash, or its package URL. None
 * for what is not an SBOM and for one that describes several things.
 *
 * Sources: CycloneDX 1.6, `metadata.component`; SPDX 2.3, sections 7.3, 7.10, 7.21, 11.1 (`DESCRIBES`); package-url
 * types, `oci`.
 */
export function describedDigests(bytes: Uint8Array): ReadonlySet<string> {
  const document = parseJson(new TextDecoder().decode(bytes));
  if (!isJsonObject(document)) return new Set();
  const texts = document["bomFormat"] === "CycloneDX" ? inCycloneDx(document) : inSpdx(document);
  return new Set(texts.filter((text) => isDigest(text)));
}

function inCycloneDx({ metadata }: JsonObject): string[] {
  const component = isJsonObject(metadata) ? metadata["component"] : undefined;
  if (!isJsonObject(component)) return [];
  const hashes = objectsIn(component["hashes"]).filter(({ alg }) => alg === "SHA-256");
  return [
    ...textsIn([component["version"]]),
    ...textsIn(hashes.map(({ content }) => content)).map((hex) => `sha256:${hex}`),
    ...textsIn([component["purl"]]).map(versionOfPurl),
  ];
}

function inSpdx(document: JsonObject): string[] {
  const related = objectsIn(document["relationships"]).filter((one) => one["relationshipType"] === "DESCRIBES");
  const listed = Array.isArray(document["documentDescribes"]) ? document["documentDescribes"] : [];
  const described = new Set(textsIn([...listed, ...related.map((one) => one["relatedSpdxElement"])]));
  if (described.size !== 1) return [];
  const [only] = described;
  const element = objectsIn(document["packages"]).find((one) => one["SPDXID"] === only);
  if (!element) return [];
  const sums = objectsIn(element["checksums"]).filter(({ algorithm }) => algorithm === "SHA256");
  const purls = objectsIn(element["externalRefs"]).filter(({ referenceType }) => referenceType === "purl");
  return [
    ...textsIn([element["versionInfo"]]),
    ...textsIn(sums.map(({ checksumValue }) => checksumValue)).map((hex) => `sha256:${hex}`),
    ...textsIn(purls.map(({ referenceLocator }) => referenceLocator)).map(versionOfPurl),
  ];
}

/** `pkg:oci/name@sha256%3A…?arch=amd64` → `sha256:…`. */
function versionOfPurl(purl: string): string {
  const [path = ""] = purl.split(/[?#]/, 1);
  return path.slice(path.lastIndexOf("@") + 1).replace(/%3a/i, ":");
}

function objectsIn(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

function textsIn(values: readonly unknown[]): string[] {
  return values.filter((value) => typeof value === "string");
}
