import { isJsonObject, type JsonObject } from "../../model/objects/json-object.ts";
import { decodeBase64 } from "./base64.ts";
import { faultOfMaterial } from "./bundle-material.ts";
import { type Envelope, mostEnvelopeMembers, readEnvelope } from "./envelope.ts";
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
  readonly content: { readonly envelope: Envelope } | MessageSignature;
  /** True when a certificate says who signed. */
  readonly hasCertificate: boolean;
  /** The whole bundle, its JSON read strictly. */
  readonly document: JsonObject;
}

/** A signature over a message, and a hash of that message. */
export interface MessageSignature {
  readonly signature: Buffer;
  readonly digest: Buffer;
  /** In Node's names. */
  readonly hash: string;
}

const bundleType = /^application\/vnd\.dev\.sigstore\.bundle(?:\+json;version=0\.[1-3]|\.v0\.3\+json)$/;
const hashes: ReadonlyMap<unknown, string> = new Map([
  ["SHA2_256", "sha256"],
  ["SHA2_384", "sha384"],
  ["SHA2_512", "sha512"],
]);

/** True for the media types of a bundle. */
export function isBundleType(mediaType: string): boolean {
  return bundleType.test(mediaType);
}

/** Reads a bundle; the text says why it is refused, as a clause about "it". */
export function readBundle(bytes: Uint8Array): Bundle | string {
  const document = parseStrictJson(bytes, { mostMembers: mostEnvelopeMembers });
  if (typeof document === "string") return document;
  const { mediaType, verificationMaterial: material, messageSignature, dsseEnvelope } = document;
  if (typeof mediaType !== "string" || !isBundleType(mediaType)) return "it is not a bundle of version 0.1, 0.2 or 0.3";
  if (!isJsonObject(material)) return "it does not identify the signer";
  const signers = ["publicKey", "certificate", "x509CertificateChain"].filter((name) => isJsonObject(material[name]));
  if (signers.length !== 1) return "it does not identify exactly one signer";
  const fault = faultOfMaterial(material);
  if (fault !== undefined) return fault;
  if ((messageSignature === undefined) === (dsseEnvelope === undefined))
    return "it does not have exactly one signature";
  const content = dsseEnvelope === undefined ? readMessageSignature(messageSignature) : readContent(dsseEnvelope);
  if (typeof content === "string") return content;
  return { content, hasCertificate: signers[0] !== "publicKey", document };
}

function readContent(dsseEnvelope: unknown): Bundle["content"] | string {
  const envelope = readEnvelope(dsseEnvelope);
  return typeof envelope === "string" ? envelope : { envelope };
}

function readMessageSignature(value: unknown): MessageSignature | string {
  const { signature: text, messageDigest: given } = isJsonObject(value) ? value : {};
  const signature = typeof text === "string" ? decodeBase64(text) : undefined;
  if (!signature?.length) return "its signature is not base64";
  const hash = isJsonObject(given) ? hashes.get(given["algorithm"]) : undefined;
  const encoded = isJsonObject(given) ? given["digest"] : undefined;
  const digest = typeof encoded === "string" ? decodeBase64(encoded) : undefined;
  return hash !== undefined && digest?.length ? { signature, digest, hash } : "it has no digest of its message";
}
