import { type ImageReference, isDigest } from "../../model/packages/reference.ts";
import { type BoltBucket, readBolt } from "../../sources/image-store/bolt-file.ts";
import type { ContainerdImage } from "../../sources/image-store/find-in-containerd.ts";
import { containerdDatabase } from "./containerd-root.ts";

/*
 * Images of which containerd has manifest and config, under a name or under none any more: it keeps what a name has
 * left until it collects its garbage, and what a lease holds for as long as that.
 *
 *   v1 / NAMESPACE / content / blob / DIGEST / labels:
 *     containerd.io/gc.ref.content.config   of a manifest, its config
 *     containerd.io/gc.ref.content.m.N      of an index, what it lists
 *     containerd.io/distribution.source.HOST  the repositories that it was pulled from, separated by commas
 *
 * Source: containerd `metadata/buckets.go`, `images/handlers.go` (since 1.3).
 */

const reference = "containerd.io/gc.ref.content.";

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

/** containerd notes the hosts, without their ports, and the repositories that it had a manifest from. */
export function isPulledFrom(asked: ImageReference | undefined, labels: BoltBucket | undefined): boolean {
  if (!asked) return false;
  const host = asked.registry.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
  return [asked.registry, host].some((name) =>
    text(labels, `containerd.io/distribution.source.${name}`).split(",").includes(asked.repository),
  );
}

/**
 * Nanoseconds since the year 1, in UTC, from what `MarshalBinary` of Go's `time` writes; undefined for what is not a
 * time.
 */
export function timeIn(bucket: BoltBucket | undefined, key: string): bigint | undefined {
  const bytes = bucket?.value(key);
  if (!bytes || bytes.length < 15 || (bytes[0] !== 1 && bytes[0] !== 2)) return undefined;
  return bytes.readBigInt64BE(1) * 1_000_000_000n + BigInt(bytes.readInt32BE(9));
}

class Content {
  readonly #blobs: BoltBucket | undefined;

  constructor(database: BoltBucket, namespace: string) {
    this.#blobs = database.bucket("v1")?.bucket(namespace)?.bucket("content")?.bucket("blob");
  }

  /** The digest itself of a manifest or index; of a config that of the manifest which has it, where there is one. */
  leadingTo(digest: string): string | undefined {
    if (!this.#blobs?.bucket(digest)) return undefined;
    if (this.#label(digest, "config") !== "" || this.#label(digest, "m.0") !== "") return digest;
    const all = this.#blobs.bucketNames().filter(isDigest);
    const manifests = all.filter((one) => this.#label(one, "config") === digest);
    return manifests.length === 1 ? manifests[0] : undefined;
  }

  #label(digest: string, what: string): string {
    return text(this.#blobs?.bucket(digest)?.bucket("labels"), `${reference}${what}`);
  }
}

function text(bucket: BoltBucket | undefined, key: string): string {
  return bucket?.value(key)?.toString("utf8") ?? "";
}
