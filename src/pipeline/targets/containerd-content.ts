import { type ImageReference, isDigest } from "../../model/reference.ts";
import { chainIds } from "../../sources/image/chain-ids.ts";
import { type BoltBucket, readBolt } from "../../sources/image-store/bolt-file.ts";
import type { ContainerdImage } from "../../sources/image-store/find-in-containerd.ts";
import { containerdDatabase } from "./containerd-root.ts";

/*
 * Images of which containerd has manifest and config, under a name or under none any more: it keeps what a name has
 * left until it collects its garbage, and what a lease holds for as long as that.
 *
 *   v1 / NAMESPACE / content / blob / DIGEST: createdat; labels:
 *     containerd.io/gc.ref.content.config   of a manifest, its config
 *     containerd.io/gc.ref.content.l.N      of a manifest, its layers from the lowest on
 *     containerd.io/gc.ref.content.m.N      of an index, what it lists
 *     containerd.io/uncompressed            of a layer that is compressed, the diff id that containerd found
 *     containerd.io/distribution.source.HOST  the repositories that it was pulled from, separated by commas
 *
 * Source: containerd `metadata/buckets.go`, `images/handlers.go` (since 1.3), `unpacker.go`.
 */

const reference = "containerd.io/gc.ref.content.";
/** The most layers of a manifest, and the most manifests of an index. */
const mostReferences = 1000;

/** An image of a namespace. */
export interface KeptImage {
  /** The digest of its config. */
  readonly id: string;
  readonly manifestDigest: string;
  /** Of the index that leads to the manifest, where there is one and not several; else of the manifest. */
  readonly digest: string;
  /** True when `digest` was pulled from the repository that was asked for. */
  readonly isPulled: boolean;
  /** True when a name leads to it. */
  readonly isNamed: boolean;
  /** When containerd had its manifest first, as {@link timeIn} gives it. */
  readonly notedAt: bigint | undefined;
}

/** Which images are wanted. */
export interface WantedImages {
  readonly namespace: string;
  /** Of their layers. */
  readonly chainId: string;
  /** From where they may have been pulled. */
  readonly asked: ImageReference | undefined;
}

/**
 * The images whose layers, as containerd unpacked them, have together a chain id. That is not taken from their configs:
 * one may claim the layers of another image. Errors: `limit-exceeded`, that of a damaged database.
 */
export function imagesOfChain(database: BoltBucket, { namespace, chainId, asked }: WantedImages): readonly KeptImage[] {
  const content = new Content(database, namespace);
  const digests = content.digests();
  const manifests = digests.flatMap((digest) => {
    const id = content.configOf(digest);
    return id !== undefined && content.chainIdOf(digest) === chainId ? [{ id, manifestDigest: digest }] : [];
  });
  if (manifests.length === 0) return [];
  const named = content.namedDigests();
  const listed = digests.map((index) => ({ index, below: new Set(content.manifestsOf(index)) }));
  return manifests.map(({ id, manifestDigest }) => {
    const indexes = listed.flatMap(({ index, below }) => (below.has(manifestDigest) ? [index] : []));
    const digest = (indexes.length === 1 ? indexes[0] : undefined) ?? manifestDigest;
    const isPulled = isPulledFrom(asked, content.labels(digest));
    const isNamed = [manifestDigest, ...indexes].some((one) => named.has(one));
    const notedAt = timeIn(content.blob(manifestDigest), "createdat");
    return { id, manifestDigest, digest, isPulled, isNamed, notedAt };
  });
}

/**
 * An image that need not have a name any more, by the digest of its manifest, of an index that leads to it or of its
 * config, in one namespace of containerd's folder or in all; undefined when there is none. Errors: `target-unreadable`,
 * `layout-malformed`, `limit-exceeded`.
 */
export function keptImage(root: string, digest: string, namespace: string | undefined): ContainerdImage | undefined {
  if (!isDigest(digest)) return undefined;
  return readBolt(containerdDatabase(root), (database) => {
    const namespaces = namespace === undefined ? (database.bucket("v1")?.bucketNames() ?? []) : [namespace];
    for (const one of namespaces) {
      const there = new Content(database, one).leadingTo(digest);
      if (there !== undefined) return { name: digest, digest: there, namespace: one };
    }
    return undefined;
  });
}

/**
 * The chain id of an image's layers as containerd unpacked them; undefined when the namespace does not have it. Errors:
 * as {@link keptImage}.
 */
export function chainIdOf(
  root: string,
  { namespace, manifestDigest }: { readonly namespace: string; readonly manifestDigest: string },
): string | undefined {
  return readBolt(containerdDatabase(root), (database) => new Content(database, namespace).chainIdOf(manifestDigest));
}

/** containerd notes the hosts, without their ports, and the repositories that it had a manifest from. */
export function isPulledFrom(asked: ImageReference | undefined, labels: BoltBucket | undefined): boolean {
  if (!asked) return false;
  const host = asked.registry.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
  return [asked.registry, host].some((name) =>
    text(labels, `containerd.io/distribution.source.${name}`).split(",").includes(asked.repository),
  );
}

/**
 * Nanoseconds since the year 1, in UTC, from what `MarshalBinary` of Go's `time` writes; undefined for what is no time.
 */
export function timeIn(bucket: BoltBucket | undefined, key: string): bigint | undefined {
  const bytes = bucket?.value(key);
  if (!bytes || bytes.length < 15 || (bytes[0] !== 1 && bytes[0] !== 2)) return undefined;
  return bytes.readBigInt64BE(1) * 1_000_000_000n + BigInt(bytes.readInt32BE(9));
}

class Content {
  readonly #blobs: BoltBucket | undefined;
  readonly #images: BoltBucket | undefined;

  constructor(database: BoltBucket, namespace: string) {
    const bucket = database.bucket("v1")?.bucket(namespace);
    this.#blobs = bucket?.bucket("content")?.bucket("blob");
    this.#images = bucket?.bucket("images");
  }

  digests(): readonly string[] {
    return this.#blobs?.bucketNames().filter(isDigest) ?? [];
  }

  blob(digest: string): BoltBucket | undefined {
    return this.#blobs?.bucket(digest);
  }

  labels(digest: string): BoltBucket | undefined {
    return this.blob(digest)?.bucket("labels");
  }

  configOf(manifest: string): string | undefined {
    return text(this.labels(manifest), `${reference}config`) || undefined;
  }

  /** What is not compressed is its own diff id. */
  chainIdOf(manifest: string): string | undefined {
    const layers = this.#numbered(manifest, "l");
    const diffIds = layers.map((layer) => text(this.labels(layer), "containerd.io/uncompressed") || layer);
    return [...chainIds(diffIds)].at(-1);
  }

  manifestsOf(index: string): readonly string[] {
    return this.#numbered(index, "m");
  }

  /** The digest itself of a manifest or index; of a config that of a manifest which has it. */
  leadingTo(digest: string): string | undefined {
    if (!this.blob(digest)) return undefined;
    if (this.configOf(digest) !== undefined || this.manifestsOf(digest).length > 0) return digest;
    return this.digests().find((one) => this.configOf(one) === digest);
  }

  namedDigests(): ReadonlySet<string> {
    const names = this.#images?.bucketNames() ?? [];
    return new Set(names.map((name) => text(this.#images?.bucket(name)?.bucket("target"), "digest")));
  }

  #numbered(digest: string, kind: "l" | "m"): readonly string[] {
    const labels = this.labels(digest);
    const found: string[] = [];
    while (labels && found.length < mostReferences) {
      const next = text(labels, `${reference}${kind}.${found.length}`);
      if (next === "") break;
      found.push(next);
    }
    return found;
  }
}

function text(bucket: BoltBucket | undefined, key: string): string {
  return bucket?.value(key)?.toString("utf8") ?? "";
}
