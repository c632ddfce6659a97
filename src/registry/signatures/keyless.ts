import { X509Certificate } from "node:crypto";
import { bundleFromJSON, type Bundle as SigstoreBundle } from "@sigstore/bundle";
import { TrustedRoot } from "@sigstore/protobuf-specs";
import { type SignedEntity, toSignedEntity, toTrustMaterial, Verifier } from "@sigstore/verify";
import { oneLine } from "../../io/one-line.ts";
import { PlimsollError } from "../../model/error.ts";
import type { JsonObject } from "../../model/json-object.ts";
import type { IdentitySigner } from "../../model/signature.ts";
import { parseStrictJson } from "./strict-json.ts";

/*
 * Signatures with a certificate that Fulcio gave for minutes to somebody who had proved who it was. Sigstore's own
 * library verifies the chain of certificates, the promise of the certificate log, the entry in the transparency log or
 * the timestamp, and the signature. It takes long to load, so this module is loaded when the first such signature
 * comes. Who may sign is decided elsewhere: the library would take the wanted identity as an unanchored regular
 * expression.
 */

/** Who signed and when, proved. */
export interface KeylessProof {
  readonly signer: IdentitySigner;
  readonly time?: string;
}

/** Verifies signatures with a certificate against one trusted root. */
export interface KeylessVerifier {
  /**
   * Who made the signature in a bundle; the text says why nobody is proved, as a clause about "it". `message` is what
   * was signed, for a bundle whose signature is not over an envelope of its own.
   */
  prove(bundle: JsonObject, message?: Uint8Array): KeylessProof | string;
}

const largestRoot = 4 * 1024 * 1024;
const codeSigning = "1.3.6.1.5.5.7.3.3";

/** Opens a verifier on the JSON of a trusted root. Error: `file-malformed`. */
export function openKeylessVerifier(trustedRoot: Uint8Array): KeylessVerifier {
  const document = trustedRoot.length > largestRoot ? "it is too large" : parseStrictJson(trustedRoot);
  if (typeof document === "string") throw unusable(document);
  if (!isTrustedRoot(document)) throw unusable("it names no certificate authority, or is something else");
  let verifier: Verifier;
  try {
    verifier = new Verifier(toTrustMaterial(TrustedRoot.fromJSON(document)));
  } catch (cause) {
    throw unusable(words(cause));
  }
  return {
    prove(json, message) {
      try {
        const bundle = bundleFromJSON(json);
        const entity = toSignedEntity(bundle, message && Buffer.from(message));
        const { identity } = verifier.verify(entity);
        return proofOf(bundle, {
          entity,
          identity: identity?.subjectAlternativeName,
          issuer: identity?.extensions?.issuer,
        });
      } catch (cause) {
        return `its certificate or its proof does not hold: ${words(cause)}`;
      }
    },
  };
}

function isTrustedRoot({ mediaType, certificateAuthorities }: JsonObject): boolean {
  const isType = typeof mediaType === "string" && mediaType.startsWith("application/vnd.dev.sigstore.trustedroot");
  return isType && Array.isArray(certificateAuthorities) && certificateAuthorities.length > 0;
}

interface Proved {
  readonly entity: SignedEntity;
  readonly identity: string | undefined;
  readonly issuer: string | undefined;
}

function proofOf(bundle: SigstoreBundle, { entity, identity, issuer }: Proved): KeylessProof | string {
  if (!identity || !issuer) return "its certificate does not say who signed";
  const certificate = certificateOf(bundle);
  if (!certificate?.keyUsage?.includes(codeSigning)) return "its certificate is not for signing";
  const time = timeOf(entity);
  return { signer: { kind: "identity", identity, issuer }, ...(time !== undefined && { time }) };
}

function certificateOf({ verificationMaterial: { content } }: SigstoreBundle): X509Certificate | undefined {
  const certificate =
    content.$case === "certificate"
      ? content.certificate
      : content.$case === "x509CertificateChain"
        ? content.x509CertificateChain.certificates[0]
        : undefined;
  return certificate && new X509Certificate(certificate.rawBytes);
}

/** The earliest time that a verified timestamp, or a promise of the log, proves. */
function timeOf({ timestamps }: SignedEntity): string | undefined {
  const times = timestamps.flatMap((timestamp) => {
    if (timestamp.$case === "timestamp-authority") return [timestamp.timestamp.signingTime.getTime()];
    const { inclusionPromise, integratedTime } = timestamp.tlogEntry;
    return inclusionPromise ? [Number(integratedTime) * 1000] : [];
  });
  return times.length === 0 ? undefined : new Date(Math.min(...times)).toISOString();
}

function words(cause: unknown): string {
  return oneLine(cause instanceof Error ? cause.message : "unknown error");
}

function unusable(reason: string): PlimsollError {
  return new PlimsollError("file-malformed", `the trusted root cannot be used: ${reason}`, {
    hint: "Give the trusted_root.json of the Sigstore instance that signs, as cosign trusted-root create writes it.",
  });
}
