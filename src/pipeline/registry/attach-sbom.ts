import { PlimsollError } from "../../model/error.ts";
import { isJsonObject, parseJson } from "../../model/objects/json-object.ts";
import { type ImageReference, referenceText } from "../../model/packages/reference.ts";
import type { Contents } from "../../model/reports/report.ts";
import type { RegistryClient, Repository } from "../../registry/connection/registry-client.ts";
import { blobOf } from "../../registry/content/blob-source.ts";
import { type Descriptor, readDescriptor } from "../../registry/content/descriptor.ts";
import type { Manifest } from "../../registry/content/manifest.ts";
import { imageReference, type OpenRegistryImageOptions, openRegistryImage } from "../targets/open-registry-image.ts";
import { recogniseTarget } from "../targets/recognise-target.ts";
import { parseTarget, refuseForeignScheme } from "../targets/target.ts";

/*
 * An SBOM beside an image in its registry: an OCI image manifest whose `subject` is the image, with the empty config
 * and one layer, the document. Its `artifactType` and the layer's media type are those of the format without a version,
 * as regclient and Trivy's plug-in write them and as Trivy looks for them, by comparing texts. It is attached to the
 * manifest of the image that was read and never to an index around it, since it tells nothing of the other platforms.
 *
 * Sources: OCI image-spec 1.1, "Guidelines for Artifact Usage"; IANA, "application/vnd.cyclonedx+json"; trivy
 * `pkg/fanal/artifact/image/remote_sbom.go`; regclient `build/oci-image.sh`.
 */
const cyclonedxType = "application/vnd.cyclonedx+json";

/** Where an SBOM is attached. */
export interface AttachedPlace {
  /** The SBOM, by the digest of its manifest: what is to be signed. */
  readonly reference: string;
  /** The image, by the digest of the manifest that was read. */
  readonly subject: string;
  /** False when the same SBOM was attached already. */
  readonly isNew: boolean;
}

/** With what an SBOM is attached. */
export interface AttachSbomOptions {
  readonly client: RegistryClient;
  /** The document for contents, as CycloneDX in JSON. The same contents give the same text. */
  readonly write: (contents: Contents) => Iterable<string>;
  /** Mirrors that the client reads from in the registry's place: `HOST[/PREFIX]`. */
  readonly mirrors?: readonly string[];
}

/** Options that are known before the image is read. */
export type AttachablePlaceOptions = Pick<AttachSbomOptions, "client" | "mirrors"> &
  Pick<OpenRegistryImageOptions, "platform">;

/**
 * The target whose SBOM can be attached, and the registry that it is in, as references name it: an image in a registry,
 * also where one on this machine has the same name. Error: `usage` for any other target.
 */
export function attachableTarget(text: string): { readonly target: string; readonly registry: string } {
  const { kind, name } = parseTarget(text);
  if (kind === undefined) refuseForeignScheme(name);
  const isInRegistry = kind === undefined ? recogniseTarget(name) === "docker" : kind === "registry";
  if (isInRegistry) {
    return { target: `registry:${name}`, registry: imageReference(name).registry };
  }
  throw new PlimsollError("usage", `cannot attach an SBOM: ${name} is not an image in a registry`, {
    hint: "Use registry:HOST/NAME:TAG, or replace --attach with --output FILE.",
  });
}

/**
 * Makes sure, before an image is read, that its SBOM can be attached: that the registry itself has the manifest that
 * will be read, maybe from a mirror, and takes an upload. The upload is the config of every such artifact, two bytes
 * that are needed in any case; where it exists already, an artifact may have been attached before, and no further test
 * is made. A missing image is reported by the scan.
 *
 * `target` is as {@link attachableTarget} gives it.
 * Errors: `image-not-found` when only a mirror has the image, those of every request of the client.
 */
export async function requireAttachable(
  target: string,
  { client, platform, mirrors = [] }: AttachablePlaceOptions,
): Promise<void> {
  const { name } = parseTarget(target);
  const asked = imageReference(name);
  const repository = { registry: asked.registry, repository: asked.repository };
  if (mirrors.length === 0) {
    if (!(await client.head(asked))) return;
  } else {
    using image = await openRegistryImage(name, { client, platform, verifyDigests: false });
    const { digest } = image.reference;
    if (digest === undefined) throw new Error("the opened image has a manifest without a digest");
    const read = { ...repository, digest };
    if (!(await client.head(read))) throw onlyInMirror(read, mirrors);
  }
  await client.pushBlob(repository, emptyConfig);
}

const emptyConfig = blobOf(Buffer.from("{}"));

function onlyInMirror(image: ImageReference, mirrors: readonly string[]): PlimsollError {
  const which = mirrors.length === 1 ? `the mirror ${mirrors[0]}` : `a mirror (${mirrors.join(" or ")})`;
  return new PlimsollError(
    "image-not-found",
    `the SBOM cannot be attached to ${referenceText(image)}: it was read from ${which}, and the registry itself does not have that manifest`,
    { hint: "Push the image to the registry first, or use its name in the mirror to attach the SBOM there." },
  );
}

/**
 * Attaches the SBOM of an image to it in its registry, not in a mirror, unless the same is attached already: one that
 * differs only in when it was made.
 *
 * Errors: `image-not-found` when the registry does not have the manifest that was read, `limit-exceeded` beside too
 * many attached artifacts, those of every request of the client.
 */
export async function attachSbom(contents: Contents, options: AttachSbomOptions): Promise<AttachedPlace> {
  const { client, write, mirrors = [] } = options;
  const { registry, repository } = imageReference(contents.target.name);
  const image = { registry, repository, digest: digestOf(contents) };
  const subject = await client.manifestOf(image).catch((cause: unknown) => {
    const isMissing = cause instanceof PlimsollError && cause.code === "image-not-found";
    throw isMissing && mirrors.length > 0 ? onlyInMirror(image, mirrors) : cause;
  });
  const bytes = Buffer.from([...write(contents)].join(""));
  const known = await findSame(client, image, { size: bytes.length, contents, write });
  const { digest } = known ?? (await push(client, image, { bytes, subject, createdAt: contents.createdAt }));
  return {
    reference: referenceText({ registry, repository, digest }),
    subject: referenceText(image),
    isNew: known === undefined,
  };
}

function digestOf({ target }: Contents): string {
  if (target.kind === "registry" && target.manifestDigest !== undefined) return target.manifestDigest;
  throw new Error("only an image that was read from a registry has an SBOM to attach");
}

/** The first artifact that holds the same document, with whatever date. */
async function findSame(
  client: RegistryClient,
  { digest, ...repository }: Repository & { readonly digest: string },
  { size, contents, write }: Pick<AttachSbomOptions, "write"> & { readonly size: number; readonly contents: Contents },
): Promise<Pick<Manifest, "digest"> | undefined> {
  for await (const { manifest } of client.referrers(repository, digest, { artifactType: cyclonedxType })) {
    const layer = documentIn(manifest);
    // Dates are all of one length.
    if (layer?.size !== size) continue;
    const found = await readDocument(client, repository, layer);
    const createdAt = found && dateIn(found);
    if (createdAt === undefined) continue;
    if ([...write({ ...contents, createdAt })].join("") === found) return manifest;
  }
  return undefined;
}

function documentIn({ document }: Manifest): Descriptor | undefined {
  const { layers } = document;
  return Array.isArray(layers) && layers.length === 1 ? readDescriptor(layers[0]) : undefined;
}

/** Undefined for one that cannot be had: it is attached again. */
async function readDocument(
  client: RegistryClient,
  repository: Repository,
  { digest, size }: Descriptor,
): Promise<string | undefined> {
  try {
    return (await client.blobBytes(repository, { digest, size }, size)).toString("utf8");
  } catch (cause) {
    const isLost = cause instanceof PlimsollError && lostCodes.includes(cause.code);
    if (isLost) return undefined;
    throw cause;
  }
}

const lostCodes = ["image-not-found", "digest-mismatch", "limit-exceeded"];

function dateIn(text: string): string | undefined {
  const document = parseJson(text);
  const metadata = isJsonObject(document) ? document["metadata"] : undefined;
  const timestamp = isJsonObject(metadata) ? metadata["timestamp"] : undefined;
  return typeof timestamp === "string" ? timestamp : undefined;
}

function push(
  client: RegistryClient,
  { registry, repository }: Repository,
  { bytes, subject, createdAt }: { readonly bytes: Buffer; readonly subject: Manifest; readonly createdAt: string },
): Promise<Descriptor> {
  return client.pushArtifact(
    { registry, repository },
    {
      artifactType: cyclonedxType,
      layers: [
        {
          mediaType: cyclonedxType,
          blob: blobOf(bytes),
          annotations: { "org.opencontainers.image.title": "sbom.cdx.json" },
        },
      ],
      annotations: {
        "org.opencontainers.image.created": createdAt,
        "org.opencontainers.image.description": "CycloneDX JSON SBOM",
      },
      subject,
    },
  );
}
