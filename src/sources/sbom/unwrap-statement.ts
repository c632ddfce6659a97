import { PlimsollError } from "../../model/error.ts";
import { isJsonObject, type JsonObject, parseJson } from "../../model/objects/json-object.ts";

/*
 * An SBOM as an attestation carries it:
 *
 *   {"payloadType": "application/vnd.in-toto+json", "payload": BASE64, "signatures": [ … ]}     a DSSE envelope
 *   {"_type": "https://in-toto.io/Statement/v1", "subject": [ … ], "predicateType": URI, "predicate": SBOM}
 *
 * Old releases of cosign write a predicate as {"Data": SBOM, "Timestamp": …}, with SBOM as a text or an object.
 *
 * Sources: in-toto attestation framework, "Statement" v1 and v0.1; DSSE, "Envelope"; cosign,
 * `pkg/cosign/attestation`.
 */
const statementType = "application/vnd.in-toto+json";
const statementTypes: ReadonlySet<unknown> = new Set([
  "https://in-toto.io/Statement/v1",
  "https://in-toto.io/Statement/v0.1",
]);

/** A document without what was around it. */
export interface Unwrapped {
  readonly document: unknown;
  /** Whether it came out of an envelope, whose signatures were not verified here. */
  readonly isSigned: boolean;
  readonly inStatement: boolean;
}

/**
 * The predicate of an in-toto statement, in a DSSE envelope or alone; a document of any other kind as it is. Nothing is
 * verified. Throws `sbom-malformed` for an envelope around something other than a statement, and for a statement
 * without a predicate.
 */
export function unwrapStatement(document: unknown): Unwrapped {
  const isSigned = isJsonObject(document) && typeof document["payload"] === "string" && "payloadType" in document;
  const statement = isSigned ? payloadOf(document) : document;
  if (!isJsonObject(statement) || !statementTypes.has(statement["_type"])) {
    if (!isSigned) return { document, isSigned, inStatement: false };
    throw malformed("the DSSE envelope does not contain an in-toto statement");
  }
  const { predicate, predicateType } = statement;
  const data = isJsonObject(predicate) && "Data" in predicate ? predicate["Data"] : predicate;
  const sbom = typeof data === "string" ? parseJson(data) : data;
  if (isJsonObject(sbom) && isSbom(sbom)) return { document: sbom, isSigned, inStatement: true };
  const type = typeof predicateType === "string" ? JSON.stringify(predicateType.slice(0, 200)) : "not given";
  throw malformed(`the predicate of the in-toto statement is not an SBOM in JSON; its type is ${type}`);
}

function payloadOf({ payload, payloadType }: JsonObject): unknown {
  if (payloadType !== statementType || typeof payload !== "string") return undefined;
  return parseJson(Buffer.from(payload, "base64").toString("utf8"));
}

function isSbom(document: JsonObject): boolean {
  return ["bomFormat", "spdxVersion", "@context", "artifacts"].some((key) => document[key] !== undefined);
}

function malformed(message: string): PlimsollError {
  return new PlimsollError("sbom-malformed", message, {
    hint: "Give an attestation whose predicate is CycloneDX or SPDX in JSON.",
  });
}
