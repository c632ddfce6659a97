import { createHash, type Hash } from "node:crypto";
import { PlimsollError } from "../../model/error.ts";
import { isDigest } from "../../model/packages/reference.ts";

/** What stands for content in a registry, without its media type. */
export interface Content {
  /** `sha256:…` or `sha512:…`. */
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
}

/** The digest of bytes, by SHA-256 or by the algorithm of another digest. Source: OCI image-spec 1.1, "Digests". */
export function digestOf(bytes: Uint8Array, like = "sha256:"): string {
  return `${algorithmOf(like)}:${hashFor(like).update(bytes).digest("hex")}`;
}

/** A hash by the algorithm of a digest, SHA-256 or SHA-512. */
export function hashFor(digest: string): Hash {
  return createHash(algorithmOf(digest));
}

/**
 * `digest-mismatch`; `what` names the content. Text that is not a digest is not repeated: a server may have put
 * anything there.
 */
export function digestMismatch(what: string, { wanted, actual }: { wanted: string; actual: string }): PlimsollError {
  const other = isDigest(actual) ? actual : "another";
  return new PlimsollError("digest-mismatch", `${what} should have the digest ${wanted} but has ${other}`, {
    hint: "The registry, or something on the way to it, changed it: do not use it.",
  });
}

function algorithmOf(digest: string): "sha256" | "sha512" {
  return digest.startsWith("sha512:") ? "sha512" : "sha256";
}
