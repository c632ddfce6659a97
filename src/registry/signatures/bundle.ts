import { isJsonObject, type JsonObject } from "../../model/json-object.ts";
import { decodeBase64 } from "./base64.ts";
import { type Envelope, readEnvelope } from "./envelope.ts";
import { parseStrictJson } from "./strict-json.ts";

/*
 * A Sigstore bundle, 0.1 to 0.3, as JSON:
 *
 *   {"mediaType": TYPE,
 *    "verificationMaterial": {"publicKey": {"hint": …} | "certificate": {"rawBytes": …} |
 *                             "x509CertificateChain": {"certificates": […]},
 *                             "tlogEntries": […], "timestampVerificationData": {"rfc3161Timestamps": […]}},
 *    "messageSignature": {"messageDigest": {"algorithm": …, "digest": …}, "signature": …} | "dsseEnvelope": {…}}
 *
 * The hint of a public key is a hint, and is not read. Source: sigstore/protobuf-specs, `sigstore_bundle.proto`.
 */
export interface Bundle {
  /** An envelope, or the signature of a message that is not in the bundle: the image's manifest. */
  readonly content: { readonly envelope: Envelope } | { readonly signature: Buffer };
  /** True when a certificate says who signed. */
  readonly hasCertificate: boolean;
  /** The whole bundle, its JSON read strictly. */
  readonly document: JsonObject;
}

const bundleType = /^application\/vnd\.dev\.sigstore\.bundle(?:\+json;version=0\.[1-3]|\.v0\.3\+json)$/;
const mostProofs = 8;
const deepestTree = 64;

/** True for the media types of a bundle. */
export function isBundleType(mediaType: string): boolean {
  return bundleType.test(mediaType);
}

/** Reads a bundle; the text says why it is refused, as a clause about "it". */
export function readBundle(bytes: Uint8Array): Bundle | string {
  const document = parseStrictJson(bytes);
  if (typeof document === "string") return document;
  const { mediaType, verificationMaterial: material, messageSignature, dsseEnvelope } = document;
  if (typeof mediaType !== "string" || !isBundleType(mediaType)) return "it is no bundle of a version from 0.1 to 0.3";
  if (!isJsonObject(material)) return "it says nothing about who signed";
  const signers = ["publicKey", "certificate", "x509CertificateChain"].filter((name) => isJsonObject(material[name]));
  if (signers.length !== 1) return "it does not say in one way who signed";
  const excess = tooMuch(material);
  if (excess !== undefined) return excess;
  if ((messageSignature === undefined) === (dsseEnvelope === undefined)) return "it does not hold one signature";
  const content = dsseEnvelope === undefined ? readMessageSignature(messageSignature) : readContent(dsseEnvelope);
  if (typeof content === "string") return content;
  return { content, hasCertificate: signers[0] !== "publicKey", document };
}

function readContent(dsseEnvelope: unknown): Bundle["content"] | string {
  const envelope = readEnvelope(dsseEnvelope);
  return typeof envelope === "string" ? envelope : { envelope };
}

function readMessageSignature(value: unknown): Bundle["content"] | string {
  const text: unknown = isJsonObject(value) ? value["signature"] : undefined;
  const signature = typeof text === "string" ? decodeBase64(text) : undefined;
  return signature?.length ? { signature } : "its signature is not base64";
}

/** Bounds the work of whoever verifies the bundle. */
function tooMuch(material: JsonObject): string | undefined {
  const timestamps = material["timestampVerificationData"];
  const chain = material["x509CertificateChain"];
  const entries = material["tlogEntries"] ?? [];
  const lists: unknown[] = [
    entries,
    isJsonObject(timestamps) ? (timestamps["rfc3161Timestamps"] ?? []) : [],
    isJsonObject(chain) ? (chain["certificates"] ?? []) : [],
  ];
  if (!lists.every((list) => Array.isArray(list) && list.length <= mostProofs)) {
    return `it has more than ${mostProofs} entries, timestamps or certificates`;
  }
  const deep = Array.isArray(entries) && entries.some((entry) => hashesIn(entry) > deepestTree);
  return deep ? "its proof is longer than that of any log" : undefined;
}

function hashesIn(entry: unknown): number {
  const proof = isJsonObject(entry) ? entry["inclusionProof"] : undefined;
  const hashes = isJsonObject(proof) ? proof["hashes"] : undefined;
  return Array.isArray(hashes) ? hashes.length : 0;
}
