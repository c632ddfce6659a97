import { PlimsollError } from "../../model/error.ts";
import { objectIn, textIn } from "../../model/json-members.ts";
import type { JsonObject } from "../../model/json-object.ts";
import { parsePlatform, platformText } from "../../model/platform.ts";
import { type ImageReference, parseReference, referenceText } from "../../model/reference.ts";
import type { Workload } from "../../model/workload.ts";
import type { ClusterClient } from "./cluster-client.ts";
import { type RunningImage, readImageId } from "./image-id.ts";
import { listPages } from "./list-pages.ts";
import { controllerOf, type Owner, type Pod, type PodContainer, readPod } from "./read-pod.ts";

/** What is listed of a cluster. */
export interface ClusterListing {
  /** Only these namespaces. */
  readonly namespaces?: readonly string[];
  readonly signal: AbortSignal;
}

/** Kinds that stand between a pod and what its author wrote, and where they are listed. */
const betweenKinds = new Map([
  ["ReplicaSet", { group: "apis/apps/v1", resource: "replicasets" }],
  ["Job", { group: "apis/batch/v1", resource: "jobs" }],
]);
/** The kubelet makes pods from files on its node and names the node as their owner. */
const node = "Node";
/** Pods that ended run nothing. */
const notEnded = "status.phase!=Succeeded,status.phase!=Failed";

/**
 * The containers that run in a cluster, copies of one another as one, in order of namespace, owner and container. The
 * name is that of the topmost owner that a person would know: the Deployment, not its ReplicaSet.
 *
 * Errors: those of {@link ClusterClient} when pods cannot be listed. Without the right to list nodes the platforms are
 * not known, and without the right to list ReplicaSets and Jobs, Deployments are recognised by their pods' names,
 * CronJobs not.
 */
export async function listClusterWorkloads(
  client: ClusterClient,
  listing: ClusterListing,
): Promise<readonly Workload[]> {
  const pods = await listPages(
    client,
    { ...listing, path: "/api/v1/pods", query: { fieldSelector: notEnded } },
    readPod,
  );
  const owners = await listOwners(client, { pods, listing });
  const platforms = pods.length === 0 ? new Map<string, string>() : await listPlatforms(client, listing);
  const workloads = new Map<string, Workload>();
  for (const pod of pods) {
    for (const container of pod.containers) {
      const workload = workloadOf(container, {
        name: `${pod.namespace}/${ownerText(pod, owners)}`,
        place: client.name,
        platform: platforms.get(pod.node),
      });
      const key = JSON.stringify({ ...workload, startedAt: undefined });
      workloads.set(key, joined(workloads.get(key), workload));
    }
  }
  return [...workloads.values()].sort((a, b) => order(a.name, b.name) || order(a.container, b.container));
}

type Owners = ReadonlyMap<string, Owner | undefined>;

/** The controllers of the ReplicaSets and Jobs that control pods, by `KIND NAMESPACE/NAME`. */
async function listOwners(
  client: ClusterClient,
  { pods, listing }: { readonly pods: readonly Pod[]; readonly listing: ClusterListing },
): Promise<Owners> {
  const wanted = new Set(pods.map(({ owner }) => owner?.kind));
  const owners = new Map<string, Owner | undefined>();
  for (const [kind, { group, resource }] of betweenKinds) {
    if (!wanted.has(kind)) continue;
    const read = (item: JsonObject): void => {
      const metadata = objectIn(item, "metadata");
      owners.set(`${kind} ${textIn(metadata, "namespace")}/${textIn(metadata, "name")}`, controllerOf(metadata));
    };
    await optional(
      listPages(client, { ...listing, path: `/${group}/${resource}`, metadataOnly: true }, read),
      undefined,
    );
  }
  return owners;
}

/** `linux/amd64` by the name of the node. */
async function listPlatforms(client: ClusterClient, { signal }: ClusterListing): Promise<ReadonlyMap<string, string>> {
  const nodes = await optional(
    listPages(client, { path: "/api/v1/nodes", metadataOnly: true, signal }, ({ metadata }) => {
      const labels = objectIn(objectIn({ metadata }, "metadata"), "labels");
      const [os, architecture] = [textIn(labels, "kubernetes.io/os"), textIn(labels, "kubernetes.io/arch")];
      const platform = parsePlatform(`${os}/${architecture}`);
      return platform && ([textIn(objectIn({ metadata }, "metadata"), "name"), platformText(platform)] as const);
    }),
    [],
  );
  return new Map(nodes);
}

/** What a refusal leaves out is a convenience; what cannot be reached is an error all the same. */
async function optional<T>(asking: Promise<T>, otherwise: T): Promise<T> {
  try {
    return await asking;
  } catch (error) {
    if (error instanceof PlimsollError && error.code === "engine-failed") return otherwise;
    throw error;
  }
}

/** `deployment/api`; of a pod without an owner `pod/NAME`. */
function ownerText({ namespace, name, owner, templateHash }: Pod, owners: Owners): string {
  if (!owner || owner.kind === node) return `pod/${name}`;
  const key = `${owner.kind} ${namespace}/${owner.name}`;
  const above = owners.has(key) ? owners.get(key) : guessedOwner(owner, templateHash);
  const top = above ?? owner;
  return `${top.kind.toLowerCase()}/${top.name}`;
}

/** A Deployment's ReplicaSet has its name and the hash of the pods' template. */
function guessedOwner({ kind, name }: Owner, templateHash: string | undefined): Owner | undefined {
  const end = `-${templateHash}`;
  if (kind !== "ReplicaSet" || templateHash === undefined || !name.endsWith(end)) return undefined;
  return { kind: "Deployment", name: name.slice(0, -end.length) };
}

function workloadOf(
  container: PodContainer,
  { name, place, platform }: { readonly name: string; readonly place: string; readonly platform: string | undefined },
): Workload {
  const asked = parseReference(container.image);
  const { imageId, digest, repository } = runningImage(container, asked);
  const isFromThere = asked && digest !== undefined && repository === `${asked.registry}/${asked.repository}`;
  return {
    engine: "kubernetes",
    place,
    name,
    container: container.name,
    instances: 1,
    image: container.image,
    ...(imageId !== undefined && { imageId }),
    ...(digest !== undefined && { digest }),
    ...(isFromThere && { pinned: referenceText({ ...asked, digest }, { familiar: true }) }),
    ...(container.startedAt !== undefined && { startedAt: container.startedAt }),
    state: container.state,
    ...(platform !== undefined && { platform }),
  };
}

/** As the runtime tells; where it does not, a digest that the container was started by still says what runs. */
function runningImage({ imageId }: PodContainer, asked: ImageReference | undefined): RunningImage {
  const told = readImageId(imageId);
  if (told.imageId !== undefined || told.digest !== undefined || asked?.digest === undefined) return told;
  return { digest: asked.digest, repository: `${asked.registry}/${asked.repository}` };
}

function joined(known: Workload | undefined, one: Workload): Workload {
  if (!known) return one;
  const starts = [known.startedAt, one.startedAt].filter((time) => time !== undefined).sort();
  return { ...known, instances: known.instances + 1, ...(starts[0] !== undefined && { startedAt: starts[0] }) };
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
