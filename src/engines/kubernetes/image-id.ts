import { isDigest, parseReference } from "../../model/packages/reference.ts";

/** What an `imageID` says of the image that runs. */
export interface RunningImage {
  /** The digest of the image's config, `sha256:…`. */
  readonly imageId?: string;
  /** The digest by which a registry knows it, and the repository there as `REGISTRY/PATH`. */
  readonly digest?: string;
  readonly repository?: string;
}

/**
 * Reads `status.containerStatuses[].imageID`, of which every container runtime has its own form:
 *
 *   docker.io/library/nginx@sha256:…            containerd and CRI-O: where it was pulled from
 *   docker-pullable://nginx@sha256:…            dockershim and cri-dockerd
 *   docker://sha256:…, sha256:…, or 64 digits   the id of an image that was pulled from nowhere
 *
 * Empty for anything else, such as the empty text of a container whose image is not there yet.
 */
export function readImageId(text: string): RunningImage {
  const name = text.slice(0, 2048).replace(/^[a-z-]{1,32}:\/\//, "");
  const id = /^[0-9a-f]{64}$/.test(name) ? `sha256:${name}` : name;
  if (isDigest(id)) return { imageId: id };
  const reference = parseReference(name);
  if (reference?.digest === undefined) return {};
  return { digest: reference.digest, repository: `${reference.registry}/${reference.repository}` };
}
