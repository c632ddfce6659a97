import { createHash, createPublicKey, type KeyObject, verify } from "node:crypto";
import { PlimsollError } from "../../model/error.ts";
import { verifyEd25519ph } from "./ed25519ph.ts";

/*
 * Public keys in PEM (RFC 7468), as `cosign generate-key-pair` and OpenSSL write them. A key decides alone which
 * algorithm a signature made with it has; what a signature says of itself is not asked. Cosign signs with ECDSA over
 * the hash that belongs to the curve, older ones of it always over SHA-256; with RSA PKCS #1 v1.5 over SHA-256; and
 * with Ed25519 or, newer ones, Ed25519ph (RFC 8032).
 */

/** A trusted public key. */
export interface TrustedKey {
  /** `sha256:` and the hexadecimal SHA-256 of the key's SubjectPublicKeyInfo in DER. */
  readonly fingerprint: string;
  readonly key: KeyObject;
  /** The hashes that a signature may be made over, in Node's names; null where the algorithm brings its own. */
  readonly hashes: readonly (string | null)[];
}

const largestFile = 256 * 1024;
const mostKeys = 16;
const longestSignature = 4096;
const smallestModulus = 2048;
const largestModulus = 16_384;
const block = /-----BEGIN ([A-Z0-9 ]{1,40})-----([A-Za-z0-9+/=\s]*)-----END ([A-Z0-9 ]{1,40})-----/g;
const curves: ReadonlyMap<string, readonly string[]> = new Map([
  ["prime256v1", ["sha256"]],
  ["secp384r1", ["sha384", "sha256"]],
  ["secp521r1", ["sha512", "sha256"]],
]);

/**
 * The public keys of a PEM file: at least one, at most 16. `what` names the file.
 *
 * Errors: `file-malformed` for a file without a public key, with a private one, or with a key that is weak or of
 * another kind.
 */
export function readPublicKeys(pem: string, what: string): readonly TrustedKey[] {
  if (pem.length > largestFile) throw unusable(what, "it is too large");
  if (/-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/.test(pem)) throw unusable(what, "it contains a private key");
  const keys: TrustedKey[] = [];
  for (const [text, label, , end] of pem.matchAll(block)) {
    if (label !== end) throw unusable(what, "the begin and end lines of a PEM block differ");
    if (label !== "PUBLIC KEY" && label !== "RSA PUBLIC KEY")
      throw unusable(what, "it contains a PEM block that is not a public key");
    keys.push(readKey(text, what));
  }
  if (keys.length === 0) throw unusable(what, "no PEM public key found");
  if (keys.length > mostKeys) throw unusable(what, `it contains more than ${mostKeys} keys`);
  return keys;
}

/**
 * True when the key made the signature over the bytes. A signature of another algorithm, or of none, is false; for
 * Ed25519ph see {@link isHashSignedBy}.
 */
export function isSignedBy(key: TrustedKey, data: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length === 0 || signature.length > longestSignature) return false;
  return key.hashes.some((hash) => {
    try {
      return verify(hash, data, key.key, signature);
    } catch {
      return false;
    }
  });
}

/** True when the signature may be one that {@link isHashSignedBy} finds good. */
export function mayBeHashSigned({ key }: TrustedKey, signature: Uint8Array): boolean {
  return key.asymmetricKeyType === "ed25519" && signature.length === 64;
}

/** True when the key made the signature over a hash of the bytes, as Ed25519ph does. Takes about 10 ms. */
export function isHashSignedBy(key: TrustedKey, data: Uint8Array, signature: Uint8Array): boolean {
  return mayBeHashSigned(key, signature) && verifyEd25519ph(key.key, data, signature);
}

function readKey(pem: string, what: string): TrustedKey {
  let key: KeyObject;
  try {
    key = createPublicKey({ key: pem, format: "pem" });
  } catch {
    throw unusable(what, "one of its keys cannot be read");
  }
  const fingerprint = `sha256:${createHash("sha256")
    .update(key.export({ type: "spki", format: "der" }))
    .digest("hex")}`;
  return { fingerprint, key, hashes: hashesFor(key, what) };
}

function hashesFor(
  { asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject,
  what: string,
): readonly (string | null)[] {
  if (type === "ed25519") return [null];
  if (type === "ec") {
    const hashes = curves.get(details?.namedCurve ?? "");
    if (!hashes) throw unusable(what, "one of its keys uses a curve other than P-256, P-384 and P-521");
    return hashes;
  }
  if (type !== "rsa") throw unusable(what, "one of its keys is not an ECDSA, Ed25519 or RSA key");
  const bits = details?.modulusLength ?? 0;
  if (bits < smallestModulus || bits > largestModulus) {
    throw unusable(what, `one of its RSA keys has ${bits} bits; supported: ${smallestModulus} to ${largestModulus}`);
  }
  return ["sha256"];
}

function unusable(what: string, reason: string): PlimsollError {
  return new PlimsollError("file-malformed", `${what} cannot be used as a public key: ${reason}`, {
    hint: "Use a PEM public key, such as cosign.pub from cosign generate-key-pair.",
  });
}
