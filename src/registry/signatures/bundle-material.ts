import { isJsonObject, type JsonObject } from "../../model/objects/json-object.ts";
import { decodeBase64 } from "./base64.ts";

/*
 * What proves the signature of a bundle, before anybody verifies it: certificates, timestamps and entries of the log.
 * These members are not signed, and Sigstore's library turns any value there into a text, makes an object for every two
 * bytes of a certificate and reads numbers of any length. So each must have the JSON type that Protocol Buffers give
 * it, and a length that something honest has. `null` is a member that is not there. Sources: sigstore/protobuf-specs,
 * `sigstore_bundle.proto`, `sigstore_rekor.proto`; Protocol Buffers, "ProtoJSON Format".
 */

type Check = (value: unknown) => boolean;

const mostProofs = 8;
const deepestTree = 64;
/** The most characters of a certificate, a timestamp or what a log signed. */
export const longestProof: number = 64 * 1024;
const longestEntry = 1024 * 1024;
const longestHash = 256;
const longestName = 64;
/** Up to 2^63 - 1, which Protocol Buffers write as text. */
const number = /^(?:0|[1-9][0-9]{0,18})$/;

const isCertificate = object({ rawBytes: base64(longestProof) });
const isChain = object({ certificates: list(isCertificate) });
const isKey = object({ hint: optional(text(longestProof)) });
const isTimestamps = object({
  rfc3161Timestamps: optional(list(object({ signedTimestamp: base64(longestProof) }))),
});
const isProof = object({
  logIndex: optional(isWholeNumber),
  treeSize: optional(isWholeNumber),
  rootHash: optional(base64(longestHash)),
  hashes: optional(list(base64(longestHash))),
  checkpoint: optional(object({ envelope: text(longestProof) })),
});
const isEntry = object({
  logIndex: optional(isWholeNumber),
  integratedTime: optional(isWholeNumber),
  logId: object({ keyId: base64(longestHash) }),
  kindVersion: object({ kind: text(longestName), version: text(longestName) }),
  inclusionPromise: optional(object({ signedEntryTimestamp: base64(longestProof) })),
  inclusionProof: optional(isProof),
  canonicalizedBody: base64(longestEntry),
});

const checks: readonly (readonly [member: string, check: Check, name: string])[] = [
  ["publicKey", isKey, "key"],
  ["certificate", isCertificate, "certificate"],
  ["x509CertificateChain", isChain, "certificate chain"],
  ["timestampVerificationData", isTimestamps, "timestamp"],
  ["tlogEntries", list(isEntry), "log entry"],
];

/** Why verification material is refused, as a clause about "it"; undefined when it can be verified. */
export function faultOfMaterial(material: JsonObject): string | undefined {
  const excess = tooMany(material);
  if (excess !== undefined) return excess;
  const wrong = checks.find(([member, check]) => !optional(check)(material[member]));
  return wrong && `its ${wrong[2]} cannot be read or is too long`;
}

function tooMany({ x509CertificateChain, tlogEntries, timestampVerificationData }: JsonObject): string | undefined {
  const timestamps = memberOf(timestampVerificationData, "rfc3161Timestamps");
  const lists = [memberOf(x509CertificateChain, "certificates"), tlogEntries, timestamps];
  if (lists.some((one) => Array.isArray(one) && one.length > mostProofs)) {
    return `it has more than ${mostProofs} entries, timestamps or certificates`;
  }
  const entries: readonly unknown[] = Array.isArray(tlogEntries) ? tlogEntries : [];
  const proofs = entries.map((entry) => memberOf(memberOf(entry, "inclusionProof"), "hashes"));
  const isDeep = proofs.some((hashes) => Array.isArray(hashes) && hashes.length > deepestTree);
  return isDeep ? "its inclusion proof is too long" : undefined;
}

function memberOf(value: unknown, name: string): unknown {
  return isJsonObject(value) ? value[name] : undefined;
}

function object(members: Readonly<Record<string, Check>>): Check {
  return (value) => isJsonObject(value) && Object.entries(members).every(([name, check]) => check(value[name]));
}

function list(check: Check): Check {
  return (value) => Array.isArray(value) && value.every(check);
}

function optional(check: Check): Check {
  return (value) => value === undefined || value === null || check(value);
}

function text(longest: number): Check {
  return (value) => typeof value === "string" && value.length <= longest;
}

function base64(longest: number): Check {
  return (value) => typeof value === "string" && value.length <= longest && (decodeBase64(value)?.length ?? 0) > 0;
}

function isWholeNumber(value: unknown): boolean {
  return typeof value === "number"
    ? Number.isSafeInteger(value) && value >= 0
    : typeof value === "string" && number.test(value);
}
