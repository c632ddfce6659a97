import { createHash, type Hash } from "node:crypto";
import { PlimsollError } from "../../model/error.ts";

/** A hash by the algorithm that a digest names, SHA-256 or SHA-512. Source: OCI image-spec, "Digests". */
export function hashFor(digest: string): Hash {
  return createHash(algorithmOf(digest));
}

/** The algorithm of a digest, as {@link hashFor} takes it. */
export function algorithmOf(digest: string): "sha256" | "sha512" {
  return digest.startsWith("sha512:") ? "sha512" : "sha256";
}

/** Error: `digest-mismatch` when what was hashed does not have the digest; `what` names it in the message. */
export function checkDigest(hash: Hash, { digest, what }: { readonly digest: string; readonly what: string }): void {
  checkHash(hash.digest("hex"), { digest, what });
}

/** The same for a hash in hexadecimal. */
export function checkHash(hash: string, { digest, what }: { readonly digest: string; readonly what: string }): void {
  const actual = `${algorithmOf(digest)}:${hash}`;
  if (actual === digest) return;
  throw new PlimsollError("digest-mismatch", `${what} should have the digest ${digest} but has ${actual}`, {
    hint: "The image was damaged or changed: fetch or build it again.",
  });
}
