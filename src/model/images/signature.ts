import type { Problem } from "../reports/problem.ts";

/** A public key that proved a signature. */
export interface KeySigner {
  readonly kind: "key";
  /** `sha256:` and the hexadecimal SHA-256 of the key's SubjectPublicKeyInfo in DER. */
  readonly fingerprint: string;
}

/** A person or a job that proved to an identity provider who it was when it signed. */
export interface IdentitySigner {
  readonly kind: "identity";
  /** An address of electronic mail or a URI, from the certificate. */
  readonly identity: string;
  /** The identity provider, a URL. */
  readonly issuer: string;
}

/** How a signature is written down in a registry. */
export type SignatureFormat =
  /** Cosign's payload in a blob, with its signature in an annotation. */
  | "simple-signing"
  /** A DSSE envelope in a blob. */
  | "envelope"
  /** A Sigstore bundle in a blob. */
  | "bundle";

/** One signature or attestation that a registry holds for an image, and what came of verifying it. */
export interface SignatureFact {
  /** A signature says "this image"; an attestation says something about it. */
  readonly kind: "signature" | "attestation";
  readonly format: SignatureFormat;
  /** How it was found: under a tag made of the image's digest, or as a referrer of the image. */
  readonly place: "tag" | "referrer";
  /** The digest of the manifest that carries it. */
  readonly manifest: string;
  /** A trusted signer signed it, and the signature covers this image and all requested claims. */
  readonly verified: boolean;
  /** The signer, proved but not always trusted; absent when no signer is proved. */
  readonly signer?: KeySigner | IdentitySigner;
  /** What an attestation is about: the type of its predicate. Only when its signer is proved. */
  readonly predicateType?: string;
  /** What the signer added as text: signed annotations. Only when the signer is proved. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** When a transparency log or a timestamp authority saw it, in ISO 8601, UTC; absent when neither proves a time. */
  readonly time?: string;
  /** Why it is not verified, written as the message of a `PlimsollError` is; absent when it is. */
  readonly reason?: string;
}

/** The answer for one image of an index. */
export interface PlatformVerdict extends Pick<SignatureVerdict, "digest" | "outcome"> {
  /** `os/architecture[/variant]`, when the index gives it. */
  readonly platform?: string;
}

/** The answer for what a reference stands for now. */
export interface ReferenceVerdict extends SignatureVerdict {
  /** Registry, repository, and the tag when one was given or meant. */
  readonly reference: string;
  /** What the digest is of. */
  readonly kind: "image" | "index";
  /** Whether images of an index that is not verified itself are; absent in all other cases. */
  readonly images?: readonly PlatformVerdict[];
}

/** The answer to "did a trusted signer sign this image?". */
export interface SignatureVerdict {
  readonly repository: string;
  /** The image's digest, which the signatures are verified against. */
  readonly digest: string;
  /** `cannot-tell`: nothing was verified, and not all that there might be could be looked at. */
  readonly outcome: "verified" | "not-verified" | "cannot-tell";
  /** In the order in which they were found. */
  readonly signatures: readonly SignatureFact[];
  /** What could not be looked at. */
  readonly problems: readonly Problem[];
}
