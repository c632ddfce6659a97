import { isImageConfigType } from "../../model/image-config-type.ts";
import { isLayerType } from "../../model/image-part-type.ts";
import type { JsonObject } from "../../model/json-object.ts";
import { asObject } from "./image-config.ts";
import { formOfMediaType } from "./layer-form.ts";

/** What a document is by its content. An `empty-index` names nothing. */
export type ManifestKind = "index" | "empty-index" | "artifact" | "image" | "unknown";

/**
 * What a document that an index names is. An artifact says by a type that it is no image: by the config's or its own,
 * or by those of all its layers, as signatures and attestations do that have the config of an image. Where some layer
 * has the type of an image's, none, or one that says nothing, it is an image.
 *
 * Source: OCI image-spec 1.1, "Image Index", "Image Manifest" and, for `vnd.oci.artifact.manifest`, 1.1.0-rc2; cosign,
 * "Signature Specification". Go writes an empty list as null.
 */
export function manifestKind(document: JsonObject): ManifestKind {
  const { manifests, layers, config } = document;
  if (Array.isArray(manifests)) return manifests.length === 0 ? "empty-index" : "index";
  if (manifests === null && layers === undefined && config === undefined) return "empty-index";
  if (isArtifact(document)) return "artifact";
  const type = asObject(config)["mediaType"];
  return (Array.isArray(layers) || layers === null) && (type === undefined || isImageConfigType(type))
    ? "image"
    : "unknown";
}

function isArtifact({ mediaType, artifactType, config, layers }: JsonObject): boolean {
  if (typeof mediaType === "string" && artifactManifest.test(mediaType)) return true;
  const type = asObject(config)["mediaType"] ?? artifactType;
  if (typeof type === "string" && !isImageConfigType(type)) return true;
  return Array.isArray(layers) && layers.length > 0 && !layers.some((layer) => mayBeOfImage(asObject(layer)));
}

function mayBeOfImage({ mediaType }: JsonObject): boolean {
  if (typeof mediaType !== "string" || isLayerType(mediaType) || plainType.test(mediaType)) return true;
  return formOfMediaType(mediaType) !== undefined;
}

/** Types that say nothing of the purpose, which old builders and registries gave to layers. */
const plainType = /^(?:application\/(?:octet-stream|(?:x-)?(?:tar|gzip|zstd)(?:\+.*)?))?$/i;

const artifactManifest = /^application\/vnd\.(?:oci|cncf\.oras)\.artifact\.manifest\.v\d+\+json$/i;
