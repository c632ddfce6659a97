import { oneLine } from "../../io/one-line.ts";
import { PlimsollError } from "../../model/error.ts";
import { type ImageReference, isDigest, referenceText } from "../../model/packages/reference.ts";
import { pullPurpose, type RepositoryAt } from "../connection/repository-at.ts";
import { digestMismatch, digestOf } from "./content-digest.ts";
import { acceptedManifests, type Manifest, readManifest } from "./manifest.ts";

/** What a registry says of a manifest without sending it. */
export interface ManifestHead {
  /** The registry's word, not proved. */
  readonly digest: string;
  readonly mediaType: string;
}

/** How a manifest is asked for. */
export interface FetchManifestOptions {
  /** Media types; all that are known unless given. */
  readonly accept?: readonly string[];
  /** The most bytes. */
  readonly limit: number;
}

/**
 * Fetches a manifest from a place and proves its digest. A reference without tag and digest means `latest`.
 *
 * Errors: `image-not-found`, `manifest-malformed`, `digest-mismatch`, `limit-exceeded`, those of a request.
 */
export async function fetchManifest(
  place: RepositoryAt,
  reference: ImageReference,
  { accept = acceptedManifests, limit }: FetchManifestOptions,
): Promise<Manifest> {
  const what = referenceText(reference);
  const answer = await place.host.document(
    {
      path: manifestPath(place, reference),
      headers: { accept: accept.join(", ") },
      ...pullPurpose(place),
    },
    { limit, what: `the manifest of ${what}` },
  );
  if (answer.status === 404) throw noSuchImage(place, reference);
  if (answer.status !== 200) throw await place.host.refusal(answer, `the manifest of ${what}`, pullPurpose(place));
  const { bytes } = answer;
  const digest = digestOf(bytes, reference.digest);
  if (reference.digest !== undefined && digest !== reference.digest) {
    throw digestMismatch(what, { wanted: reference.digest, actual: digest });
  }
  const claimed = answer.header("docker-content-digest")?.trim();
  if (reference.digest === undefined && claimed !== undefined && isDigest(claimed)) {
    const actual = digestOf(bytes, claimed);
    if (actual !== claimed) throw digestMismatch(what, { wanted: claimed, actual });
  }
  return readManifest(bytes, { digest, contentType: answer.header("content-type"), what });
}

/**
 * What a tag or digest stands for, by the registry's word, undefined when there is no such manifest. A registry that
 * does not say the digest, knows no `HEAD`, or refuses, for which an answer to `HEAD` has no reasons, is asked for the
 * manifest itself. Docker Hub counts no pull for this.
 *
 * Errors: as {@link fetchManifest}.
 */
export async function headManifest(
  place: RepositoryAt,
  reference: ImageReference,
  options: FetchManifestOptions,
): Promise<ManifestHead | undefined> {
  const { accept = acceptedManifests } = options;
  const answer = await place.host.send({
    method: "HEAD",
    path: manifestPath(place, reference),
    headers: { accept: accept.join(", ") },
    ...pullPurpose(place),
  });
  if (answer.status === 404) return undefined;
  const digest = answer.header("docker-content-digest")?.trim() ?? "";
  if (answer.status === 200 && isDigest(digest) && (reference.digest ?? digest) === digest) {
    return { digest, mediaType: oneLine(answer.header("content-type")?.replace(/;.*$/s, "") ?? "") };
  }
  if (![200, 400, 403, 405, 412, 501].includes(answer.status)) {
    throw await place.host.refusal(answer, `the manifest of ${referenceText(reference)}`, pullPurpose(place));
  }
  const manifest = await fetchManifest(place, reference, options).catch((cause: unknown) => {
    if (cause instanceof PlimsollError && cause.code === "image-not-found") return undefined;
    throw cause;
  });
  return manifest && { digest: manifest.digest, mediaType: manifest.mediaType };
}

/** `image-not-found` for a manifest that a registry does not have. */
function noSuchImage({ host }: RepositoryAt, reference: ImageReference): PlimsollError {
  return new PlimsollError("image-not-found", `the registry ${host.name} does not have ${referenceText(reference)}`, {
    hint: "Check the name and the tag. Without credentials, registries often report a private image as not found.",
  });
}

function manifestPath({ repository }: RepositoryAt, { tag = "latest", digest }: ImageReference): string {
  return `/v2/${repository}/manifests/${digest ?? tag}`;
}
