import { readFields } from "../../engines/containerd/protobuf.ts";
import { objectIn, textIn } from "../../model/json-members.ts";
import { isJsonObject, type JsonObject, parseJson } from "../../model/json-object.ts";
import { type ImageReference, isDigest, parseReference } from "../../model/reference.ts";
import type { BoltBucket } from "../../sources/image-store/bolt-file.ts";

/** A container of containerd, whether it runs or not. */
export interface ContainerdContainer {
  readonly namespace: string;
  readonly id: string;
  /** As people know it: of Kubernetes `NAMESPACE/pod/POD/CONTAINER`. */
  readonly name: string;
  /** The image as it was asked for; empty for a container that was started from a folder. */
  readonly image: string;
  /** The folder that its runtime was told to start it from. */
  readonly rootFolder: string | undefined;
  /** What the image's name means today: the digest of a manifest or index. */
  readonly target: string | undefined;
  /** The chain id of the layers below the container. */
  readonly chainId: string | undefined;
  /** The id of the image that it was made from, `sha256:…`; only Kubernetes' part of containerd notes it. */
  readonly imageId: string | undefined;
  /** True when what the image's name means was written after the container had been made, the same or another. */
  readonly isNamedLater: boolean;
  /** True when containerd pulled `target` from the registry that `image` names. */
  readonly isPulled: boolean;
}

/** The containers of a database. */
export interface ContainerdContainers {
  readonly containers: readonly ContainerdContainer[];
  /** Sentences without their full stops about containers that are not among these. */
  readonly damages: readonly string[];
}

const mostContainers = 10_000;
const largestSpec: number = 4 * 1024 * 1024;
/** Of namespaces and containers, which are names of folders too. Source: containerd `identifiers`. */
const identifier = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/;

/**
 * The containers that containerd's database knows, in one namespace or in all.
 *
 *   v1 / NAMESPACE / containers / ID: image, snapshotter, snapshotKey, labels, createdat;
 *     spec, a `google.protobuf.Any` with the JSON of the runtime;
 *     extensions / io.cri-containerd.container.metadata: the same with what Kubernetes' part notes, in Metadata
 *   v1 / NAMESPACE / images / NAME: updatedat; target: digest
 *   v1 / NAMESPACE / content / blob / DIGEST / labels
 *   v1 / NAMESPACE / snapshots / SNAPSHOTTER / KEY: parent, the chain id of the layers below the container
 *
 * Times are as `MarshalBinary` of Go's `time` writes them. Source: containerd `metadata/buckets.go`, `boltutil`,
 * `cri/store/container/metadata.go`; OCI Image Specification 1.1, "Layer ChainID".
 */
export function containersOf(database: BoltBucket, wanted: string | undefined): ContainerdContainers {
  const version = database.bucket("v1");
  const damages: string[] = [];
  const containers = (wanted === undefined ? (version?.bucketNames() ?? []) : [wanted]).flatMap((namespace) => {
    const bucket = version?.bucket(namespace);
    const known = bucket?.bucket("containers");
    const ids = known?.bucketNames() ?? [];
    if (!bucket || !known || ids.length === 0) return [];
    const usable = identifier.test(namespace) ? ids.filter((id) => identifier.test(id)) : [];
    const many = (count: number): string => (count === 1 ? "a container" : `${count} containers`);
    const where = `in the namespace ${JSON.stringify(namespace.slice(0, 128))} of containerd`;
    const odd = ids.length - usable.length;
    const more = usable.length - mostContainers;
    if (odd > 0) damages.push(`no look at ${many(odd)} ${where}: containerd gives no such names`);
    if (more > 0) damages.push(`no look at ${many(more)} ${where}: the limit is ${mostContainers}`);
    return usable.slice(0, mostContainers).flatMap((id) => {
      const container = known.bucket(id);
      return container ? [containerOf(container, { id, namespace, bucket })] : [];
    });
  });
  return { containers, damages };
}

/** `bucket` is that of the namespace. */
function containerOf(
  container: BoltBucket,
  { id, namespace, bucket }: { readonly id: string; readonly namespace: string; readonly bucket: BoltBucket },
): ContainerdContainer {
  const image = text(container, "image");
  const snapshots = bucket.bucket("snapshots")?.bucket(text(container, "snapshotter"));
  const named = image === "" ? undefined : bucket.bucket("images")?.bucket(image);
  const target = text(named?.bucket("target"), "digest");
  const blob = bucket.bucket("content")?.bucket("blob")?.bucket(target)?.bucket("labels");
  const chainId = text(snapshots?.bucket(text(container, "snapshotKey")), "parent");
  const [made, written] = [timeIn(container, "createdat"), timeIn(named, "updatedat")];
  return {
    namespace,
    id,
    image,
    name: nameOf(id, container.bucket("labels")),
    rootFolder: image === "" ? rootFolderOf(container.value("spec")) : undefined,
    target: isDigest(target) ? target : undefined,
    chainId: chainId === "" ? undefined : chainId,
    imageId: imageIdOf(container.bucket("extensions")),
    isNamedLater: made !== undefined && written !== undefined && written > made,
    isPulled: isFrom(parseReference(image), blob),
  };
}

/** containerd notes the hosts, without their ports, and the repositories that it had a manifest from. */
function isFrom(reference: ImageReference | undefined, labels: BoltBucket | undefined): boolean {
  if (!reference) return false;
  const host = reference.registry.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
  return [reference.registry, host].some((name) =>
    text(labels, `containerd.io/distribution.source.${name}`).split(",").includes(reference.repository),
  );
}

/** Kubernetes and nerdctl write the name that people know into labels. */
function nameOf(id: string, labels: BoltBucket | undefined): string {
  const pod = text(labels, "io.kubernetes.pod.name");
  const container = text(labels, "io.kubernetes.container.name");
  if (pod !== "") {
    const namespace = text(labels, "io.kubernetes.pod.namespace") || "default";
    return `${namespace}/pod/${pod}${container === "" ? "" : `/${container}`}`;
  }
  return text(labels, "nerdctl/name") || id;
}

function rootFolderOf(spec: Buffer | undefined): string | undefined {
  return textIn(objectIn(jsonOfAny(spec), "root"), "path") || undefined;
}

function imageIdOf(extensions: BoltBucket | undefined): string | undefined {
  const metadata = jsonOfAny(extensions?.value("io.cri-containerd.container.metadata"));
  const id = textIn(objectIn(metadata, "Metadata"), "ImageRef");
  return isDigest(id) ? id : undefined;
}

/** The JSON in a `google.protobuf.Any`; an empty object for what is none. */
function jsonOfAny(bytes: Buffer | undefined): JsonObject {
  const fields = bytes && bytes.length <= largestSpec ? readFields(bytes) : undefined;
  const json = fields?.find(({ number }) => number === 2)?.bytes.toString("utf8");
  const parsed = json === undefined ? undefined : parseJson(json);
  return isJsonObject(parsed) ? parsed : {};
}

/** Nanoseconds since the year 1, in UTC; undefined for what is no time. */
function timeIn(bucket: BoltBucket | undefined, key: string): bigint | undefined {
  const bytes = bucket?.value(key);
  if (!bytes || bytes.length < 15 || (bytes[0] !== 1 && bytes[0] !== 2)) return undefined;
  return bytes.readBigInt64BE(1) * 1_000_000_000n + BigInt(bytes.readInt32BE(9));
}

function text(bucket: BoltBucket | undefined, key: string): string {
  return bucket?.value(key)?.toString("utf8") ?? "";
}
