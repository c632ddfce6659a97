import { PlimsollError } from "../../model/error.ts";
import type { Workload } from "../../model/images/workload.ts";
import { objectIn, textIn } from "../../model/objects/json-members.ts";
import type { JsonObject } from "../../model/objects/json-object.ts";
import { parsePlatform, platformText } from "../../model/packages/platform.ts";
import { type ImageReference, parseReference, referenceText } from "../../model/packages/reference.ts";
import type { ClusterClient } from "./cluster-client.ts";
import { affectsWholeCluster, ClusterRefusal } from "./cluster-failure.ts";
import { type RunningImage, readImageId } from "./image-id.ts";
import { listPages } from "./list-pages.ts";
import { type ListedPods, listPods } from "./list-pods.ts";
import { controllerOf, type Owner, type Pod, type PodContainer } from "./read-pod.ts";

/** Options for listing a cluster. */
export interface ClusterListing {
  /** Only these namespaces. */
  readonly namespaces?: readonly string[];
  readonly signal: AbortSignal;
}

/** What runs in a cluster, and why something of it is not known. */
export interface ListedCluster {
  readonly workloads: readonly Workload[];
  readonly gaps: readonly PlimsollError[];
}

/** Kinds that stand between a pod and what its author wrote, and where they are listed. */
const betweenKinds = new Map([
  ["ReplicaSet", { group: "apis/apps/v1", resource: "replicasets" }],
  ["Job", { group: "apis/batch/v1", resource: "jobs" }],
  // Owned by OpenShift's DeploymentConfig.
  ["ReplicationController", { group: "api/v1", resource: "replicationcontrollers" }],
]);
/** The kubelet makes pods from files on its node and names the node as their owner. */
const node = "Node";

/**
 * The containers that run in a cluster, copies of one another as one, in order of namespace, owner and container. The
 * name is that of the topmost owner that a person would know: the Deployment, not its ReplicaSet.
 *
 * Without the right to list nodes the platforms are not known, and without the right to list ReplicaSets and Jobs,
 * Deployments are recognised by their pods' names, CronJobs not. Where these lists fail for another reason, that is a
 * gap. Gaps of namespaces and errors: those of {@link listPods}.
 */
export async function listClusterWorkloads(client: ClusterClient, listing: ClusterListing): Promise<ListedCluster> {
  const { pods, namespaces, gaps: unlisted } = await listPods(client, listing);
  const gaps = [...unlisted];
  const { signal } = listing;
  const owners = await listOwners(client, { pods, namespaces, signal, gaps });
  const platforms = pods.length === 0 ? new Map<string, string>() : await listPlatforms(client, { signal, gaps });
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
  const sorted = [...workloads.values()].sort((a, b) => order(a.name, b.name) || order(a.container, b.container));
  return { workloads: sorted, gaps };
}

type Owners = ReadonlyMap<string, Owner | undefined>;

interface SideList {
  readonly signal: AbortSignal;
  /** Where it is added why the list is not whole. */
  readonly gaps: PlimsollError[];
}

/** The controllers of the ReplicaSets, Jobs and the like that control pods, by `KIND NAMESPACE/NAME`. */
async function listOwners(
  client: ClusterClient,
  { pods, namespaces, signal, gaps }: Pick<ListedPods, "pods" | "namespaces"> & SideList,
): Promise<Owners> {
  const wanted = new Set(pods.map(({ owner }) => owner?.kind));
  const owners = new Map<string, Owner | undefined>();
  for (const [kind, { group, resource }] of betweenKinds) {
    if (!wanted.has(kind)) continue;
    const read = (item: JsonObject): void => {
      const metadata = objectIn(item, "metadata");
      owners.set(`${kind} ${textIn(metadata, "namespace")}/${textIn(metadata, "name")}`, controllerOf(metadata));
    };
    const request = { path: `/${group}/${resource}`, metadataOnly: true, signal };
    const own: PlimsollError[] = [];
    for (const one of namespaces ?? [undefined]) {
      const scope = one === undefined ? {} : { namespaces: [one] };
      await beside(listPages(client, { ...request, ...scope }, read), { gaps: own, what: `the owners of ${kind}s` });
      if (own.some(({ cause }) => affectsWholeCluster(cause))) break;
    }
    // A failure in one namespace and not in the others is reported by the first.
    gaps.push(...own.slice(0, 1));
  }
  return owners;
}

/** `linux/amd64` by the name of the node. */
async function listPlatforms(client: ClusterClient, { signal, gaps }: SideList): Promise<ReadonlyMap<string, string>> {
  const platforms = new Map<string, string>();
  const read = (item: JsonObject): void => {
    const metadata = objectIn(item, "metadata");
    const labels = objectIn(metadata, "labels");
    const [os, architecture] = [textIn(labels, "kubernetes.io/os"), textIn(labels, "kubernetes.io/arch")];
    const platform = parsePlatform(`${os}/${architecture}`);
    if (platform) platforms.set(textIn(metadata, "name"), platformText(platform));
  };
  const request = { path: "/api/v1/nodes", metadataOnly: true, signal };
  await beside(listPages(client, request, read), { gaps, what: "the platforms of the nodes" });
  return platforms;
}

/**
 * Lists what is not needed to tell what runs. What a role may not list is left out, any other failure of a cluster that
 * answers is a gap, and what cannot be reached is an error all the same.
 */
async function beside(
  listing: Promise<unknown>,
  { gaps, what }: Pick<SideList, "gaps"> & { readonly what: string },
): Promise<void> {
  try {
    await listing;
  } catch (error) {
    if (!(error instanceof PlimsollError) || error.code !== "engine-failed") throw error;
    if (error instanceof ClusterRefusal && error.affectsOnePath) return;
    const hint = error instanceof ClusterRefusal && error.status === 401 ? error.hint : "Try again later.";
    gaps.push(
      new PlimsollError(error.code, `${what} are unknown: ${error.message}`, {
        ...(hint !== undefined && { hint }),
        cause: error,
      }),
    );
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
  const from = digest === undefined || repository === undefined ? undefined : parseReference(`${repository}@${digest}`);
  const isAsked = asked && from && from.registry === asked.registry && from.repository === asked.repository;
  return {
    engine: "kubernetes",
    place,
    name,
    container: container.name,
    instances: 1,
    image: container.image,
    ...(imageId !== undefined && { imageId }),
    ...(digest !== undefined && { digest }),
    ...(isAsked && {
      pinned: referenceText({ ...asked, ...(digest !== undefined && { digest }) }, { familiar: true }),
    }),
    ...(from && !isAsked && isInRegistry(from) && { pulledFrom: referenceText(from, { familiar: true }) }),
    ...(container.startedAt !== undefined && { startedAt: container.startedAt }),
    state: container.state,
    ...(platform !== undefined && { platform }),
  };
}

/**
 * False for where no registry is meant: what was built on the machine has `localhost` before its name in Podman and
 * CRI-O, and what was loaded into containerd from a file is called by the day.
 */
function isInRegistry({ registry, repository }: ImageReference): boolean {
  return registry !== "localhost" && !/(?:^|\/)import-\d{4}-\d{2}-\d{2}$/.test(repository);
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
