import { readFields } from "../../engines/containerd/protobuf.ts";
import { objectIn, textIn } from "../../model/objects/json-members.ts";
import { isJsonObject, type JsonObject, parseJson } from "../../model/objects/json-object.ts";
import { isDigest, parseReference, referenceText } from "../../model/packages/reference.ts";
import type { BoltBucket } from "../../sources/image-store/bolt-file.ts";
import { isPulledFrom, timeIn } from "../targets/containerd-content.ts";

/** A container of containerd, whether it runs or not. */
export interface ContainerdContainer {
  readonly namespace: string;
  readonly id: string;
  /** As people know it: of Kubernetes `NAMESPACE/pod/POD/CONTAINER`. */
  readonly name: string;
  /** The image as it was asked for; empty for a container that was started from a folder. */
  readonly image: string;
  /**
   * True when `image` need not be what was asked for: an older kubelet tells Kubernetes' part of containerd an id
   * alone, which then writes one of that image's names.
   */
  readonly isGuessed: boolean;
  /** The root folder in the configuration of its runtime. */
  readonly rootFolder: string | undefined;
  /** What the image's name means today. */
  readonly target: ContainerdTarget | undefined;
  /** What `imageId` means as a name of an image, which Kubernetes' part writes too and which does not move. */
  readonly kept: ContainerdTarget | undefined;
  /** The chain id of the layers below the container. */
  readonly chainId: string | undefined;
  /** The id of the image that it was made from, `sha256:…`; only Kubernetes' part of containerd notes it. */
  readonly imageId: string | undefined;
  /** When it was made, as {@link timeIn} gives it. */
  readonly madeAt: bigint | undefined;
  /** True when what the image's name means was written after the container had been made, the same or another. */
  readonly isNamedLater: boolean;
}

/** What a name of an image means. */
export interface ContainerdTarget {
  /** Digest of a manifest or index. */
  readonly digest: string;
  /** True when containerd pulled it from the repository that the container's `image` names. */
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
/** Form of namespaces and containers, which are names of folders too. Source: containerd `identifiers`. */
const identifier = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/;

/**
 * The containers that containerd's database knows, in one namespace or in all.
 *
 *   v1 / NAMESPACE / containers / ID: image, snapshotter, snapshotKey, labels, createdat;
 *     spec, a `google.protobuf.Any` with the JSON of the runtime;
 *     extensions / io.cri-containerd.container.metadata: the same with what Kubernetes' part notes, in Metadata:
 *     ImageRef, the image's id, and what was asked for, in Config.image; `image` is then the first of all names that
 *     the image had
 *   v1 / NAMESPACE / images / NAME: updatedat; target: digest. Kubernetes' part has an image under its name with a tag,
 *     its name with a digest and its id
 *   v1 / NAMESPACE / content / blob / DIGEST / labels
 *   v1 / NAMESPACE / snapshots / SNAPSHOTTER / KEY: parent, the chain id of the layers below the container
 *
 * Times are as `MarshalBinary` of Go's `time` writes them. Source: containerd `metadata/buckets.go`, `boltutil`,
 * `cri/store/container/metadata.go`, `cri/server/container_create.go`; Kubernetes' `cri-api` `ImageSpec`; OCI Image
 * Specification 1.1, "Layer ChainID".
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
    if (odd > 0) damages.push(`${many(odd)} ${where} ${odd === 1 ? "was" : "were"} skipped: invalid container name`);
    if (more > 0)
      damages.push(`${many(more)} ${where} ${more === 1 ? "was" : "were"} skipped: the limit is ${mostContainers}`);
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
  const cri = jsonOfAny(container.bucket("extensions")?.value("io.cri-containerd.container.metadata"));
  const { imageId, asked } = noted(objectIn(cri, "Metadata"));
  const image = asked ?? text(container, "image");
  const images = bucket.bucket("images");
  const named = image === "" ? undefined : images?.bucket(asked === undefined ? image : nameInContainerd(asked));
  const targetOf = (name: BoltBucket | undefined): ContainerdTarget | undefined => {
    const digest = text(name?.bucket("target"), "digest");
    const labels = bucket.bucket("content")?.bucket("blob")?.bucket(digest)?.bucket("labels");
    return isDigest(digest) ? { digest, isPulled: isPulledFrom(parseReference(image), labels) } : undefined;
  };
  const snapshots = bucket.bucket("snapshots")?.bucket(text(container, "snapshotter"));
  const chainId = text(snapshots?.bucket(text(container, "snapshotKey")), "parent");
  const [madeAt, written] = [timeIn(container, "createdat"), timeIn(named, "updatedat")];
  return {
    namespace,
    id,
    image,
    isGuessed: imageId !== undefined && asked === undefined,
    name: nameOf(id, container.bucket("labels")),
    rootFolder: image === "" ? rootFolderOf(container.value("spec")) : undefined,
    target: targetOf(named),
    kept: imageId === undefined ? undefined : targetOf(images?.bucket(imageId)),
    chainId: chainId === "" ? undefined : chainId,
    imageId,
    madeAt,
    isNamedLater: madeAt !== undefined && written !== undefined && written > madeAt,
  };
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

/** The image's id, and the name that was asked for: a kubelet may tell that beside an id, or an id alone. */
function noted(metadata: JsonObject): { readonly imageId: string | undefined; readonly asked: string | undefined } {
  const id = textIn(metadata, "ImageRef");
  const image = objectIn(objectIn(metadata, "Config"), "image");
  const asked = [textIn(image, "user_specified_image"), textIn(image, "image")].find(isName);
  return { imageId: isDigest(id) ? id : undefined, asked };
}

function isName(image: string): boolean {
  return !isDigest(image) && parseReference(image) !== undefined;
}

/** Kubernetes' part leaves the tag away where there is a digest. */
function nameInContainerd(asked: string): string {
  const reference = parseReference(asked);
  if (!reference) return asked;
  const { registry, repository, tag = "latest", digest } = reference;
  return referenceText({ registry, repository, ...(digest === undefined ? { tag } : { digest }) });
}

/** The JSON in a `google.protobuf.Any`; an empty object for what is none. */
function jsonOfAny(bytes: Buffer | undefined): JsonObject {
  const fields = bytes && bytes.length <= largestSpec ? readFields(bytes) : undefined;
  const json = fields?.find(({ number }) => number === 2)?.bytes.toString("utf8");
  const parsed = json === undefined ? undefined : parseJson(json);
  return isJsonObject(parsed) ? parsed : {};
}

function text(bucket: BoltBucket | undefined, key: string): string {
  return bucket?.value(key)?.toString("utf8") ?? "";
}
