import { X509Certificate } from "node:crypto";
import { bundleFromJSON, type Bundle as SigstoreBundle } from "@sigstore/bundle";
import { TrustedRoot } from "@sigstore/protobuf-specs";
import { type SignedEntity, toSignedEntity, toTrustMaterial, Verifier } from "@sigstore/verify";
import { oneLine } from "../../io/one-line.ts";
import type { IdentitySigner } from "../../model/images/signature.ts";
import type { JsonObject } from "../../model/objects/json-object.ts";
import { readTrustedRoot, unusableRoot } from "./trusted-root-document.ts";

/*
 * Signatures with a certificate that Fulcio issued for minutes after it verified the signer's identity. Sigstore's own
 * library verifies the chain of certificates, the promise of the certificate log, the entry in the transparency log or
 * the timestamp, and the signature. It takes long to load, so this module is loaded when the first such signature
 * comes. The identity is checked elsewhere: the library would take the wanted identity as an unanchored regular
 * expression.
 */

/** The proved signer and time. */
export interface KeylessProof {
  readonly signer: IdentitySigner;
  readonly time?: string;
}

/** Verifies signatures with a certificate against one trusted root. */
export interface KeylessVerifier {
  /**
   * The signer of a bundle; a text gives the reason when no signer is proved, as a clause about "it". `message` is what
   * was signed, for a bundle whose signature is not over an envelope of its own.
   */
  prove(bundle: JsonObject, message?: Uint8Array): KeylessProof | string;
}

const codeSigning = "1.3.6.1.5.5.7.3.3";
const alternativeNames = "2.5.29.17";
/** Fulcio's extensions with the identity provider; the first is a UTF8String, the older one its bare bytes. */
const issuers = ["1.3.6.1.4.1.57264.1.8", "1.3.6.1.4.1.57264.1.1"];

/** Opens a verifier on the JSON of a trusted root. Error: `file-malformed`. */
export function openKeylessVerifier(trustedRoot: Uint8Array): KeylessVerifier {
  const document = readTrustedRoot(trustedRoot);
  let verifier: Verifier;
  try {
    verifier = new Verifier(toTrustMaterial(TrustedRoot.fromJSON(document)));
  } catch (cause) {
    throw unusableRoot(wordsOf(cause) ?? "one of its certificates or keys cannot be read");
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
        const words = wordsOf(cause) ?? "a part of it cannot be read";
        return `its certificate or proof is not valid: ${words}`;
      }
    },
  };
}

interface Proved {
  readonly entity: SignedEntity;
  readonly identity: string | undefined;
  readonly issuer: string | undefined;
}

function proofOf(bundle: SigstoreBundle, { entity, identity, issuer }: Proved): KeylessProof | string {
  if (!identity || !issuer) return "its certificate does not identify the signer";
  if (!isNamedInAscii(entity)) return "its certificate has an identity with non-ASCII characters";
  const certificate = certificateOf(bundle);
  if (!certificate?.keyUsage?.includes(codeSigning)) return "its certificate is not for code signing";
  const time = timeOf(entity);
  return { signer: { kind: "identity", identity, issuer }, ...(time !== undefined && { time }) };
}

/**
 * False when a byte of a name or of the issuer is none of ASCII. Sigstore's library clears the top bit of each, which
 * makes one name of another.
 */
function isNamedInAscii({ key }: SignedEntity): boolean {
  if (key.$case !== "certificate") return false;
  const names = key.certificate.extension(alternativeNames)?.valueObj.subs[0]?.subs ?? [];
  const extensions = issuers.map((id) => key.certificate.extension(id)?.valueObj).filter((one) => one !== undefined);
  const texts = [...names, ...extensions.map((one) => one.subs[0] ?? one)];
  return texts.every(({ value }) => value.every((byte) => byte < 0x80));
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

/** The message of the library; undefined for a message of the language alone, which does not help a user. */
function wordsOf(cause: unknown): string | undefined {
  if (!(cause instanceof Error)) return undefined;
  const isLanguageError = cause instanceof TypeError || cause instanceof RangeError || cause instanceof SyntaxError;
  const isNodeError = "code" in cause && String(cause.code).startsWith("ERR_");
  return isLanguageError || isNodeError ? undefined : oneLine(cause.message);
}
