import { createHash } from "node:crypto";
import { isJsonObject, type JsonObject } from "../../model/objects/json-object.ts";
import { decodeBase64 } from "./base64.ts";
import { faultOfMaterial, longestProof } from "./bundle-material.ts";
import { mostEnvelopeMembers } from "./envelope.ts";
import { parseStrictJson } from "./strict-json.ts";

/*
 * Cosign 1 and 2 keep what proves a signature in annotations of its layer: the certificate and its chain in PEM, and
 * Rekor's receipt as JSON, {"SignedEntryTimestamp": BASE64, "Payload": {"body": BASE64, "integratedTime": N,
 * "logIndex": N, "logID": HEX}}, or a timestamp as {"SignedRFC3161Timestamp": BASE64}. Put together they are a bundle
 * of version 0.1, and have its bounds: they are not signed. Source: cosign, "Signature Specification".
 */

/** The annotation with the signature of a simple signing payload, in base64. */
export const signatureAnnotation = "dev.cosignproject.cosign/signature";
/** The annotation with the certificate. */
export const certificateAnnotation = "dev.sigstore.cosign/certificate";

const receiptAnnotation = "dev.sigstore.cosign/bundle";
const timestampAnnotation = "dev.sigstore.cosign/rfc3161timestamp";
const kind = /^[a-z]{1,32}$/;
const version = /^[0-9.]{1,16}$/;

/** What the annotations belong to: a message with its signature, or an envelope's JSON. */
export type Annotated =
  | { readonly message: Uint8Array; readonly signature: Buffer }
  | { readonly envelope: JsonObject };

/** The bundle that the annotations of a layer make; the text says why they make none, as a clause about "it". */
export function bundleOfAnnotations(
  annotations: Readonly<Record<string, string>>,
  annotated: Annotated,
): JsonObject | string {
  const certificate = readCertificate(annotations[certificateAnnotation] ?? "");
  if (!certificate) return "its certificate cannot be read";
  const receipt = annotations[receiptAnnotation];
  const entry = receipt === undefined ? undefined : readReceipt(receipt);
  if (typeof entry === "string") return entry;
  const timestamp = readTimestamp(annotations[timestampAnnotation]);
  if (typeof timestamp === "string") return timestamp;
  const verificationMaterial = {
    x509CertificateChain: { certificates: [{ rawBytes: certificate.toString("base64") }] },
    tlogEntries: entry ? [entry] : [],
    ...(timestamp && { timestampVerificationData: timestamp }),
  };
  const fault = faultOfMaterial(verificationMaterial);
  if (fault !== undefined) return fault;
  const mediaType = "application/vnd.dev.sigstore.bundle+json;version=0.1";
  return { mediaType, verificationMaterial, ...contentOf(annotated) };
}

function contentOf(annotated: Annotated): JsonObject {
  if ("envelope" in annotated) return { dsseEnvelope: annotated.envelope };
  const digest = createHash("sha256").update(annotated.message).digest("base64");
  const signature = annotated.signature.toString("base64");
  return { messageSignature: { messageDigest: { algorithm: "SHA2_256", digest }, signature } };
}

/** The first certificate in PEM, in DER; the chain comes from the trusted root. */
function readCertificate(pem: string): Buffer | undefined {
  if (pem.length > longestProof) return undefined;
  const [, base64] = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]*)-----END CERTIFICATE-----/.exec(pem) ?? [];
  const bytes = decodeBase64((base64 ?? "").replace(/\s+/g, ""));
  return bytes?.length ? bytes : undefined;
}

function readReceipt(text: string): JsonObject | string {
  const unreadable = "its log receipt cannot be read";
  const receipt = parseUnsigned(Buffer.from(text));
  if (!isJsonObject(receipt) || !isJsonObject(receipt["Payload"])) return unreadable;
  const { SignedEntryTimestamp: promise, Payload: payload } = receipt;
  const { body, integratedTime, logIndex, logID } = payload as JsonObject;
  if (typeof promise !== "string" || typeof body !== "string" || typeof logID !== "string") return unreadable;
  if (!Number.isSafeInteger(integratedTime) || !Number.isSafeInteger(logIndex)) return unreadable;
  const bytes = decodeBase64(body);
  if (!bytes || !/^[0-9a-f]{64}$/.test(logID)) return unreadable;
  const entry = parseUnsigned(bytes);
  if (typeof entry === "string") return unreadable;
  const { kind: entryKind, apiVersion } = entry;
  if (typeof entryKind !== "string" || !kind.test(entryKind)) return unreadable;
  if (typeof apiVersion !== "string" || !version.test(apiVersion)) return unreadable;
  return {
    logIndex: String(logIndex),
    logId: { keyId: Buffer.from(logID, "hex").toString("base64") },
    kindVersion: { kind: entryKind, version: apiVersion },
    integratedTime: String(integratedTime),
    inclusionPromise: { signedEntryTimestamp: promise },
    canonicalizedBody: body,
  };
}

function readTimestamp(text: string | undefined): JsonObject | string | undefined {
  if (text === undefined) return undefined;
  const document = text.length > longestProof ? undefined : parseUnsigned(Buffer.from(text));
  const signed = isJsonObject(document) ? document["SignedRFC3161Timestamp"] : undefined;
  if (typeof signed !== "string" || !decodeBase64(signed)?.length) return "its timestamp cannot be read";
  return { rfc3161Timestamps: [{ signedTimestamp: signed }] };
}

function parseUnsigned(bytes: Uint8Array): JsonObject | string {
  return parseStrictJson(bytes, { mostMembers: mostEnvelopeMembers });
}
