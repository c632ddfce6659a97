/** Whether a descriptor's media type is that of a part of an image, or of a build's cache, and so of no manifest. */
export function isPartType(mediaType: string): boolean {
  return isLayerType(mediaType) || configType.test(mediaType) || isCacheConfigType(mediaType);
}

/** Whether a media type is that of what BuildKit says about a build's cache, beside the cache's layers. */
export function isCacheConfigType(mediaType: string): boolean {
  return cacheConfigType.test(mediaType);
}

/**
 * Whether a media type is that of a layer of an image, with every compression and encryption, of nondistributable and
 * foreign layers too. Source: OCI image-spec 1.1, "Layers"; distribution, "Image Manifest Version 2, Schema 2".
 */
export function isLayerType(mediaType: string): boolean {
  return rootfsType.test(mediaType);
}

const rootfsType = /^application\/vnd\.(?:oci\.image\.layer|docker\.(?:container\.)?image\.rootfs)\./i;

const configType = /^application\/vnd\.(?:oci\.image\.config\.v\d+\+json|docker\.container\.image\.v\d+\+json)$/i;

const cacheConfigType = /^application\/vnd\.buildkit\.cacheconfig\.v\d+$/i;
