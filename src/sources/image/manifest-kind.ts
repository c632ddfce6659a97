import { isImageConfigType } from "../../model/images/image-config-type.ts";
import { isLayerType } from "../../model/images/image-part-type.ts";
import type { JsonObject } from "../../model/objects/json-object.ts";
import { asObject } from "./image-config.ts";
import { formOfMediaType } from "./layer-form.ts";

/**
 * What a document is by its content. An `empty-index` names nothing. A `statement`, a signature or an attestation, has
 * the config of an image and only layers that by their types are none: where one of them is not text, Podman and
 * containerd unpack it all the same.
 */
export type ManifestKind = "index" | "empty-index" | "artifact" | "statement" | "image" | "unknown";

/**
 * What a document that an index names is. An artifact says by the type of its config that it is not an image, or has no
 * layers and says so itself. Where some layer has the type of an image's, none, or one that says nothing, it is an
 * image. A document that is an index and a manifest at once is neither: programs would disagree about it
 * (CVE-2021-41190).
 *
 * Source: OCI image-spec 1.1, "Image Index", "Image Manifest" and, for `vnd.oci.artifact.manifest`, 1.1.0-rc2; cosign,
 * "Signature Specification". Go writes an empty list as null.
 */
export function manifestKind(document: JsonObject): ManifestKind {
  const { manifests, layers, config } = document;
  const isManifest = layers !== undefined || config !== undefined;
  if (Array.isArray(manifests)) return isManifest ? "unknown" : manifests.length === 0 ? "empty-index" : "index";
  if (manifests === null && !isManifest) return "empty-index";
  if (isArtifact(document)) return "artifact";
  const type = asObject(config)["mediaType"];
  const hasLayers = Array.isArray(layers) || layers === null;
  if (!hasLayers || (type !== undefined && !isImageConfigType(type))) return "unknown";
  const isStatement = layers !== null && layers.length > 0 && !layers.some((layer) => mayBeOfImage(asObject(layer)));
  return isStatement ? "statement" : "image";
}

function isArtifact({ mediaType, artifactType, config, layers }: JsonObject): boolean {
  if (typeof mediaType === "string" && artifactManifest.test(mediaType) && layers === undefined) return true;
  const type = asObject(config)["mediaType"] ?? artifactType;
  return typeof type === "string" && !isImageConfigType(type);
}

function mayBeOfImage({ mediaType }: JsonObject): boolean {
  if (typeof mediaType !== "string" || isLayerType(mediaType) || plainType.test(mediaType)) return true;
  return formOfMediaType(mediaType) !== undefined;
}

/** Types that say nothing of the purpose, which old builders and registries gave to layers. */
const plainType = /^(?:application\/(?:octet-stream|(?:x-)?(?:tar|gzip|zstd)(?:\+.*)?))?$/i;

const artifactManifest = /^application\/vnd\.(?:oci|cncf\.oras)\.artifact\.manifest\.v\d+\+json$/i;
