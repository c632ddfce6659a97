import { machineUser } from "../../io/processes/machine-user.ts";
import { PlimsollError } from "../../model/error.ts";
import type { Unlisted, Workload, WorkloadEngine } from "../../model/images/workload.ts";
import type { ContainerdAccess, DockerAccess, PodmanAccess } from "../targets/engine-access.ts";
import type { KubernetesAccess } from "../targets/find-cluster.ts";
import { listOfEngine, unnamedFolder } from "./list-workloads-docker.ts";
import { listKubernetes } from "./list-workloads-kubernetes.ts";
import type { ListingGap } from "./listing-gap.ts";
import { unlistedOfPodman } from "./unlisted-of-podman.ts";
import { type WatchedContainer, watchedContainers } from "./watched-containers.ts";

/** The engines to ask for running workloads. An engine that is not here is not asked. */
export interface WorkloadPlaces {
  readonly docker?: DockerAccess;
  readonly podman?: PodmanAccess;
  readonly containerd?: ContainerdAccess;
  readonly kubernetes?: KubernetesAccess;
}

/** How to ask. */
export interface ListWorkloadsOptions {
  /** The engines that the user named: for another one, not being there is no failure. */
  readonly required: ReadonlySet<WorkloadEngine>;
  /** True when nothing may be asked over a network. */
  readonly offline?: boolean;
  /** The cache folder, where it is remembered what containers were made from; without it nothing is. */
  readonly cache?: string;
  /** What runs in Podman, whoever lists it: by default what the processes of the machine tell. */
  readonly watched?: () => readonly WatchedContainer[];
  readonly signal: AbortSignal;
}

/** What runs, and what could not be listed. */
export interface ListedWorkloads {
  /** The engines that answered: `docker`, `kubernetes (kind-dev)`. */
  readonly engines: readonly string[];
  readonly workloads: readonly Workload[];
  readonly unlisted: readonly Unlisted[];
}

/** What one engine said. */
export interface EngineListing {
  readonly place?: string;
  /** For containerd, its folder, in which a namespace has each id once. */
  readonly root?: string;
  readonly workloads: readonly Workload[];
  readonly gaps?: readonly ListingGap[];
  /** Containers that ran before it was asked, whether it lists them or not. */
  readonly watched?: readonly WatchedContainer[];
  /** The ids of containers of which it knows that they do not run. */
  readonly ended?: readonly string[];
  /** True when it could not be asked at all, so that it is none of those that answered: `gaps` says why. */
  readonly isClosed?: true;
}

/**
 * What runs now, engine by engine. An engine that cannot be asked is in `unlisted`.
 *
 * Errors: that of the only engine that was asked for, `engine-unreachable` when there is none at all, `usage` for an
 * engine that was asked for by its name and cannot be used as asked, `cancelled`.
 */
export async function listWorkloads(places: WorkloadPlaces, options: ListWorkloadsOptions): Promise<ListedWorkloads> {
  const asked = askAll(places, options);
  const answers = await Promise.allSettled(asked.map(([, listing]) => listing));

  const engines: string[] = [];
  const workloads = new Map<string, Workload>();
  const gaps: (readonly [WorkloadEngine, ListingGap])[] = [];
  const watched: WatchedContainer[] = [];
  const ended = new Set<string>();
  let isClusterListed = false;
  const absent: (readonly [WorkloadEngine, PlimsollError])[] = [];
  for (const [index, answer] of answers.entries()) {
    const engine = asked[index]?.[0] ?? "docker";
    if (answer.status === "rejected") {
      const error: unknown = answer.reason;
      if (!(error instanceof PlimsollError) || error.code === "cancelled") throw error;
      if (error.code === "usage" && options.required.has(engine)) throw error;
      if (isAbsent(error, { engine, places }) && !isNamed(engine, places)) absent.push([engine, error]);
      else gaps.push([engine, { error }]);
      continue;
    }
    // The service of Podman reports a missing Podman.
    if (answer.value.length === 0 && engine !== "podman") absent.push([engine, notHere(engine)]);
    for (const listing of answer.value) {
      for (const gap of listing.gaps ?? []) gaps.push([engine, gap]);
      watched.push(...(listing.watched ?? []));
      for (const id of listing.ended ?? []) ended.add(id);
      if (listing.isClosed) continue;
      isClusterListed ||= engine === "kubernetes";
      const name = listing.workloads[0]?.engine ?? engine;
      engines.push(listing.place === undefined ? name : `${name} (${listing.place})`);
      for (const workload of listing.workloads) addTo(workloads, workload, listing.root);
    }
  }
  const missing = absent.filter(
    ([engine]) => options.required.has(engine) && !engines.some((name) => name.startsWith(engine)),
  );
  const all = [...workloads.values()].filter(({ engine }) => engine !== "kubernetes");
  const listed = new Set(all.map(({ container }) => container));
  const isOpen = (engine: WorkloadEngine, { containers }: ListingGap): boolean =>
    containers?.every((id) => listed.has(id) && (engine !== "containerd" || uniqueId.test(id))) !== true;
  const open = gaps.flatMap(([engine, gap]) => (isOpen(engine, gap) ? [[engine, gap.error] as const] : []));
  // What CRI-O runs is the cluster's.
  const isMissed = ({ id, isCrioContainer }: WatchedContainer): boolean =>
    !listed.has(id) && !ended.has(id) && !(isCrioContainer && isClusterListed);
  const { isRoot } = machineUser();
  const unseen = unlistedOfPodman(runningStill(watched.filter(isMissed), options), { uid: process.getuid?.(), isRoot });
  const unlisted = [...open, ...unseen.map((error) => ["podman", error] as const), ...missing];
  if (engines.length === 0)
    throw nothingAnswers(
      unlisted.map(([, error]) => error),
      unseen[0]?.hint,
    );
  return {
    engines: [...new Set(engines)],
    workloads: [...workloads.values()],
    unlisted: unlisted.map(([engine, { message, hint }]) => ({ engine, message, ...(hint !== undefined && { hint }) })),
  };
}

/** The containers that ran before the engines were asked and still run. */
function runningStill(
  before: readonly WatchedContainer[],
  options: Pick<ListWorkloadsOptions, "watched">,
): readonly WatchedContainer[] {
  const now = new Set(before.length === 0 ? [] : watchedBy(options).map(({ pid, id }) => `${pid} ${id}`));
  return before.filter(({ pid, id }) => now.has(`${pid} ${id}`));
}

function watchedBy({ watched }: Pick<ListWorkloadsOptions, "watched">): readonly WatchedContainer[] {
  return watched === undefined ? (watchedContainers("podman") ?? []) : watched();
}

function askAll(
  { docker, podman, containerd, kubernetes }: WorkloadPlaces,
  options: ListWorkloadsOptions,
): readonly (readonly [WorkloadEngine, Promise<readonly EngineListing[]>])[] {
  const asked: (readonly [WorkloadEngine, Promise<readonly EngineListing[]>])[] = [];
  if (docker) asked.push(["docker", one(listOfEngine(docker, options))]);
  // Before its service, whose answer says more and takes the place of what the folders say.
  if (podman) asked.push(["podman", readPodman(podman, options)]);
  for (const host of podman?.hosts ?? []) asked.push(["podman", one(listOfEngine({ host }, options))]);
  // After Docker, which may run its containers in containerd and knows more of them.
  if (containerd) asked.push(["containerd", readContainerd(containerd, options)]);
  if (kubernetes) asked.push(["kubernetes", one(listKubernetes(kubernetes, options))]);
  return asked;
}

/**
 * Ids that are never equal by chance. Docker, Podman, Kubernetes and nerdctl make ids of 32 random bytes; by itself
 * containerd takes any name, and the same in each namespace.
 */
const uniqueId = /^[0-9a-f]{64}$/;

/** Docker's socket may be Podman's under another name, and what runs in containerd may be Docker's. */
function addTo(workloads: Map<string, Workload>, workload: Workload, root: string | undefined): void {
  const { engine, container } = workload;
  if (engine === "containerd" && uniqueId.test(container) && workloads.has(container)) return;
  const key = keyOf(workload, root);
  const known = workloads.get(key);
  workloads.set(key, known && workload.image === unnamedFolder ? { ...workload, image: known.image } : workload);
}

/** True when the user said where the engine is: then it is missed when it is not there. */
function isNamed(engine: WorkloadEngine, { docker, podman, containerd }: WorkloadPlaces): boolean {
  switch (engine) {
    case "docker":
      return docker?.host !== undefined || docker?.contexts?.name !== undefined;
    case "podman":
      return podman?.isNamed === true;
    case "containerd":
      return containerd?.address !== undefined;
    case "kubernetes":
      return false;
  }
}

async function readPodman(access: PodmanAccess, options: ListWorkloadsOptions): Promise<readonly EngineListing[]> {
  const { podmanStores } = await import("../targets/podman-stores.ts");
  const { listPodmanFolders } = await import("./list-workloads-podman.ts");
  const stores = await podmanStores(access);
  if (stores.state.length === 0) return [];
  const gaps = stores.damages.map((error) => ({ error }));
  // Before the folders are read, so that what starts meanwhile is not missed there.
  const watched = watchedBy(options);
  return [...listPodmanFolders(stores, options), { isClosed: true, workloads: [], gaps, watched }];
}

async function readContainerd(
  access: ContainerdAccess,
  { required, cache, signal }: ListWorkloadsOptions,
): Promise<readonly EngineListing[]> {
  const { listContainerd } = await import("./list-workloads-containerd.ts");
  return listContainerd(access, { required: required.has("containerd"), cache, signal });
}

async function one(listing: Promise<EngineListing | undefined>): Promise<readonly EngineListing[]> {
  const listed = await listing;
  return listed ? [listed] : [];
}

function notHere(engine: WorkloadEngine): PlimsollError {
  if (engine !== "kubernetes") return new PlimsollError("engine-unreachable", `no ${engine} found`);
  return new PlimsollError("engine-unreachable", "no kubeconfig found, and not running in a pod", {
    hint: "Give a kubeconfig with --kubeconfig or KUBECONFIG.",
  });
}

/**
 * There is no socket or no kubeconfig where one is usually: nothing runs there that could be missed. A socket of Podman
 * may have been left behind, and its folders, where they are read, tell what runs.
 */
function isAbsent(
  { code, cause }: PlimsollError,
  { engine, places }: { readonly engine: WorkloadEngine; readonly places: WorkloadPlaces },
): boolean {
  if (code !== "engine-unreachable" || !(cause instanceof Error) || !("code" in cause)) return false;
  const isRead = engine === "podman" && (places.podman?.state ?? []).length > 0;
  return cause.code === "ENOENT" || (isRead && cause.code === "ECONNREFUSED");
}

/**
 * The same for a container that Docker and Podman both list: its id. What Kubernetes lists is listed once, and so is
 * what containerd has in one namespace of one folder.
 */
function keyOf(workload: Workload, root: string | undefined): string {
  const { engine, place, container } = workload;
  if (engine === "kubernetes") return JSON.stringify(workload);
  return engine === "containerd" ? JSON.stringify([root, place, container]) : container;
}

/** `hint` goes before the usual one. */
function nothingAnswers([first, ...others]: readonly PlimsollError[], hint?: string): PlimsollError {
  if (first && others.length === 0) return first;
  const reasons = [first, ...others].flatMap((error) => (error ? [error.message] : []));
  const why = reasons.length === 0 ? "" : `: ${reasons.join("; ")}`;
  return new PlimsollError("engine-unreachable", `no container engine responds${why}`, {
    hint:
      hint ??
      "Start Docker or Podman (systemctl --user start podman.socket), set DOCKER_HOST, or select a cluster with --kubeconfig.",
  });
}
