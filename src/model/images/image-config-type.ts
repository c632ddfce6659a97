/**
 * The media types of the config of an image, and those that old registries put in their place and Docker still takes
 * for one.
 * Source: OCI Image Specification 1.1; moby `distribution/registry.go`;
 * https://github.com/docker/distribution/issues/1621.
 */
const types: ReadonlySet<unknown> = new Set([
  "application/vnd.oci.image.config.v1+json",
  "application/vnd.docker.container.image.v1+json",
  "application/octet-stream",
  "application/json",
  "text/html",
  "",
]);

/**
 * Whether the media type of a manifest's config makes it the manifest of an image, and not of an artifact such as a
 * chart.
 */
export function isImageConfigType(mediaType: unknown): boolean {
  return types.has(mediaType);
}
