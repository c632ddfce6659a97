import { PlimsollError } from "../../model/error.ts";
import { isJsonObject } from "../../model/objects/json-object.ts";
import type { Context } from "../../model/plugin.ts";
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
 * Reads an SBOM: CycloneDX JSON 1.2 to 1.7 or SPDX JSON 2.2 and 2.3, told apart by content, alone or as the predicate
 * of an in-toto statement, also in a DSSE envelope. Signatures are not verified, which is a problem. Packages are those
 * with a package URL of a type that Plimsoll knows; entries that should be evaluated and lack one are one `unreadable`
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
  if (isSpdx3(document)) throw refused("SPDX 3");
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
    const form = foreignForm(text);
    if (form !== undefined) throw refused(form);
    throw new PlimsollError("sbom-malformed", "the SBOM is not well-formed JSON", {
      hint: "The document may be cut off; generate it again.",
      cause,
    });
  }
  const { document, ...around } = unwrapStatement(value);
  return { document: objectAt(document, ""), ...around };
}

function isSpdx3({ object }: JsonPlace): boolean {
  const context = object["@context"];
  const first: unknown = Array.isArray(context) ? context[0] : context;
  return typeof first === "string" && first.startsWith("https://spdx.org/rdf/3");
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
