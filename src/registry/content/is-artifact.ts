import { blockSize, hasRightChecksum } from "../../io/tar/header.ts";
import { isImageConfigType } from "../../model/images/image-config-type.ts";
import { isJsonObject, type JsonObject } from "../../model/objects/json-object.ts";
import type { ImageReference } from "../../model/packages/reference.ts";
import type { RegistryClient } from "../connection/registry-client.ts";
import { type Descriptor, readDescriptor } from "./descriptor.ts";
import { imagesIn, withDigest } from "./images-in.ts";
import type { Manifest } from "./manifest.ts";

/** A manifest with more layers than this is not an attestation and not a signature. */
const mostStatements = 20;
/** Entries of an index, and of those in it, that are asked for what they are. */
const mostEntries = 64;

/**
 * Whether a manifest is that of an artifact and of no image, whole or broken. The config decides where it has a type,
 * as it does for those who run images: one with `artifactType` beside the config of an image runs all the same.
 * Attestations and signatures have the config of an image too. They are known by layers that by their types are not
 * tars; Podman would unpack one of such a type all the same, so that there is no tar in any of them is seen in their
 * bytes.
 *
 * Errors: those of {@link RegistryClient.blob}.
 */
export async function isArtifact(
  client: RegistryClient,
  reference: ImageReference,
  { document }: Manifest,
): Promise<boolean> {
  if (!hasImageConfig(document)) return true;
  const layers = Array.isArray(document["layers"]) ? document["layers"].map(readDescriptor) : [];
  if (layers.length === 0 || layers.length > mostStatements) return false;
  if (!layers.every((layer) => layer && statementType.test(layer.mediaType))) return false;
  for (const layer of layers) {
    if (!layer || !(await isText(client, reference, layer))) return false;
  }
  return true;
}

/**
 * Whether neither what a reference names nor anything in it, where it is an index, is an image. False where that is too
 * much to ask. Errors: as {@link isArtifact}, those of {@link RegistryClient.manifest}.
 */
export async function holdsNoImage(
  client: RegistryClient,
  reference: ImageReference,
  manifest: Manifest,
): Promise<boolean> {
  const waiting: (Manifest | string)[] = [manifest];
  let asked = 0;
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    if (typeof next === "string" && ++asked > mostEntries) return false;
    const found = typeof next === "string" ? await client.manifest(withDigest(reference, next)) : next;
    if (found.kind === "index") waiting.push(...imagesIn(found).map(({ digest }) => digest));
    else if (!(await isArtifact(client, reference, found))) return false;
  }
  return true;
}

function hasImageConfig(document: JsonObject): boolean {
  const { config, artifactType } = document;
  const type = isJsonObject(config) ? config["mediaType"] : undefined;
  return typeof type === "string" ? isImageConfigType(type) : typeof artifactType !== "string";
}

/**
 * `application/vnd.in-toto+json`, `text/spdx` and similar types. A module of WebAssembly with the config of an image is
 * none: containerd runs it.
 */
const statementType = /^(?:text\/.*|application\/(?:json|xml|yaml)|.*\+(?:json|jsonl|xml|yaml))$/i;

/** Whether a layer begins as text, which neither a tar does nor anything that is unpacked to one. */
async function isText(client: RegistryClient, reference: ImageReference, layer: Descriptor): Promise<boolean> {
  const head = await firstBytes(client, reference, layer);
  if (head.length === 0 || (head.length === blockSize && hasRightChecksum(head, 0))) return false;
  return head.every((byte) => byte >= 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d);
}

async function firstBytes(client: RegistryClient, reference: ImageReference, layer: Descriptor): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of client.blob(reference, layer, { to: blockSize })) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces).subarray(0, blockSize);
}
