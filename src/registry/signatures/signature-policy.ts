import type { TrustedKey } from "./public-key.ts";
import type { TextPattern } from "./text-pattern.ts";

/** A trusted certificate identity. */
export interface TrustedIdentity {
  /** The address of electronic mail or the URI that the certificate names. */
  readonly identity: TextPattern;
  /** The identity provider that vouched for it, a URL. */
  readonly issuer: TextPattern;
}

/**
 * The trusted signers of an image, and the required contents of the signature. Any of the keys and identities is
 * enough.
 */
export interface SignaturePolicy {
  readonly keys?: readonly TrustedKey[];
  readonly identities?: readonly TrustedIdentity[];
  /**
   * The JSON of the trusted root that certificates and logs are verified against. Asked for once, and only when a
   * certificate is to be verified. When it cannot be had, signatures with a certificate cannot be looked at. Source:
   * sigstore/protobuf-specs, `sigstore_trustroot.proto`.
   */
  readonly trustedRoot?: () => Promise<Uint8Array>;
  /** Annotations that the signer must have signed, with these values. */
  readonly annotations?: Readonly<Record<string, string>>;
  /**
   * The name that a signature must give its image: registry and repository, and the tag when there is one here.
   * Signatures that give no name, such as attestations and bundles, do not fulfil it. Without it the name is not looked
   * at: an image may be copied to another registry.
   */
  readonly reference?: string;
  /**
   * Wanted is an attestation with this type of predicate, or with one that goes on after `/*` at its end; unless given,
   * a signature.
   */
  readonly predicateType?: string;
}
