import { isJsonObject } from "../../model/objects/json-object.ts";
import { isDigest } from "../../model/packages/reference.ts";
import { type Claim, textAnnotations } from "./claim.ts";
import type { Envelope } from "./envelope.ts";
import { parseStrictJson } from "./strict-json.ts";

/*
 * An in-toto statement, the payload of an attestation:
 *
 *   {"_type": "https://in-toto.io/Statement/v1", "subject": [{"digest": {"sha256": HEX}, "annotations": {…}}, …],
 *    "predicateType": URI, "predicate": {…}}
 *
 * Cosign 3 writes a plain signature as a statement too, with a predicate type of its own and an empty predicate.
 * Sources: in-toto attestation framework, "Statement" v1 and v0.1; cosign, "Bundle specification".
 */

/** The predicate type of a statement that only says "this image". */
export const signaturePredicate = "https://sigstore.dev/cosign/sign/v1";

/** The media type of a statement. */
export const statementType = "application/vnd.in-toto+json";

const statementTypes: ReadonlySet<unknown> = new Set([
  "https://in-toto.io/Statement/v1",
  "https://in-toto.io/Statement/v0.1",
]);
const mostSubjects = 10_000;
const longestType = 1024;

/** The most members and elements of a statement: an SBOM of 32 MiB has one for every 20 to 40 bytes. */
const usualMembers = 3_000_000;

/**
 * Reads the statement in an envelope; the text says why it is refused, as a clause about "it". `mostMembers` bounds its
 * members and elements; 3 million unless given.
 */
export function readStatement(
  envelope: Envelope,
  { mostMembers = usualMembers }: { readonly mostMembers?: number } = {},
): Claim | string {
  if (envelope.payloadType !== statementType) return "its envelope does not contain a statement";
  const document = parseStrictJson(envelope.payload, { mostMembers });
  if (typeof document === "string") return `its statement cannot be read: ${document}`;
  if (!statementTypes.has(document["_type"])) return "its statement has an unknown type";
  const { predicateType, predicate, subject: subjects } = document;
  if (typeof predicateType !== "string" || predicateType === "" || predicateType.length > longestType) {
    return "its statement has no predicate type";
  }
  if (!Array.isArray(subjects) || subjects.length === 0) return "its statement has no subject";
  if (subjects.length > mostSubjects) return `its statement has more than ${mostSubjects} subjects`;
  const digests = subjects.flatMap(digestsOf);
  if (digests.length === 0) return "its statement has no subject with a digest";
  if (predicateType !== signaturePredicate) return { kind: "attestation", digests, predicateType, predicate };
  // Annotations belong to their subject: with several subjects, one's would be taken for another's.
  const [only, ...more] = subjects;
  const own = more.length === 0 && isJsonObject(only) ? only["annotations"] : undefined;
  const annotations = isJsonObject(own) ? textAnnotations(own) : undefined;
  return { kind: "signature", digests, ...(annotations && { annotations }) };
}

function digestsOf(subject: unknown): string[] {
  const digest = isJsonObject(subject) ? subject["digest"] : undefined;
  if (!isJsonObject(digest)) return [];
  return ["sha256", "sha512"].flatMap((algorithm) => {
    const hex = digest[algorithm];
    const text = `${algorithm}:${typeof hex === "string" ? hex : ""}`;
    return isDigest(text) ? [text] : [];
  });
}
