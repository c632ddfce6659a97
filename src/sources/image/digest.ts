import { createHash, type Hash } from "node:crypto";
import { PlimsollError } from "../../model/error.ts";

/** A hash by the algorithm that a digest names, SHA-256 or SHA-512. Source: OCI image-spec, "Digests". */
export function hashFor(digest: string): Hash {
  return createHash(digest.startsWith("sha512:") ? "sha512" : "sha256");
}

/** Error: `digest-mismatch` when what was hashed does not have the digest; `what` names it in the message. */
export function checkDigest(hash: Hash, { digest, what }: { readonly digest: string; readonly what: string }): void {
  const actual = `${digest.slice(0, digest.indexOf(":"))}:${hash.digest("hex")}`;
  if (actual === digest) return;
  throw new PlimsollError("digest-mismatch", `${what} should have the digest ${digest} but has ${actual}`, {
    hint: "The image was damaged or changed: fetch or build it again.",
  });
}
