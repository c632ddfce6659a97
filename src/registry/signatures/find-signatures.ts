import { oneLine } from "../../io/one-line.ts";
import { PlimsollError } from "../../model/error.ts";
import type { SignatureFact, SignatureFormat } from "../../model/images/signature.ts";
import { isTag } from "../../model/packages/reference.ts";
import type { Problem } from "../../model/reports/problem.ts";
import { digestOf } from "../content/content-digest.ts";
import { type Descriptor, readDescriptor } from "../content/descriptor.ts";
import { isBundleType } from "./bundle.ts";
import { envelopeType } from "./envelope.ts";
import type { SignatureSource, SourceManifest } from "./signature-source.ts";
import { largestPayload, simpleSigningType } from "./simple-signing.ts";
import { statementType } from "./statement.ts";
import { parseStrictJson } from "./strict-json.ts";

/*
 * Where signatures of the image sha256:HEX lie in its repository:
 *
 *   - the tag sha256-HEX.sig: a manifest with a layer of simple signing for each signature, whose annotations
 *     hold it;
 *   - the tag sha256-HEX.att: a manifest with a layer for each attestation, a DSSE envelope;
 *   - referrers of the image: manifests with layers as above, or with one that is a Sigstore bundle.
 *
 * What a layer is, its own media type says: what a registry lists of a referrer is often wrong or missing, and cosign's
 * library calls an artifact with attestations after what is in its envelopes. The type of an artifact only spares the
 * fetching of its manifest, and telling of one that cannot be read. Sources: cosign, "Signature Specification", "OCI
 * 1.1"; OCI distribution-spec 1.1, "Listing Referrers".
 */

/** The image that signatures are looked for. */
export interface SignedImage {
  readonly repository: string;
  readonly digest: string;
}

/** One signature as it was found. */
export interface FoundSignature extends Pick<SignatureFact, "format" | "manifest" | "place"> {
  /** The blob, or why there is none, as a clause about "it". */
  readonly content: Uint8Array | string;
  /** Those of the layer. Anybody may have written them. */
  readonly annotations: Readonly<Record<string, string>>;
}

/** How signatures are looked for. */
export interface FindOptions {
  /** Called for what could not be looked at. */
  readonly problem: (problem: Problem) => void;
  /** The most bytes of one envelope or bundle, and of all blobs of an image; 16 MiB and 64 MiB unless given. */
  readonly limits?: { readonly envelope: number; readonly all: number };
}

/** The most signatures that are looked at for one image. */
const mostSignatures = 500;
const mostReferrers = 1000;
const mostUnreadTypes = 8;
const largestManifest = 4 * 1024 * 1024;
const usualLimits: NonNullable<FindOptions["limits"]> = { envelope: 16 * 1024 * 1024, all: 64 * 1024 * 1024 };
/** What stands for "no type" in the lists of some registries: the type of the artifact's config. */
const vagueTypes: ReadonlySet<string> = new Set([
  "",
  "application/vnd.oci.empty.v1+json",
  "application/vnd.oci.image.config.v1+json",
]);

/**
 * All signatures and attestations of an image, in a stable order: tags, then referrers as the registry lists them. What
 * could not be looked at goes to `problem`. Throws only when it is cancelled.
 */
export async function* findSignatures(
  source: SignatureSource,
  image: SignedImage,
  options: FindOptions,
): AsyncGenerator<FoundSignature> {
  const search = new Search(source, image, options);
  const name = image.digest.replace(":", "-");
  for (const tag of [`${name}.sig`, `${name}.att`].filter(isTag)) {
    const manifest = await search.look(`the tag ${tag}`, () => source.manifest(image.repository, tag));
    if (manifest) yield* search.layers(manifest, { place: "tag" });
  }
  yield* search.referrers();
}

/** Where a manifest was found. */
interface Carrier {
  readonly place: FoundSignature["place"];
  /** By which it was asked for; that of its bytes unless given. */
  readonly digest?: string;
  /** True for an artifact of a type that is none of signatures. */
  readonly isForeign?: boolean;
}

class Search {
  readonly #source: SignatureSource;
  readonly #image: SignedImage;
  readonly #problem: (problem: Problem) => void;
  readonly #limits: NonNullable<FindOptions["limits"]>;
  readonly #seen = new Set<string>();
  readonly #unread = new Set<string>();
  #signatures = 0;
  #bytes = 0;

  constructor(source: SignatureSource, image: SignedImage, { problem, limits = usualLimits }: FindOptions) {
    this.#source = source;
    this.#image = image;
    this.#problem = problem;
    this.#limits = limits;
  }

  /** The outcome of a look, or undefined after telling what stood in its way. */
  async look<T>(what: string, look: () => Promise<T>): Promise<T | undefined> {
    try {
      return await look();
    } catch (cause) {
      this.#tell(what, asFailure(cause));
      return undefined;
    }
  }

  /** The signatures in the referrers that may be any. */
  async *referrers(): AsyncGenerator<FoundSignature> {
    const { repository, digest } = this.#image;
    let count = 0;
    try {
      for await (const referrer of this.#source.referrers(repository, digest)) {
        if (++count > mostReferrers) return this.#exceeded(`the image has more than ${mostReferrers} referrers`);
        const { artifactType = "" } = referrer;
        this.#reportUnread(artifactType);
        const isForeign = !vagueTypes.has(artifactType) && !isSignatureType(artifactType);
        if (isForeign && !referrer.manifest) continue;
        const fetch = () => this.#source.manifest(repository, referrer.digest);
        const manifest = referrer.manifest ?? (await this.look(`the referrer ${referrer.digest}`, fetch));
        if (manifest) yield* this.layers(manifest, { place: "referrer", digest: referrer.digest, isForeign });
      }
    } catch (cause) {
      const failure = asFailure(cause);
      if (failure.code === "limit-exceeded") this.#exceeded(failure.message);
      else this.#tell("the referrers", failure);
    }
  }

  /** The signatures in a manifest. */
  async *layers({ bytes, digest: actual }: SourceManifest, carrier: Carrier): AsyncGenerator<FoundSignature> {
    const { place, digest = digestOf(bytes), isForeign = false } = carrier;
    const what = `the manifest ${digest}`;
    if (digestOf(bytes, digest) !== digest || (place === "referrer" && actual !== digest)) {
      return this.#unreadable(`${what} does not match its digest`);
    }
    if (this.#seen.has(digest)) return;
    this.#seen.add(digest);
    if (bytes.length > largestManifest) return this.#exceeded(`${what} is larger than ${largestManifest} bytes`);
    const document = parseStrictJson(bytes);
    if (typeof document === "string") {
      // No signature in it could count, and nothing says that there is one.
      return isForeign ? undefined : this.#unreadable(`${what} cannot be read: ${document}`);
    }
    const { layers, artifactType, config } = document;
    this.#reportUnread(artifactType);
    this.#reportUnread(readDescriptor(config)?.mediaType);
    for (const entry of Array.isArray(layers) ? layers : []) {
      const layer = readDescriptor(entry);
      this.#reportUnread(layer?.mediaType);
      const format = layer && formatOf(layer.mediaType);
      if (!layer || !format) continue;
      if (this.#signatures >= mostSignatures)
        return this.#exceeded(`the image has more than ${mostSignatures} signatures`);
      this.#signatures += 1;
      const content = await this.#content(layer, format);
      if (content !== undefined) {
        yield { format, place, manifest: digest, content, annotations: layer.annotations ?? {} };
      }
    }
  }

  /** The blob of a layer, why it is none, or undefined after telling what stood in the way. */
  async #content({ digest, size }: Descriptor, format: SignatureFormat): Promise<Uint8Array | string | undefined> {
    const limit = format === "simple-signing" ? largestPayload : this.#limits.envelope;
    if (size > limit || this.#bytes + size > this.#limits.all) {
      const reason = size > limit ? `is larger than ${limit} bytes` : "exceeds the total size limit";
      return void this.#exceeded(`the signature ${digest} ${reason}`);
    }
    this.#bytes += size;
    try {
      const bytes = await this.#source.blob(this.#image.repository, digest, size);
      return digestOf(bytes, digest) === digest ? bytes : "its content does not match its digest";
    } catch (cause) {
      const failure = asFailure(cause);
      if (failure.code === "digest-mismatch") return "its content does not match its digest";
      if (failure.code === "image-not-found") return "its content is not in the registry";
      return void this.#tell(`the signature ${digest}`, failure);
    }
  }

  #tell(what: string, { code, message }: PlimsollError): void {
    const kind = code === "limit-exceeded" ? code : "unreadable";
    this.#problem({ code: kind, message: `${what} could not be examined: ${message}` });
  }

  /** Once for each type of signature that is not read. */
  #reportUnread(type: unknown): void {
    if (typeof type !== "string" || !isUnreadType(type) || this.#unread.has(type)) return;
    if (this.#unread.size >= mostUnreadTypes) return;
    this.#unread.add(type);
    const message = `the image has signatures of an unsupported type (${oneLine(type)})`;
    this.#problem({ code: "not-examined", message });
  }

  #unreadable(message: string): void {
    this.#problem({ code: "unreadable", message });
  }

  #exceeded(message: string): void {
    this.#problem({ code: "limit-exceeded", message: `${message}, so not all signatures were examined` });
  }
}

/** An error that says that something could not be looked at; every other one is thrown. */
function asFailure(cause: unknown): PlimsollError {
  if (cause instanceof PlimsollError && cause.code !== "cancelled") return cause;
  throw cause;
}

function isSignatureType(artifactType: string): boolean {
  const isAttestation = artifactType === envelopeType || artifactType === statementType;
  return isAttestation || isBundleType(artifactType) || artifactType.startsWith("application/vnd.dev.cosign.");
}

/** Types of signatures that are known and not read: those of Notation, and bundles of other versions. */
function isUnreadType(type: string): boolean {
  if (type.startsWith("application/vnd.cncf.notary.")) return true;
  return type.startsWith("application/vnd.dev.sigstore.bundle") && !isBundleType(type);
}

function formatOf(mediaType: string): SignatureFormat | undefined {
  if (mediaType === simpleSigningType) return "simple-signing";
  if (mediaType === envelopeType) return "envelope";
  return isBundleType(mediaType) ? "bundle" : undefined;
}
