import { parseReference } from "../../model/reference.ts";
import type { SignatureFact } from "../../model/signature.ts";
import { bundleOfAnnotations, certificateAnnotation, signatureAnnotation } from "./annotation-bundle.ts";
import { decodeBase64 } from "./base64.ts";
import { readBundle } from "./bundle.ts";
import type { Claim } from "./claim.ts";
import { readEnvelope, signedBytes } from "./envelope.ts";
import type { FoundSignature, SignedImage } from "./find-signatures.ts";
import type { SignaturePolicy } from "./signature-policy.ts";
import type { Evidence, SignerProof } from "./signer-proof.ts";
import { readSimpleSigning } from "./simple-signing.ts";
import { readStatement } from "./statement.ts";
import { parseStrictJson } from "./strict-json.ts";

/** What a signature is made of, before anybody is believed. */
export interface ReadSignature {
  readonly kind: SignatureFact["kind"];
  readonly evidence: Evidence;
  /**
   * What the signer says, once it is proved that it does; a text says why it cannot be read, as a clause about "it".
   */
  readonly claim: Claim | string;
}

const longestSignature = 8192;

/**
 * Reads a signature; the text says why it is refused, as a clause about "it". `imageManifest` gives the bytes of the
 * image's manifest, which some bundles sign; undefined when they cannot be had.
 */
export async function readSignature(
  found: FoundSignature,
  image: SignedImage,
  imageManifest: () => Promise<Uint8Array | undefined>,
): Promise<ReadSignature | string> {
  const { content, format } = found;
  if (typeof content === "string") return content;
  if (format === "simple-signing") return readPayload(found, content);
  if (format === "envelope") return readAttestation(found, content);
  return readBundled(content, image, imageManifest);
}

/** The fact that comes of a signature and of who is proved to have made it. */
export function judge(
  found: FoundSignature,
  { kind, claim }: Pick<ReadSignature, "kind" | "claim">,
  {
    proof,
    image,
    policy,
  }: { readonly proof: SignerProof; readonly image: SignedImage; readonly policy: SignaturePolicy },
): SignatureFact {
  const { signer, time, distrust } = proof;
  const reason = distrust ?? objection(claim, image, policy);
  return {
    ...(signer && typeof claim !== "string" && { ...told(claim) }),
    kind: signer && typeof claim !== "string" ? claim.kind : kind,
    ...carrier(found),
    verified: signer !== undefined && reason === undefined,
    ...(signer && { signer }),
    ...(time !== undefined && { time }),
    ...(reason !== undefined && { reason }),
  };
}

/** The fact that comes of what cannot be read. */
export function refused(found: FoundSignature, reason: string): SignatureFact {
  const kind = found.format === "envelope" ? "attestation" : "signature";
  return { kind, ...carrier(found), verified: false, reason };
}

function carrier({ format, place, manifest }: FoundSignature): Pick<SignatureFact, "format" | "place" | "manifest"> {
  return { format, place, manifest };
}

function told({ predicateType, annotations }: Claim): Pick<SignatureFact, "predicateType" | "annotations"> {
  return { ...(predicateType !== undefined && { predicateType }), ...(annotations && { annotations }) };
}

function readPayload({ annotations }: FoundSignature, payload: Uint8Array): ReadSignature | string {
  const text = annotations[signatureAnnotation];
  if (text === undefined || text === "") return "its signature is missing";
  const signature = text.length > longestSignature ? undefined : decodeBase64(text);
  if (!signature) return "its signature is not base64";
  const keyless = annotations[certificateAnnotation] !== undefined && {
    bundle: bundleOfAnnotations(annotations, { message: payload, signature }),
    message: payload,
  };
  return {
    kind: "signature",
    evidence: { signed: payload, signatures: [signature], ...(keyless && { keyless }) },
    claim: readSimpleSigning(payload),
  };
}

function readAttestation({ annotations }: FoundSignature, content: Uint8Array): ReadSignature | string {
  const document = parseStrictJson(content);
  if (typeof document === "string") return document;
  const envelope = readEnvelope(document);
  if (typeof envelope === "string") return envelope;
  const keyless = annotations[certificateAnnotation] !== undefined && {
    bundle: bundleOfAnnotations(annotations, { envelope: document }),
  };
  return {
    kind: "attestation",
    evidence: { signed: signedBytes(envelope), signatures: envelope.signatures, ...(keyless && { keyless }) },
    claim: readStatement(envelope),
  };
}

async function readBundled(
  content: Uint8Array,
  { digest }: SignedImage,
  imageManifest: () => Promise<Uint8Array | undefined>,
): Promise<ReadSignature | string> {
  const bundle = readBundle(content);
  if (typeof bundle === "string") return bundle;
  const { hasCertificate, document } = bundle;
  if ("envelope" in bundle.content) {
    const { envelope } = bundle.content;
    const claim = readStatement(envelope);
    return {
      kind: typeof claim === "string" ? "signature" : claim.kind,
      evidence: {
        signed: signedBytes(envelope),
        signatures: envelope.signatures,
        ...(hasCertificate && { keyless: { bundle: document } }),
      },
      claim,
    };
  }
  const message = await imageManifest();
  if (!message) return "the image's manifest, which it is made over, is not in the registry";
  return {
    kind: "signature",
    evidence: {
      signed: message,
      signatures: [bundle.content.signature],
      ...(hasCertificate && { keyless: { bundle: document, message } }),
    },
    claim: { kind: "signature", digests: [digest] },
  };
}

/** Why what a proved signer says is not what is asked for, as a clause about "it". */
function objection(claim: Claim | string, { digest }: SignedImage, policy: SignaturePolicy): string | undefined {
  if (typeof claim === "string") return claim;
  if (!claim.digests.includes(digest)) return "it is about another image";
  if (policy.predicateType !== undefined) {
    if (claim.kind === "signature") return "it is a signature, and an attestation was asked for";
    if (!isOfType(claim.predicateType, policy.predicateType)) return "it is about something else than was asked for";
  }
  if (policy.reference !== undefined && !isNamed(claim.reference, policy.reference)) {
    return claim.reference === undefined ? "it gives the image no name" : "it gives the image another name";
  }
  const missing = Object.entries(policy.annotations ?? {}).some(
    ([name, value]) => !Object.hasOwn(claim.annotations ?? {}, name) || claim.annotations?.[name] !== value,
  );
  return missing ? "it lacks an annotation that was asked for" : undefined;
}

/** Some types end with the version of the format, and what asks for them may leave that away. */
function isOfType(actual: string | undefined, wanted: string): boolean {
  if (!wanted.endsWith("/*")) return actual === wanted;
  const base = wanted.slice(0, -"/*".length);
  return actual === base || (actual?.startsWith(`${base}/`) ?? false);
}

function isNamed(actual: string | undefined, wanted: string): boolean {
  const [is, should] = [actual === undefined ? undefined : parseReference(actual), parseReference(wanted)];
  if (!is || !should || is.registry !== should.registry || is.repository !== should.repository) return false;
  return should.tag === undefined || is.tag === should.tag;
}
