import { readFields } from "../../engines/containerd/protobuf.ts";
import { objectIn, textIn } from "../../model/json-members.ts";
import { isJsonObject } from "../../model/json-object.ts";
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
  /** True when containerd pulled `target` from the registry that `image` names. */
  readonly isPulled: boolean;
}

const mostContainers = 10_000;
const largestSpec: number = 4 * 1024 * 1024;

/**
 * The containers that containerd's database knows, in one namespace or in all.
 *
 *   v1 / NAMESPACE / containers / ID: image, snapshotter, snapshotKey, labels;
 *     spec, a `google.protobuf.Any` with the JSON of the runtime
 *   v1 / NAMESPACE / images / NAME / target: digest
 *   v1 / NAMESPACE / content / blob / DIGEST / labels
 *   v1 / NAMESPACE / snapshots / SNAPSHOTTER / KEY: parent, the chain id of the layers below the container
 *
 * Source: containerd `metadata/buckets.go`; OCI Image Specification 1.1, "Layer ChainID".
 */
export function containersOf(database: BoltBucket, wanted: string | undefined): readonly ContainerdContainer[] {
  const version = database.bucket("v1");
  const namespaces = wanted === undefined ? (version?.bucketNames() ?? []) : [wanted];
  return namespaces.flatMap((namespace) => {
    const bucket = version?.bucket(namespace);
    const ids = bucket?.bucket("containers")?.bucketNames() ?? [];
    return ids.slice(0, mostContainers).flatMap((id): ContainerdContainer[] => {
      const container = bucket?.bucket("containers")?.bucket(id);
      if (!bucket || !container || !/^[A-Za-z0-9_.-]{1,128}$/.test(id)) return [];
      const image = text(container, "image");
      const snapshots = bucket.bucket("snapshots")?.bucket(text(container, "snapshotter"));
      const target = image === "" ? "" : text(bucket.bucket("images")?.bucket(image)?.bucket("target"), "digest");
      const blob = bucket.bucket("content")?.bucket("blob")?.bucket(target)?.bucket("labels");
      const chainId = text(snapshots?.bucket(text(container, "snapshotKey")), "parent");
      return [
        {
          namespace,
          id,
          image,
          name: nameOf(id, container.bucket("labels")),
          rootFolder: image === "" ? rootFolderOf(container.value("spec")) : undefined,
          target: isDigest(target) ? target : undefined,
          chainId: chainId === "" ? undefined : chainId,
          isPulled: isFrom(parseReference(image), blob),
        },
      ];
    });
  });
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
  const fields = spec && spec.length <= largestSpec ? readFields(spec) : undefined;
  const json = fields?.find(({ number }) => number === 2)?.bytes.toString("utf8");
  try {
    const parsed: unknown = json === undefined ? undefined : JSON.parse(json);
    const path = isJsonObject(parsed) ? textIn(objectIn(parsed, "root"), "path") : "";
    return path === "" ? undefined : path;
  } catch {
    return undefined;
  }
}

function text(bucket: BoltBucket | undefined, key: string): string {
  return bucket?.value(key)?.toString("utf8") ?? "";
}
