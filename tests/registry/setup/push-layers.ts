import { gzipSync } from "node:zlib";
import type { ImageReference } from "../../../src/model/packages/reference.ts";
import type { RegistryClient } from "../../../src/registry/connection/registry-client.ts";
import { type BlobSource, blobOf } from "../../../src/registry/content/blob-source.ts";
import type { Descriptor } from "../../../src/registry/content/descriptor.ts";
import { ociManifestType } from "../../../src/registry/content/manifest.ts";
import { type TarMember, tar } from "../../setup/tar.ts";

/** A layer that images may share. */
export interface SharedLayer extends BlobSource {
  readonly diffId: string;
  /** What the manifest says that it is; a gzip tar unless given. */
  readonly mediaType?: string;
}

/** What an image says of itself. */
export interface ImageFacts {
  readonly created?: string;
  readonly architecture?: string;
  /** Makes images of the same layers different. */
  readonly label?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** A gzip layer of these entries. */
function layerOf(members: readonly TarMember[]): SharedLayer {
  const bytes = tar(members);
  return { ...blobOf(gzipSync(bytes)), diffId: blobOf(bytes).digest };
}

/** A layer with one installed npm package, and `ballast` bytes that do not shrink. */
export function npmLayer(name: string, version: string, ballast = 0): SharedLayer {
  const manifest = { name: `app/node_modules/${name}/package.json`, content: JSON.stringify({ name, version }) };
  const noise = Buffer.alloc(ballast);
  for (let index = 0, state = name.length; index < ballast; index++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    noise[index] = state >>> 24;
  }
  return layerOf([manifest, ...(ballast > 0 ? [{ name: `app/${name}.bin`, content: noise }] : [])]);
}

/** A layer with one installed package of a release of Alpine. */
export function alpineLayer(release: string): SharedLayer {
  return layerOf([
    { name: "etc/os-release", content: `ID=alpine\nVERSION_ID=${release}.0\nPRETTY_NAME="Alpine Linux v${release}"\n` },
    { name: "lib/apk/db/installed", content: "P:musl\nV:1.2.5-r1\nA:x86_64\no:musl\n\n" },
  ]);
}

/** Pushes an image of these layers; what the registry has already is not sent again. */
export async function pushLayers(
  client: RegistryClient,
  reference: ImageReference,
  {
    layers,
    created,
    architecture = "amd64",
    label,
    labels = {},
  }: { readonly layers: readonly SharedLayer[] } & ImageFacts,
): Promise<Descriptor> {
  const config = blobOf(
    Buffer.from(
      JSON.stringify({
        ...(created !== undefined && { created }),
        architecture,
        os: "linux",
        config: { Labels: { ...labels, ...(label !== undefined && { label }) } },
        rootfs: { type: "layers", diff_ids: layers.map(({ diffId }) => diffId) },
      }),
    ),
  );
  for (const blob of [config, ...layers]) await client.pushBlob(reference, blob);
  const describe = ({ digest, size }: BlobSource, mediaType: string): object => ({ mediaType, digest, size });
  const document = {
    schemaVersion: 2,
    mediaType: ociManifestType,
    config: describe(config, "application/vnd.oci.image.config.v1+json"),
    layers: layers.map((layer) => describe(layer, layer.mediaType ?? "application/vnd.oci.image.layer.v1.tar+gzip")),
  };
  const bytes = Buffer.from(JSON.stringify(document));
  return client.pushManifest(reference, { bytes, mediaType: ociManifestType });
}
