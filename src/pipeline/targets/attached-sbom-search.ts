import { PlimsollError } from "../../model/error.ts";
import type { IdentitySigner, KeySigner } from "../../model/images/signature.ts";
import { isJsonObject, type JsonObject } from "../../model/objects/json-object.ts";
import { isTag } from "../../model/packages/reference.ts";
import type { AttachedSbom } from "../../model/reports/report.ts";
import { digestOf } from "../../registry/content/content-digest.ts";
import { type Descriptor, readDescriptor } from "../../registry/content/descriptor.ts";
import type { Manifest } from "../../registry/content/manifest.ts";
import type { Referrer, SignatureSource, SourceManifest } from "../../registry/signatures/signature-source.ts";
import { readStatement } from "../../registry/signatures/statement.ts";
import { parseStrictJson } from "../../registry/signatures/strict-json.ts";
import { examineSignatures, verifyImage } from "../../registry/signatures/verify-image.ts";
import type { SignaturePolicy } from "./signature-trust.ts";

/*
 * Places where an image's SBOM may be, and the signature that each requires:
 *
 *   - an attestation about the image: an in-toto statement with the predicate type of CycloneDX or SPDX, whose own
 *     signature is verified;
 *   - an artifact with a document as its layer: a referrer of the image, or what is under cosign's tag sha256-HEX.sbom.
 *     Its manifest must be signed as an image is. The signer of a referrer's manifest signs which image it belongs to;
 *     a tag is not signed;
 *   - what BuildKit puts beside an image into its index, unsigned statements: the index must be signed.
 *
 * Sources: in-toto attestation framework, predicates "CycloneDX" and "SPDX"; cosign, "SBOM in OCI"; BuildKit, "Image
 * attestation storage".
 */

/** A document that a trusted signer vouches for. */
export interface SbomCandidate {
  readonly bytes: Buffer;
  readonly origin: Omit<AttachedSbom, "format">;
  /** What the signer says that it is about: this image, the index with this image, or nothing. */
  readonly about: "image" | "index" | "unknown";
}

/** The image whose SBOM is looked for. */
export interface SbomSubject {
  readonly repository: string;
  readonly digest: string;
  /** What the image was picked from. */
  readonly index: Manifest | undefined;
}

/** The policy for SBOMs, and the receiver of a clause for each refused one. */
export interface SbomSearchOptions {
  readonly policy: SignaturePolicy;
  readonly refuse: (reason: string) => void;
}

const largestDocument: number = 32 * 1024 * 1024;
/** An envelope and a bundle have the document in base64. */
const limits = { envelope: Math.ceil(largestDocument * 1.4), all: 3 * largestDocument };
const predicateTypes = /^https:\/\/(?:cyclonedx\.org\/bom|spdx\.dev\/Document)(?:\/v[0-9.]{1,16})?$/;
const documentTypes = /^(?:application\/vnd\.cyclonedx\+json|(?:application|text)\/spdx\+json)(?:;.*)?$/;
const statementType = "application/vnd.in-toto+json";
const mostArtifacts = 50;
/** The most bytes of manifests that are kept of what is attached to all of an image; the others are asked for again. */
const mostKept = 16 * 1024 * 1024;

/**
 * Every document that may be the SBOM of an image and is signed as the policy wants it. Errors: `cancelled`, and
 * `file-malformed` for a trusted root.
 */
export async function* findSboms(
  source: SignatureSource,
  { repository, digest, index }: SbomSubject,
  options: SbomSearchOptions,
): AsyncGenerator<SbomCandidate> {
  const search = new SbomSearch(remembering(source), repository, options);
  yield* search.attachedTo(digest, "image");
  if (!index) return;
  yield* search.attachedTo(index.digest, "index");
  yield* search.inIndex(index, digest);
}

class SbomSearch {
  readonly #source: SignatureSource;
  readonly #repository: string;
  readonly #policy: SignaturePolicy;
  readonly #refuse: (reason: string) => void;
  #artifacts = 0;

  constructor(source: SignatureSource, repository: string, { policy, refuse }: SbomSearchOptions) {
    const { predicateType: _, ...signers } = policy;
    this.#source = source;
    this.#repository = repository;
    this.#policy = signers;
    this.#refuse = refuse;
  }

  async *attachedTo(digest: string, about: "image" | "index"): AsyncGenerator<SbomCandidate> {
    yield* this.#attestations(digest, about);
    for await (const manifest of this.#referrers(digest)) yield* this.#artifact(manifest, { subject: digest, about });
    const tag = `${digest.replace(":", "-")}.sbom`;
    const look = () => this.#source.manifest(this.#repository, tag);
    const tagged = isTag(tag) ? await this.#look(`the tag ${tag}`, look) : undefined;
    if (tagged) yield* this.#artifact(tagged, { subject: digest, about });
  }

  /** BuildKit's statements about an image, in the index around it. */
  async *inIndex(index: Manifest, digest: string): AsyncGenerator<SbomCandidate> {
    const beside = descriptorsIn(index.document, "manifests").filter(
      ({ annotations }) =>
        annotations?.["vnd.docker.reference.type"] === "attestation-manifest" &&
        annotations["vnd.docker.reference.digest"] === digest,
    );
    if (beside.length === 0) return;
    const signed = await this.#signerOf(index.digest);
    if (!signed) return this.#refuse("the SBOM in the index was not used, because the index is not verified");
    for (const { digest: manifest } of beside.slice(0, mostArtifacts)) {
      const look = () => this.#source.manifest(this.#repository, manifest);
      const read = await this.#look(`the manifest ${manifest}`, look);
      const document = read?.digest === manifest ? parseStrictJson(read.bytes) : "it is another";
      if (typeof document === "string") continue;
      for (const layer of descriptorsIn(document, "layers")) {
        const type = layer.annotations?.["in-toto.io/predicate-type"] ?? "";
        if (layer.mediaType !== statementType || !predicateTypes.test(type)) continue;
        const bytes = await this.#statement(layer, digest);
        if (bytes) yield { bytes, about: "image", origin: { place: "index", manifest, ...signed } };
      }
    }
  }

  /** The document in a statement that is not signed itself, when the statement is about the image. */
  async #statement(layer: Descriptor, image: string): Promise<Buffer | undefined> {
    const payload = await this.#blob(layer);
    if (!payload) return undefined;
    const claim = readStatement({ payloadType: statementType, payload, signatures: [] });
    const isOther = typeof claim !== "string" && !claim.digests.includes(image);
    const content =
      typeof claim === "string" ? claim : isOther ? "it is about another image" : bytesOf(claim.predicate);
    if (content instanceof Buffer) return content;
    this.#refuse(`the SBOM ${layer.digest} was not used: ${content ?? "it contains no document"}`);
    return undefined;
  }

  async *#attestations(digest: string, about: "image" | "index"): AsyncGenerator<SbomCandidate> {
    const image = { repository: this.#repository, digest };
    const problem = ({ message }: { readonly message: string }) => this.#refuse(message);
    const found = examineSignatures(this.#source, image, { policy: this.#policy, problem, limits });
    for await (const { fact, predicate } of found) {
      const { kind, manifest, verified, signer, time, reason, predicateType } = fact;
      if (kind !== "attestation") continue;
      if (!verified || !signer) {
        this.#refuse(`the attestation in ${manifest} is not verified: ${reason ?? "it is not signed"}`);
        continue;
      }
      if (!predicateTypes.test(predicateType ?? "")) continue;
      const bytes = bytesOf(predicate);
      const origin = { place: "attestation", manifest, ...originOf(signer, time) } as const;
      if (bytes) yield { bytes, about, origin };
      else this.#refuse(`the attestation in ${manifest} contains no document`);
    }
  }

  /** The document in a manifest, when it is one with a document. */
  async *#artifact(
    { bytes, digest: manifest }: SourceManifest,
    { subject, about }: { readonly subject: string; readonly about: "image" | "index" },
  ): AsyncGenerator<SbomCandidate> {
    const document = parseStrictJson(bytes);
    if (typeof document === "string") return this.#refuse(`the manifest ${manifest} cannot be read: ${document}`);
    const layers = descriptorsIn(document, "layers");
    const typed = layers.filter(({ mediaType }) => documentTypes.test(mediaType));
    const isTyped = documentTypes.test(artifactTypeOf(document));
    const [layer, ...more] = typed.length === 0 && isTyped ? layers : typed;
    if (!layer) return;
    if (more.length > 0) return this.#refuse(`the SBOM in ${manifest} was not used: it contains several documents`);
    if (++this.#artifacts > mostArtifacts) return this.#refuse(`more than ${mostArtifacts} SBOMs are attached`);
    const signed = await this.#signerOf(manifest);
    if (!signed) return this.#refuse(`the SBOM in ${manifest} is not verified: it has no trusted signature`);
    const isBound = readDescriptor(document["subject"])?.digest === subject;
    const content = await this.#blob(layer);
    const origin = { place: "artifact", manifest, ...signed } as const;
    if (content) yield { bytes: content, about: isBound ? about : "unknown", origin };
  }

  async *#referrers(digest: string): AsyncGenerator<SourceManifest> {
    try {
      for await (const { digest: referrer, manifest } of this.#source.referrers(this.#repository, digest)) {
        const fetch = () => this.#source.manifest(this.#repository, referrer);
        const read = manifest ?? (await this.#look(`the referrer ${referrer}`, fetch));
        if (read) yield read;
      }
    } catch (cause) {
      if (!(cause instanceof PlimsollError) || cause.code === "cancelled") throw cause;
      // An excess of referrers, or of pages of their list, was reported when attestations were looked for.
      if (cause.code !== "limit-exceeded") this.#refuse(`the referrers could not be examined: ${cause.message}`);
    }
  }

  async #signerOf(digest: string): Promise<Pick<AttachedSbom, "signer" | "time"> | undefined> {
    const verdict = await verifyImage(this.#source, { repository: this.#repository, digest }, this.#policy);
    for (const { message } of verdict.outcome === "cannot-tell" ? verdict.problems : []) this.#refuse(message);
    const fact = verdict.signatures.find(({ kind, verified }) => verified && kind === "signature");
    return fact?.signer && originOf(fact.signer, fact.time);
  }

  async #blob({ digest, size }: Descriptor): Promise<Buffer | undefined> {
    if (size > largestDocument) {
      this.#refuse(`the SBOM ${digest} is ${size} bytes; the limit for an attached SBOM is ${largestDocument} bytes`);
      return undefined;
    }
    const bytes = await this.#look(`the SBOM ${digest}`, () => this.#source.blob(this.#repository, digest, size));
    if (bytes === undefined || digestOf(bytes, digest) === digest) return bytes && Buffer.from(bytes);
    this.#refuse(`the SBOM ${digest} does not match its digest`);
    return undefined;
  }

  /** The outcome of a look, or undefined after telling what stood in its way. */
  async #look<T>(what: string, look: () => Promise<T>): Promise<T | undefined> {
    try {
      return await look();
    } catch (cause) {
      if (!(cause instanceof PlimsollError) || cause.code === "cancelled") throw cause;
      this.#refuse(`${what} could not be read: ${cause.message}`);
      return undefined;
    }
  }
}

/** The predicate as a document. Cosign before 2.0 wrapped it, and for SPDX in tag-value it is a text. */
function bytesOf(predicate: unknown): Buffer | undefined {
  const isWrapped = isJsonObject(predicate) && predicate["bomFormat"] === undefined && predicate["Data"] !== undefined;
  const document = isWrapped ? predicate["Data"] : predicate;
  if (typeof document === "string") return document === "" ? undefined : Buffer.from(document);
  return isJsonObject(document) ? Buffer.from(JSON.stringify(document)) : undefined;
}

function originOf(signer: KeySigner | IdentitySigner, time: string | undefined): Pick<AttachedSbom, "signer" | "time"> {
  const who =
    signer.kind === "key"
      ? ({ kind: "key", name: signer.fingerprint } as const)
      : ({ kind: "identity", name: signer.identity, issuer: signer.issuer } as const);
  return { signer: who, ...(time !== undefined && { time }) };
}

function artifactTypeOf({ artifactType, config }: JsonObject): string {
  const type = artifactType ?? (isJsonObject(config) ? config["mediaType"] : undefined);
  return typeof type === "string" ? type : "";
}

function descriptorsIn(document: JsonObject, member: "layers" | "manifests"): readonly Descriptor[] {
  const list = document[member];
  return (Array.isArray(list) ? list : []).map(readDescriptor).filter((one) => one !== undefined);
}

/** The known part of a list of referrers: those that came, and the error that ended it. */
interface KnownReferrers {
  readonly list: readonly Referrer[];
  readonly failure?: PlimsollError;
}

/** A source that asks for a list of referrers only once, and keeps of their manifests a bounded part. */
function remembering(source: SignatureSource): SignatureSource {
  const known = new Map<string, KnownReferrers>();
  let left = mostKept;
  const kept = ({ manifest, ...referrer }: Referrer): Referrer => {
    if (!manifest || manifest.bytes.length > left) return referrer;
    left -= manifest.bytes.length;
    return { ...referrer, manifest };
  };
  return {
    manifest: (repository, reference) => source.manifest(repository, reference),
    blob: (repository, digest, maxBytes) => source.blob(repository, digest, maxBytes),
    async *referrers(repository, digest) {
      const before = known.get(digest);
      if (before) {
        yield* before.list;
        if (before.failure) throw before.failure;
        return;
      }
      const list: Referrer[] = [];
      try {
        for await (const referrer of source.referrers(repository, digest)) {
          list.push(kept(referrer));
          yield referrer;
        }
        known.set(digest, { list });
      } catch (cause) {
        if (cause instanceof PlimsollError && cause.code !== "cancelled") known.set(digest, { list, failure: cause });
        throw cause;
      }
    },
  };
}
