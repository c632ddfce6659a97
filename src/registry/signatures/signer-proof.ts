import type { IdentitySigner, KeySigner } from "../../model/images/signature.ts";
import type { JsonObject } from "../../model/objects/json-object.ts";
import type { KeylessVerifier } from "./keyless.ts";
import { isHashSignedBy, isSignedBy, mayBeHashSigned, type TrustedKey } from "./public-key.ts";
import type { SignaturePolicy } from "./signature-policy.ts";
import { matchesPattern } from "./text-pattern.ts";

/** What there is to prove who signed. */
export interface Evidence {
  /** The bytes that the signatures are made over. */
  readonly signed: Uint8Array;
  readonly signatures: readonly Uint8Array[];
  /** Only where a certificate says who signed: the bundle, or why it is none, as a clause about "it". */
  readonly keyless?: { readonly bundle: JsonObject | string; readonly message?: Uint8Array };
}

/** The signer; `distrust` says why the policy does not trust it, as a clause about "it". */
export interface SignerProof {
  readonly signer?: KeySigner | IdentitySigner;
  readonly time?: string;
  readonly distrust?: string;
}

/**
 * The verifier of certificates, or why there is none: a clause, which makes a signature one that could not be looked
 * at.
 */
export type KeylessAccess = () => Promise<KeylessVerifier | { readonly unavailable: string }>;

/** What proving needs beside the evidence and the policy. */
export interface ProofMeans {
  readonly keyless: KeylessAccess;
  /** Asked before a try of a key that takes milliseconds; false leaves it away. */
  readonly mayTakeLong: () => boolean;
}

/**
 * Holds evidence against the keys of a policy, then against its identities. Undefined when it could not be looked at.
 */
export async function proveSigner(
  evidence: Evidence,
  { keys = [], identities = [] }: SignaturePolicy,
  { keyless: access, mayTakeLong }: ProofMeans,
): Promise<SignerProof | undefined> {
  const { keyless } = evidence;
  const key = keyOf(evidence, keys, mayTakeLong);
  if (key) return { signer: { kind: "key", fingerprint: key.fingerprint } };
  if (identities.length === 0) return { distrust: "it was not made with any of the keys" };
  if (!keyless)
    return { distrust: `${keys.length > 0 ? "it was not made with any of the keys, and " : ""}it has no certificate` };
  if (typeof keyless.bundle === "string") return { distrust: keyless.bundle };
  const verifier = await access();
  if ("unavailable" in verifier) return undefined;
  const proof = verifier.prove(keyless.bundle, keyless.message);
  if (typeof proof === "string") return { distrust: proof };
  const { identity, issuer } = proof.signer;
  const trusted = identities.some(
    (wanted) => matchesPattern(wanted.identity, identity) && matchesPattern(wanted.issuer, issuer),
  );
  return { ...proof, ...(!trusted && { distrust: "its signer is not trusted" }) };
}

function keyOf(
  { signed, signatures }: Evidence,
  keys: readonly TrustedKey[],
  mayTakeLong: () => boolean,
): TrustedKey | undefined {
  const tries = keys.flatMap((key) => signatures.map((signature) => ({ key, signature })));
  const quick = tries.find(({ key, signature }) => isSignedBy(key, signed, signature));
  const slow = tries.filter(({ key, signature }) => mayBeHashSigned(key, signature));
  return (quick ?? slow.find(({ key, signature }) => mayTakeLong() && isHashSignedBy(key, signed, signature)))?.key;
}
