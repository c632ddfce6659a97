import { Ajv, type ErrorObject } from "ajv";
import addFormats from "ajv-formats";
import { corpusJson } from "../../setup/corpus.ts";

/** Gives the errors of a document against the official schema of a CycloneDX version; empty when it is valid. */
export function cycloneDxValidator(version: string): (document: unknown) => readonly ErrorObject[] {
  const folder = "sbom-vex/cyclonedx/schema";
  const ajv = new Ajv({ strict: false, allErrors: false });
  addFormats.default(ajv);
  // Formats of draft 7 that the package has no test for.
  ajv.addFormat("iri-reference", true);
  ajv.addFormat("idn-email", true);
  for (const name of ["spdx.schema.json", "jsf-0.82.schema.json", "cryptography-defs.schema.json"]) {
    ajv.addSchema(corpusJson<object>(folder, name), `http://cyclonedx.org/schema/${name}`);
  }
  const validate = ajv.compile(corpusJson<object>(folder, `bom-${version}.schema.json`));
  return (document) => (validate(document) ? [] : (validate.errors ?? []));
}
