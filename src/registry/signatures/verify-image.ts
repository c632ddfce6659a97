import { PlimsollError } from "../../model/error.ts";
import type { SignatureFact, SignatureVerdict } from "../../model/images/signature.ts";
import { isDigest } from "../../model/packages/reference.ts";
import type { Problem } from "../../model/reports/problem.ts";
import { digestOf } from "../content/content-digest.ts";
import { type FindOptions, type FoundSignature, findSignatures, type SignedImage } from "./find-signatures.ts";
import { judge, readSignature, refused } from "./judge-signature.ts";
import type { KeylessVerifier } from "./keyless.ts";
import type { SignaturePolicy } from "./signature-policy.ts";
import type { SignatureSource } from "./signature-source.ts";
import { type ProofMeans, proveSigner } from "./signer-proof.ts";

/** The most keys, and the most identities, of a policy. */
const mostTrusted = 16;
/** The most tries of a key for one image that take milliseconds each. */
const mostSlowTries = 1000;

/**
 * Looks for signatures of an image and verifies them. `verified`: at least one signature (with `predicateType`, at
 * least one such attestation) is from a trusted signer and meets the policy's requirements. Other signatures beside it
 * do no harm; what could not be looked at makes `cannot-tell` of what would be `not-verified`. A policy without trusted
 * signers never verifies an image.
 *
 * The digest is the one of what will run: of a manifest or of an index. Whoever signs an index signs all of its images,
 * but a signature of the index is not found by the digest of one of them.
 *
 * A signature by a key counts without an entry in a transparency log: whoever trusts a key trusts that it is kept.
 *
 * Errors: `usage` for a digest that is none or a policy with more than 16 keys or identities, `file-malformed` for a
 * trusted root that cannot be used, `cancelled`. A signature that is bad, or a registry that does not answer, is not
 * an error.
 */
export async function verifyImage(
  source: SignatureSource,
  image: SignedImage,
  policy: SignaturePolicy,
): Promise<SignatureVerdict> {
  const problems = new Map<string, Problem>();
  const problem = (one: Problem) => void problems.set(one.message, one);
  const signatures: SignatureFact[] = [];
  for await (const { fact } of examineSignatures(source, image, { policy, problem })) signatures.push(fact);
  const wanted = policy.predicateType === undefined ? "signature" : "attestation";
  const verified = signatures.some((fact) => fact.verified && fact.kind === wanted);
  return {
    repository: image.repository,
    digest: image.digest,
    outcome: verified ? "verified" : problems.size > 0 ? "cannot-tell" : "not-verified",
    signatures,
    problems: [...problems.values()],
  };
}

/** A signature that was looked at. */
export interface ExaminedSignature {
  readonly fact: SignatureFact;
  /** What a verified attestation says, which its `predicateType` explains; absent from all else. */
  readonly predicate?: unknown;
}

/**
 * Looks at the signatures and attestations of an image one after the other, and says of each who made it and whether it
 * is verified. A signature that could not be examined goes to `problem`, perhaps twice. Errors: as {@link verifyImage}.
 */
export async function* examineSignatures(
  source: SignatureSource,
  image: SignedImage,
  { policy, ...options }: FindOptions & { readonly policy: SignaturePolicy },
): AsyncGenerator<ExaminedSignature> {
  checkUse(image, policy);
  const { problem } = options;
  const context: Context = {
    image,
    policy,
    imageManifest: once(() => manifestOf(source, image, problem)),
    keyless: once(() => openKeyless(policy, problem)),
    mayTakeLong: countTries(problem),
  };
  for await (const found of findSignatures(source, image, options)) yield verify(found, context);
}

interface Context extends ProofMeans {
  readonly image: SignedImage;
  readonly policy: SignaturePolicy;
  readonly imageManifest: () => Promise<Uint8Array | undefined>;
}

async function verify(found: FoundSignature, context: Context): Promise<ExaminedSignature> {
  const { image, policy, imageManifest } = context;
  const read = await readSignature(found, image, imageManifest);
  if (typeof read === "string") return { fact: refused(found, read) };
  const proof = await proveSigner(read.evidence, policy, context);
  if (!proof) return { fact: { ...refused(found, "its certificate could not be examined"), kind: read.kind } };
  const { fact, claim } = judge(found, read, { proof, image, policy });
  return { fact, ...(claim?.kind === "attestation" && { predicate: claim.predicate }) };
}

function countTries(problem: (problem: Problem) => void): () => boolean {
  let left = mostSlowTries;
  return () => {
    if (left > 0) return left-- > 0;
    const message = `Ed25519 keys were tried ${mostSlowTries} times, so not all signatures were examined`;
    problem({ code: "limit-exceeded", message });
    return false;
  };
}

async function openKeyless(
  { trustedRoot }: SignaturePolicy,
  problem: (problem: Problem) => void,
): Promise<KeylessVerifier | { readonly unavailable: string }> {
  let reason = "no trusted root found";
  if (trustedRoot) {
    let root: Uint8Array | undefined;
    try {
      root = await trustedRoot();
    } catch (cause) {
      if (!(cause instanceof PlimsollError) || cause.code === "cancelled") throw cause;
      reason = `the trusted root is not available: ${cause.message}`;
    }
    if (root) return (await import("./keyless.ts")).openKeylessVerifier(root);
  }
  problem({ code: "not-examined", message: `certificates were not examined: ${reason}` });
  return { unavailable: reason };
}

async function manifestOf(
  source: SignatureSource,
  { repository, digest }: SignedImage,
  problem: (problem: Problem) => void,
): Promise<Uint8Array | undefined> {
  try {
    const manifest = await source.manifest(repository, digest);
    return manifest && digestOf(manifest.bytes, digest) === digest ? manifest.bytes : undefined;
  } catch (cause) {
    if (!(cause instanceof PlimsollError) || cause.code === "cancelled") throw cause;
    problem({ code: "unreadable", message: `the image manifest could not be examined: ${cause.message}` });
    return undefined;
  }
}

function checkUse({ digest }: SignedImage, { keys = [], identities = [] }: SignaturePolicy): void {
  if (!isDigest(digest)) {
    throw new PlimsollError("usage", "signatures are verified for a digest only", { hint: "Resolve the tag first." });
  }
  if (keys.length > mostTrusted || identities.length > mostTrusted) {
    throw new PlimsollError("usage", `a policy can have at most ${mostTrusted} keys and ${mostTrusted} identities`);
  }
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
