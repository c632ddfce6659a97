import { PlimsollError } from "../../model/error.ts";
import { isJsonObject, type JsonObject, parseJson } from "../../model/objects/json-object.ts";
import { hasNextPage, nextPage } from "../connection/next-page.ts";
import { failed } from "../connection/registry-failure.ts";
import { pullPurpose, type RepositoryAt } from "../connection/repository-at.ts";
import { type Descriptor, readAnnotations, readDescriptor } from "./descriptor.ts";
import { fetchManifest } from "./fetch-manifest.ts";
import type { Manifest } from "./manifest.ts";

/** An attachment of an image: a signature, an SBOM, an attestation. All of it comes from the manifest itself. */
export interface Referrer {
  /** Its digest was computed. */
  readonly manifest: Manifest;
  /** Empty when the manifest gives none and its config has no media type. */
  readonly artifactType: string;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Which referrers are wanted. */
export interface ListReferrersOptions {
  /** Only those of this type. */
  readonly artifactType?: string;
  /** The most bytes of a manifest. */
  readonly limit: number;
  /** Called with the reason, a clause, for each referrer that cannot be read. */
  readonly problem?: (reason: string) => void;
}

const largestIndex: number = 16 * 1024 * 1024;
/** The most referrers of one manifest that are looked at. */
const mostReferrers = 1000;
const mostPages = 200;

/**
 * The attachments of the manifest with a digest, by the referrers API or, where a registry does not have it, by the tag
 * that stands in for it. What these lists say is not believed: each manifest is fetched, and must name the digest as
 * its subject.
 *
 * Errors: `limit-exceeded` after the first 1,000 referrers when there are more, `manifest-malformed` for an index that
 * cannot be read, those of a request.
 * Source: OCI Distribution Specification 1.1, "Listing Referrers", "Unavailable Referrers API".
 */
export async function* listReferrers(
  place: RepositoryAt,
  digest: string,
  options: ListReferrersOptions,
): AsyncGenerator<Referrer> {
  const { artifactType, limit, problem } = options;
  const descriptors = (await fromApi(place, digest, options)) ?? (await fromTag(place, digest, options)).descriptors;
  for (const descriptor of descriptors.slice(0, mostReferrers)) {
    const referrer = await readReferrer(place, descriptor, limit).catch((cause: unknown) => {
      if (!(cause instanceof PlimsollError) || !ofOneReferrer.includes(cause.code)) throw cause;
      problem?.(cause.message);
      return undefined;
    });
    if (!referrer || readDescriptor(referrer.manifest.document["subject"])?.digest !== digest) continue;
    if (artifactType === undefined || referrer.artifactType === artifactType) yield referrer;
  }
  if (descriptors.length > mostReferrers) {
    throw new PlimsollError("limit-exceeded", `more than ${mostReferrers} artifacts are attached to ${digest}`);
  }
}

const ofOneReferrer = ["image-not-found", "manifest-malformed", "digest-mismatch", "limit-exceeded"];

/**
 * The tag that holds the index of what is attached to a digest, where there is no referrers API. A tag has at most 128
 * characters, so a long digest is cut; what is listed under it names its whole subject. Source: OCI Distribution
 * Specification 1.1, "Referrers Tag Schema".
 */
export function referrersTag(digest: string): string {
  const [algorithm = "", encoded = ""] = digest.split(":");
  return `${algorithm.slice(0, 32)}-${encoded.slice(0, 64)}`.replace(/[^A-Za-z0-9._-]/g, "-");
}

/**
 * True for a tag that stands for something attached to an image and not for an image: the tag of the referrers index,
 * and cosign's `sha256-….sig`, `.att` and `.sbom`.
 */
export function isAttachmentTag(tag: string): boolean {
  return /^(?:sha256-[0-9a-f]{64}|sha512-[0-9a-f]{64,128})(?:\.[A-Za-z0-9._-]*)?$/.test(tag);
}

/**
 * The index behind the tag that stands in for the referrers API; an empty one when there is none. Errors: those of a
 * request.
 */
export async function fromTag(
  place: RepositoryAt,
  digest: string,
  { problem }: Pick<ListReferrersOptions, "problem"> = {},
): Promise<{ readonly descriptors: readonly Descriptor[]; readonly index: Manifest | undefined }> {
  const reference = { registry: place.host.name, repository: place.repository, tag: referrersTag(digest) };
  try {
    const index = await fetchManifest(place, reference, { limit: largestIndex });
    return { descriptors: index.kind === "index" ? descriptorsIn(index.document, { digest, problem }) : [], index };
  } catch (cause) {
    if (cause instanceof PlimsollError && cause.code === "image-not-found")
      return { descriptors: [], index: undefined };
    throw cause;
  }
}

/** Undefined when the registry does not have the API. */
async function fromApi(
  place: RepositoryAt,
  digest: string,
  { artifactType, problem }: ListReferrersOptions,
): Promise<readonly Descriptor[] | undefined> {
  const { host, repository } = place;
  const filter = artifactType === undefined ? "" : `?artifactType=${encodeURIComponent(artifactType)}`;
  const found = new Map<string, Descriptor>();
  const asked = new Set<string>();
  let path: string | undefined = `/v2/${repository}/referrers/${digest}${filter}`;
  while (path !== undefined && !asked.has(path)) {
    if (asked.size >= mostPages)
      throw new PlimsollError(
        "limit-exceeded",
        `the list of artifacts attached to ${digest} has more than ${mostPages} pages`,
      );
    asked.add(path);
    const what = `the list of artifacts attached to ${digest}`;
    const answer = await host.document(
      { path, headers: { accept: "application/vnd.oci.image.index.v1+json" }, ...pullPurpose(place) },
      { limit: largestIndex, what },
    );
    if ([400, 404, 405, 406, 501].includes(answer.status) && asked.size === 1) return undefined;
    if (answer.status !== 200) throw await host.refusal(answer, what, pullPurpose(place));
    const page = parseJson(answer.bytes.toString("utf8"));
    // A page for people, from a proxy or a registry that answers anything.
    if (!isJsonObject(page) || !Array.isArray(page["manifests"])) {
      if (asked.size === 1) return undefined;
      throw failed(what, { registry: host.name, reason: "the response is not an index" });
    }
    for (const descriptor of descriptorsIn(page, { digest, problem })) found.set(descriptor.digest, descriptor);
    const link = answer.header("link");
    path = found.size > mostReferrers ? undefined : nextPage(link, await host.address(path));
    if (path === undefined && found.size <= mostReferrers && hasNextPage(link))
      throw failed(what, { registry: host.name, reason: "it sends to another server for the rest" });
  }
  return [...found.values()];
}

async function readReferrer(place: RepositoryAt, descriptor: Descriptor, limit: number): Promise<Referrer> {
  const reference = { registry: place.host.name, repository: place.repository, digest: descriptor.digest };
  const manifest = await fetchManifest(place, reference, {
    limit,
    ...(descriptor.mediaType !== "" && { accept: [descriptor.mediaType] }),
  });
  const { artifactType, config, annotations } = manifest.document;
  const configType = isJsonObject(config) ? config["mediaType"] : undefined;
  const type = [artifactType, configType].find((value): value is string => typeof value === "string" && value !== "");
  return { manifest, artifactType: type ?? "", annotations: readAnnotations(annotations) ?? {} };
}

function descriptorsIn(
  index: JsonObject,
  { digest, problem }: { readonly digest: string; readonly problem: ListReferrersOptions["problem"] },
): readonly Descriptor[] {
  const list = Array.isArray(index["manifests"]) ? index["manifests"] : [];
  const descriptors = list.map(readDescriptor).filter((descriptor) => descriptor !== undefined);
  const lost = list.length - descriptors.length;
  const how = lost === 1 ? "an entry" : `${lost} entries`;
  const have = lost === 1 ? "has" : "have";
  if (lost > 0) problem?.(`${how} in the list of artifacts attached to ${digest} ${have} no digest or no size`);
  return descriptors;
}
