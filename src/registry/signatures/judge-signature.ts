import { createHash } from "node:crypto";
import type { SignatureFact } from "../../model/images/signature.ts";
import { parseReference } from "../../model/packages/reference.ts";
import { bundleOfAnnotations, certificateAnnotation, signatureAnnotation } from "./annotation-bundle.ts";
import { decodeBase64 } from "./base64.ts";
import { readBundle } from "./bundle.ts";
import type { Claim } from "./claim.ts";
import { type Envelope, mostEnvelopeMembers, readEnvelope, signedBytes } from "./envelope.ts";
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
   * Reads what the signer says; a text says why it cannot be read, as a clause about "it". Called once it is proved who
   * says it, and bounded for whoever is not trusted: it may take seconds.
   */
  readonly claim: (limits?: { readonly mostMembers: number }) => Claim | string;
}

const longestSignature = 8192;
/** A statement with more bytes is not a plain signature: the predicate of one is empty. */
const longestPlainStatement = 64 * 1024;
/** Limit for reading statements of a known but untrusted signer. */
const ofOthers = { mostMembers: 100_000 };

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

/** The fact that comes of a signature and of who is proved to have made it, and what it says when it is verified. */
export function judge(
  found: FoundSignature,
  { kind, claim: readClaim }: Pick<ReadSignature, "kind" | "claim">,
  {
    proof,
    image,
    policy,
  }: { readonly proof: SignerProof; readonly image: SignedImage; readonly policy: SignaturePolicy },
): { readonly fact: SignatureFact; readonly claim?: Claim } {
  const { signer, time, distrust } = proof;
  if (!signer)
    return { fact: { kind, ...carrier(found), verified: false, ...(distrust !== undefined && { reason: distrust }) } };
  const claim = readClaim(distrust === undefined ? undefined : ofOthers);
  const reason = distrust ?? objection(claim, image, policy);
  const said = typeof claim === "string" ? undefined : claim;
  const fact = {
    ...(said && told(said)),
    kind: said?.kind ?? kind,
    ...carrier(found),
    verified: reason === undefined,
    signer,
    ...(time !== undefined && { time }),
    ...(reason !== undefined && { reason }),
  };
  return { fact, ...(said && reason === undefined && { claim: said }) };
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
    claim: () => readSimpleSigning(payload),
  };
}

function readAttestation({ annotations }: FoundSignature, content: Uint8Array): ReadSignature | string {
  const document = parseStrictJson(content, { mostMembers: mostEnvelopeMembers });
  if (typeof document === "string") return document;
  const envelope = readEnvelope(document);
  if (typeof envelope === "string") return envelope;
  const keyless = annotations[certificateAnnotation] !== undefined && {
    bundle: bundleOfAnnotations(annotations, { envelope: document }),
  };
  return {
    kind: "attestation",
    evidence: { signed: signedBytes(envelope), signatures: envelope.signatures, ...(keyless && { keyless }) },
    claim: (limits) => readStatement(envelope, limits),
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
    return {
      kind: likelyKind(envelope),
      evidence: {
        signed: signedBytes(envelope),
        signatures: envelope.signatures,
        ...(hasCertificate && { keyless: { bundle: document } }),
      },
      claim: (limits) => readStatement(envelope, limits),
    };
  }
  const message = await imageManifest();
  if (!message) return "the signed image manifest is not in the registry";
  const { signature, hash, digest: given } = bundle.content;
  if (!createHash(hash).update(message).digest().equals(given)) return "it is about another image";
  return {
    kind: "signature",
    evidence: {
      signed: message,
      signatures: [signature],
      ...(hasCertificate && { keyless: { bundle: document, message } }),
    },
    claim: () => ({ kind: "signature", digests: [digest] }),
  };
}

/** What the statement in a bundle seems to be, before anybody is proved to have made it. */
function likelyKind(envelope: Envelope): SignatureFact["kind"] {
  if (envelope.payload.length > longestPlainStatement) return "attestation";
  const claim = readStatement(envelope);
  return typeof claim === "string" ? "signature" : claim.kind;
}

/** Why what a proved signer says is not what is asked for, as a clause about "it". */
function objection(claim: Claim | string, { digest }: SignedImage, policy: SignaturePolicy): string | undefined {
  if (typeof claim === "string") return claim;
  if (!claim.digests.includes(digest)) return "it is about another image";
  if (policy.predicateType !== undefined) {
    if (claim.kind === "signature") return "it is a signature, but an attestation is required";
    if (!isOfType(claim.predicateType, policy.predicateType)) return "its predicate type is not the required one";
  }
  if (policy.reference !== undefined && !isNamed(claim.reference, policy.reference)) {
    return claim.reference === undefined ? "it contains no image name" : "it contains a different image name";
  }
  const missing = Object.entries(policy.annotations ?? {}).some(
    ([name, value]) => !Object.hasOwn(claim.annotations ?? {}, name) || claim.annotations?.[name] !== value,
  );
  if (!missing) return undefined;
  return claim.kind === "attestation"
    ? "it is an attestation, which has no annotations, but annotations are required"
    : "it lacks a required annotation";
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
