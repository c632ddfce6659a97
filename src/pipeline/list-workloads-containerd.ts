import { createHash } from "node:crypto";
import { existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ContainerdClient } from "../engines/containerd/containerd-client.ts";
import { reasonOf } from "../io/random-access.ts";
import { PlimsollError } from "../model/error.ts";
import { type ImageReference, isDigest, parseReference, referenceText } from "../model/reference.ts";
import type { Workload } from "../model/workload.ts";
import { type BoltBucket, readBolt } from "../sources/image-store/bolt-file.ts";
import { isContainerdStorage, openContainerdStorage } from "../sources/image-store/containerd-storage.ts";
import { type ContainerdAccess, usualContainerdAddresses, usualContainerdStorage } from "./engine-access.ts";
import type { EngineListing } from "./list-workloads.ts";
import { liveProcess } from "./live-process.ts";

/*
 * What runs in containerd, read from its folders:
 *
 *   STORAGE/io.containerd.metadata.v1.bolt/meta.db   v1 / NAMESPACE / containers / ID: image, snapshotter, snapshotKey, labels
 *                                                    v1 / NAMESPACE / content / blob / DIGEST / labels
 *                                                    v1 / NAMESPACE / snapshots / SNAPSHOTTER / KEY: parent, the chain id of the
 *                                                    layers below the container
 *   STATE/io.containerd.runtime.v2.task/NAMESPACE/ID/init.pid   the container's first process, where it has one on this machine
 *
 * A container names its image by a reference that may have moved since. The chain id below it tells: it is made of the digests of
 * all layers. Source: containerd `metadata/buckets.go`, `runtime/v2`; OCI Image Specification 1.1, "Layer ChainID".
 */
interface Found {
  readonly namespace: string;
  readonly id: string;
  readonly name: string;
  readonly image: string;
  /** What the reference means today. */
  readonly target: string | undefined;
  readonly chainId: string | undefined;
  /** True when containerd pulled it from the registry that the reference names. */
  readonly isPulled: boolean;
}

const mostContainers = 10_000;
/** Docker lists what it runs itself, by names and images that containerd does not know. */
const docker = "moby";

/**
 * What runs in containerd, one listing for each of its folders. Where a socket is named, who listens there is asked which folder that is
 * and, of containers without a state beside the socket, whether they run; when nobody answers, the usual folders are read. Empty when
 * there is none, and when one may not look, unless it is `required` or its socket is named.
 *
 * Errors: `engine-unreachable`, `engine-failed`, `target-unreadable`, `layout-malformed`, `limit-exceeded`, `cancelled`.
 */
export async function listContainerd(
  access: ContainerdAccess,
  { required, signal }: { readonly required: boolean; readonly signal: AbortSignal },
): Promise<readonly EngineListing[]> {
  const { address, storage = usualContainerdStorage, namespace } = access;
  using client = address === undefined ? undefined : await openClient(address);
  const named = client && access.storage === undefined ? await rootOf(client, { address, signal }) : undefined;
  const roots =
    typeof named === "string" ? [named] : storage.filter((root) => isReadable(root, required && named === undefined));
  if (roots.length === 0 && named instanceof PlimsollError) throw named;
  if (roots.length === 0 && required) {
    throw new PlimsollError("engine-unreachable", "there is no containerd in its usual folders", {
      hint: "Set CONTAINERD_ADDRESS to its socket when it keeps its images in another folder (root in its config.toml).",
    });
  }
  const states = (address === undefined ? usualContainerdAddresses : [address]).flatMap(stateFolders);
  const running = new Running(named instanceof PlimsollError ? undefined : client, signal);
  const listings: EngineListing[] = [];
  for (const root of roots) {
    const containers = readBolt(metadataFile(root), (database) => containersOf(database, namespace));
    const workloads: Workload[] = [];
    for (const container of containers) {
      const startedAt = startOf(container, states);
      if (startedAt === undefined && !(await running.has(container))) continue;
      workloads.push(workloadOf(container, { root, startedAt, signal }));
    }
    listings.push({ workloads });
  }
  return listings;
}

async function openClient(address: string): Promise<ContainerdClient> {
  const { openContainerd } = await import("../engines/containerd/containerd-client.ts");
  return openContainerd(address);
}

/**
 * The folder of the containerd that listens; the error when it cannot be asked. Errors: `engine-unreachable` when the folder is not here,
 * `target-unreadable`, `cancelled`.
 */
async function rootOf(
  client: ContainerdClient,
  { address, signal }: { readonly address: string | undefined; readonly signal: AbortSignal },
): Promise<string | PlimsollError | undefined> {
  let path: string | undefined;
  try {
    path = await client.metadataPath(signal);
  } catch (error) {
    if (!(error instanceof PlimsollError) || error.code === "cancelled") throw error;
    return error;
  }
  if (path === undefined) return undefined;
  const root = dirname(dirname(path));
  if (path === metadataFile(root) && isContainerdStorage(root)) return root;
  throw new PlimsollError(
    "engine-unreachable",
    `containerd at ${address} keeps its images in ${root}, which is not here`,
    {
      hint: "Run Plimsoll where that folder is: beside containerd, and not in a container of its own.",
    },
  );
}

/** Which containers containerd says that run, asked once for each namespace. */
class Running {
  readonly #client: ContainerdClient | undefined;
  readonly #signal: AbortSignal;
  readonly #known = new Map<string, Promise<ReadonlySet<string>>>();

  constructor(client: ContainerdClient | undefined, signal: AbortSignal) {
    this.#client = client;
    this.#signal = signal;
  }

  async has({ namespace, id }: Pick<Found, "namespace" | "id">): Promise<boolean> {
    if (!this.#client) return false;
    const asked = this.#known.get(namespace) ?? this.#client.running({ namespace, signal: this.#signal });
    this.#known.set(namespace, asked);
    return (await asked).has(id);
  }
}

function metadataFile(root: string): string {
  return join(root, "io.containerd.metadata.v1.bolt", "meta.db");
}

function isReadable(root: string, required: boolean): boolean {
  try {
    return isContainerdStorage(root);
  } catch (error) {
    if (required) throw error;
    return false;
  }
}

/** The state is beside the socket, in MicroK8s in a folder beside it. */
function stateFolders(address: string): readonly string[] {
  const folder = dirname(address);
  return [folder, join(folder, "containerd")];
}

function containersOf(database: BoltBucket, wanted: string | undefined): readonly Found[] {
  const version = database.bucket("v1");
  const namespaces = wanted === undefined ? (version?.bucketNames() ?? []).filter((name) => name !== docker) : [wanted];
  return namespaces.flatMap((namespace) => {
    const bucket = version?.bucket(namespace);
    const ids = bucket?.bucket("containers")?.bucketNames() ?? [];
    return ids.slice(0, mostContainers).flatMap((id): Found[] => {
      const container = bucket?.bucket("containers")?.bucket(id);
      const image = text(container, "image");
      if (!bucket || !container || image === "" || !/^[A-Za-z0-9_.-]{1,128}$/.test(id)) return [];
      const snapshots = bucket.bucket("snapshots")?.bucket(text(container, "snapshotter"));
      const target = text(bucket.bucket("images")?.bucket(image)?.bucket("target"), "digest");
      const blob = bucket.bucket("content")?.bucket("blob")?.bucket(target)?.bucket("labels");
      const chainId = text(snapshots?.bucket(text(container, "snapshotKey")), "parent");
      return [
        {
          namespace,
          id,
          image,
          name: nameOf(id, container.bucket("labels")),
          target: isDigest(target) ? target : undefined,
          chainId: chainId === "" ? undefined : chainId,
          isPulled: isFrom(parseReference(image), blob),
        },
      ];
    });
  });
}

/** containerd notes the registries and repositories that it had a manifest from. */
function isFrom(reference: ImageReference | undefined, labels: BoltBucket | undefined): boolean {
  if (!reference) return false;
  const repositories = text(labels, `containerd.io/distribution.source.${reference.registry}`).split(",");
  return repositories.includes(reference.repository);
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

function text(bucket: BoltBucket | undefined, key: string): string {
  return bucket?.value(key)?.toString("utf8") ?? "";
}

/** When the container's first process began, while it lives. */
function startOf({ namespace, id }: Found, states: readonly string[]): string | undefined {
  for (const state of states) {
    const task = join(state, "io.containerd.runtime.v2.task", namespace, id);
    const startedAt = liveProcess(join(task, "init.pid"))?.startedAt ?? startWithoutPid(task);
    if (startedAt !== undefined) return startedAt;
  }
  return undefined;
}

/**
 * A container in a virtual machine has no process here, and of another user's the number is not told; the folder goes away when the
 * container ends. Error: `target-unreadable`.
 */
function startWithoutPid(task: string): string | undefined {
  try {
    const folder = statSync(task, { throwIfNoEntry: false });
    return folder?.isDirectory() && !existsSync(join(task, "init.pid")) ? folder.mtime.toISOString() : undefined;
  } catch (cause) {
    throw new PlimsollError("target-unreadable", `${task} cannot be read: ${reasonOf(cause)}`, {
      cause,
      hint: "Run Plimsoll as root to see what runs in containerd.",
    });
  }
}

function workloadOf(
  { namespace, id, name, image, target, chainId, isPulled }: Found,
  {
    root,
    startedAt,
    signal,
  }: { readonly root: string; readonly startedAt: string | undefined; readonly signal: AbortSignal },
): Workload {
  const today = target === undefined ? undefined : imageOf(root, { digest: target, name: image, signal });
  const runs = today && today.chainId === chainId ? today : undefined;
  const asked = parseReference(image);
  const isNamed = asked !== undefined && asked.digest === undefined;
  return {
    engine: "containerd",
    place: namespace,
    name,
    container: id,
    instances: 1,
    image: asked ? referenceText(asked, { familiar: true }) : image,
    ...(runs && { imageId: runs.id }),
    ...(runs && target !== undefined && { digest: target }),
    ...(runs &&
      asked &&
      isPulled &&
      target !== undefined && { pinned: referenceText({ ...asked, digest: target }, { familiar: true }) }),
    ...(startedAt !== undefined && { startedAt }),
    state: "running",
    ...(runs?.platform !== undefined && { platform: runs.platform }),
    ...(isNamed && today && chainId !== undefined && !runs && { moved: true }),
  };
}

interface Known {
  readonly id: string;
  readonly platform: string | undefined;
  readonly chainId: string | undefined;
}

/** Undefined when containerd does not have all of the image. */
function imageOf(
  root: string,
  { digest, name, signal }: { readonly digest: string; readonly name: string; readonly signal: AbortSignal },
): Known | undefined {
  try {
    using image = openContainerdStorage(root, { digest, names: [name], options: { signal, verifyDigests: true } });
    return (
      image && { id: image.id, platform: image.platform, chainId: chainIdOf(image.layers.map(({ diffId }) => diffId)) }
    );
  } catch (error) {
    if (error instanceof PlimsollError && error.code !== "cancelled") return undefined;
    throw error;
  }
}

function chainIdOf(diffIds: readonly (string | undefined)[]): string | undefined {
  let chain: string | undefined;
  for (const diffId of diffIds) {
    if (diffId === undefined) return undefined;
    chain = chain === undefined ? diffId : `sha256:${createHash("sha256").update(`${chain} ${diffId}`).digest("hex")}`;
  }
  return chain;
}
