import { readDocument } from "../../io/documents/read-document.ts";
import { PlimsollError } from "../../model/error.ts";
import { isJsonObject, type JsonObject } from "../../model/objects/json-object.ts";
import type { Context } from "../../model/plugin.ts";
import { cycloneDxFromXml } from "./forms/cyclonedx-xml.ts";
import { isSpdx3, spdxFromSpdx3 } from "./forms/spdx-3.ts";
import { spdxFromTagValue } from "./forms/spdx-tag-value.ts";
import { type JsonPlace, objectAt } from "./json-shape.ts";
import { foreignForm } from "./looks-like-sbom.ts";
import { readCycloneDx } from "./read-cyclonedx.ts";
import { readSpdx } from "./read-spdx.ts";
import type { SbomContents } from "./sbom-collector.ts";
import { type Unwrapped, unwrapStatement } from "./unwrap-statement.ts";

/** The largest SBOM that is read, in bytes. */
export const largestSbom: number = 256 * 1024 * 1024;

/** A document that was read. */
export interface ReadSbom extends SbomContents {
  /** Whether the SBOM was the predicate of an in-toto statement. */
  readonly inStatement: boolean;
}

/**
 * Reads an SBOM: CycloneDX 1.2 to 1.7 in JSON or XML, SPDX 2.2 and 2.3 in JSON, YAML (up to 4 MiB) or tag-value, or
 * SPDX 3.0 in JSON-LD, told apart by content; JSON also as the predicate of an in-toto statement, in a DSSE envelope
 * too. Signatures are not verified, which is a problem. Packages are those with a package URL of a type that Plimsoll
 * knows; entries that should be evaluated and lack one are one `unreadable`
 * problem together. Container images, source packages and the like are left out.
 *
 * Throws `sbom-malformed` when the bytes are not such a document or a value in it has the wrong type, `limit-exceeded`
 * beyond 256 MiB or a million components, `cancelled` on abort.
 */
export function readSbom(bytes: Uint8Array, context: Context): ReadSbom {
  const { document, isSigned, inStatement } = parse(bytes);
  if (isSigned) {
    const message = "the signatures of the DSSE envelope around the SBOM were not verified";
    context.problem({ code: "not-examined", message });
  }
  if (document.object["bomFormat"] === "CycloneDX") return { ...readCycloneDx(document, context), inStatement };
  if (document.object["spdxVersion"] !== undefined) return { ...readSpdx(document, context), inStatement };
  if (isSpdx3(document.object)) {
    const converted = objectAt(spdxFromSpdx3(document.object), "");
    return { ...readSpdx(converted, context), inStatement };
  }
  if (isSyftJson(document)) {
    throw refused("Syft's own JSON", "Convert it: `syft convert FILE -o cyclonedx-json`.");
  }
  throw new PlimsollError("sbom-malformed", "the JSON document is neither CycloneDX nor SPDX", {
    hint: 'Give a document with "bomFormat": "CycloneDX" or with "spdxVersion".',
  });
}

function parse(bytes: Uint8Array): Omit<Unwrapped, "document"> & { readonly document: JsonPlace } {
  if (bytes.length > largestSbom) {
    throw new PlimsollError("limit-exceeded", `the SBOM is ${bytes.length} bytes; the limit is 256 MiB`, {
      hint: "Split the document.",
    });
  }
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new PlimsollError("sbom-malformed", "the SBOM is not UTF-8 text", { cause });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const object = foreignDocument(text);
    if (object) return { document: objectAt(object, ""), isSigned: false, inStatement: false };
    throw new PlimsollError("sbom-malformed", "the SBOM is not well-formed JSON", {
      hint: "The document may be cut off; generate it again.",
      cause,
    });
  }
  const { document, ...around } = unwrapStatement(value);
  return { document: objectAt(document, ""), ...around };
}

/** The document in a form other than JSON, as JSON has it; undefined when it is in none that is known. */
function foreignDocument(text: string): JsonObject | undefined {
  const form = foreignForm(text);
  if (form === "CycloneDX XML") return cycloneDxFromXml(text);
  if (form === "SPDX tag-value") return spdxFromTagValue(text);
  if (form === "SPDX YAML") return spdxFromYaml(text);
  if (form !== undefined) throw refused(form);
  return undefined;
}

function spdxFromYaml(text: string): JsonObject {
  const document = readDocument(text);
  if ("value" in document && isJsonObject(document.value)) return document.value;
  const reason = "error" in document ? document.error : "it is not an object";
  throw new PlimsollError("sbom-malformed", `the SBOM is SPDX YAML that cannot be read: ${reason}`, {
    hint: "Convert it to SPDX 2.3 JSON.",
  });
}

/** Source: Syft's JSON schema; its documents name themselves at their end. */
function isSyftJson({ object: { artifacts, descriptor, schema } }: JsonPlace): boolean {
  const isSyft = isJsonObject(descriptor) && descriptor["name"] === "syft";
  const url = isJsonObject(schema) ? schema["url"] : undefined;
  return Array.isArray(artifacts) && (isSyft || (typeof url === "string" && url.includes("/anchore/syft/")));
}

function refused(form: string, hint = "Convert it to CycloneDX JSON or to SPDX 2.3 JSON."): PlimsollError {
  return new PlimsollError("sbom-malformed", `the SBOM is ${form}, which is not supported`, { hint });
}
