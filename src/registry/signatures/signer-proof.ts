import type { JsonObject } from "../../model/json-object.ts";
import type { IdentitySigner, KeySigner } from "../../model/signature.ts";
import type { KeylessVerifier } from "./keyless.ts";
import { isSignedBy } from "./public-key.ts";
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

/** Who signed; `distrust` says why the policy does not trust it, as a clause about "it". */
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

/**
 * Holds evidence against the keys of a policy, then against its identities. Undefined when it could not be looked at.
 */
export async function proveSigner(
  { signed, signatures, keyless }: Evidence,
  { keys = [], identities = [] }: SignaturePolicy,
  access: KeylessAccess,
): Promise<SignerProof | undefined> {
  const key = keys.find((trusted) => signatures.some((signature) => isSignedBy(trusted, signed, signature)));
  if (key) return { signer: { kind: "key", fingerprint: key.fingerprint } };
  if (identities.length === 0) return { distrust: "none of the keys made it" };
  if (!keyless) return { distrust: `${keys.length > 0 ? "none of the keys made it, and " : ""}it has no certificate` };
  if (typeof keyless.bundle === "string") return { distrust: keyless.bundle };
  const verifier = await access();
  if ("unavailable" in verifier) return undefined;
  const proof = verifier.prove(keyless.bundle, keyless.message);
  if (typeof proof === "string") return { distrust: proof };
  const { identity, issuer } = proof.signer;
  const trusted = identities.some(
    (wanted) => matchesPattern(wanted.identity, identity) && matchesPattern(wanted.issuer, issuer),
  );
  return { ...proof, ...(!trusted && { distrust: "it was made by somebody who is not trusted" }) };
}
