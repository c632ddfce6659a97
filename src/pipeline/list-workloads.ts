import { PlimsollError } from "../model/error.ts";
import type { Unlisted, Workload, WorkloadEngine } from "../model/workload.ts";
import type { ContainerdAccess, DockerAccess, PodmanAccess } from "./engine-access.ts";
import type { KubernetesAccess } from "./find-cluster.ts";
import { listOfEngine } from "./list-workloads-docker.ts";
import { listKubernetes } from "./list-workloads-kubernetes.ts";

/** Whom to ask what runs. An engine that is not here is not asked. */
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
  readonly signal: AbortSignal;
}

/** What runs, and what could not be listed. */
export interface ListedWorkloads {
  /** Who answered: `docker`, `kubernetes (kind-dev)`. */
  readonly engines: readonly string[];
  readonly workloads: readonly Workload[];
  readonly unlisted: readonly Unlisted[];
}

/** What one engine said; undefined when it is not there. */
export interface EngineListing {
  readonly place?: string;
  readonly workloads: readonly Workload[];
}

/**
 * What runs now, engine by engine. One that cannot be asked is in `unlisted`.
 *
 * Errors: that of the only engine that was asked for, `engine-unreachable` when there is none at all, `usage` for a kubeconfig
 * that cannot be used as asked, `cancelled`.
 */
export async function listWorkloads(places: WorkloadPlaces, options: ListWorkloadsOptions): Promise<ListedWorkloads> {
  const { docker, podman, containerd, kubernetes } = places;
  const asked: (readonly [WorkloadEngine, Promise<readonly EngineListing[]>])[] = [];
  if (docker) asked.push(["docker", one(listOfEngine(docker, options))]);
  // Before its service, whose answer says more and takes the place of what the folders say.
  if (podman) asked.push(["podman", readPodman(podman, options)]);
  for (const host of podman?.hosts ?? []) asked.push(["podman", one(listOfEngine({ host }, options))]);
  if (containerd) asked.push(["containerd", readContainerd(containerd, options)]);
  if (kubernetes) asked.push(["kubernetes", one(listKubernetes(kubernetes, options))]);
  const answers = await Promise.allSettled(asked.map(([, listing]) => listing));

  const engines: string[] = [];
  const workloads = new Map<string, Workload>();
  const failures: (readonly [WorkloadEngine, PlimsollError])[] = [];
  const absent: (readonly [WorkloadEngine, PlimsollError])[] = [];
  for (const [index, answer] of answers.entries()) {
    const engine = asked[index]?.[0] ?? "docker";
    if (answer.status === "rejected") {
      const error: unknown = answer.reason;
      if (!(error instanceof PlimsollError) || error.code === "cancelled" || error.code === "usage") throw error;
      (isAbsent(error) ? absent : failures).push([engine, error]);
      continue;
    }
    // That there is no Podman is told by its service.
    if (answer.value.length === 0 && engine !== "podman") absent.push([engine, notHere(engine)]);
    for (const { place, workloads: found } of answer.value) {
      const name = found[0]?.engine ?? engine;
      engines.push(place === undefined ? name : `${name} (${place})`);
      // Docker's socket may be Podman's under another name.
      for (const workload of found) workloads.set(keyOf(workload), workload);
    }
  }
  const missing = absent.filter(
    ([engine]) => options.required.has(engine) && !engines.some((name) => name.startsWith(engine)),
  );
  const unlisted = [...failures, ...missing];
  if (engines.length === 0) throw nothingAnswers(unlisted.map(([, error]) => error));
  return {
    engines: [...new Set(engines)],
    workloads: [...workloads.values()],
    unlisted: unlisted.map(([engine, { message, hint }]) => ({ engine, message, ...(hint !== undefined && { hint }) })),
  };
}

async function readPodman(access: PodmanAccess, { signal }: ListWorkloadsOptions): Promise<readonly EngineListing[]> {
  const { podmanStores } = await import("./podman-stores.ts");
  const { listPodmanFolders } = await import("./list-workloads-podman.ts");
  return listPodmanFolders(await podmanStores(access), { signal });
}

async function readContainerd(
  access: ContainerdAccess,
  { required, signal }: ListWorkloadsOptions,
): Promise<readonly EngineListing[]> {
  const { listContainerd } = await import("./list-workloads-containerd.ts");
  return listContainerd(access, { required: required.has("containerd"), signal });
}

async function one(listing: Promise<EngineListing | undefined>): Promise<readonly EngineListing[]> {
  const listed = await listing;
  return listed ? [listed] : [];
}

function notHere(engine: WorkloadEngine): PlimsollError {
  if (engine !== "kubernetes") return new PlimsollError("engine-unreachable", `there is no ${engine} here`);
  return new PlimsollError("engine-unreachable", "there is no kubeconfig, and no pod around this program", {
    hint: "Name a kubeconfig with --kubeconfig or KUBECONFIG.",
  });
}

/** There is no socket or no kubeconfig where one is usually: nothing runs there that could be missed. */
function isAbsent({ code, cause }: PlimsollError): boolean {
  return code === "engine-unreachable" && cause instanceof Error && "code" in cause && cause.code === "ENOENT";
}

/** The same for a container that two engines list: its id; what Kubernetes lists is listed once. */
function keyOf(workload: Workload): string {
  return workload.engine === "kubernetes" ? JSON.stringify(workload) : workload.container;
}

function nothingAnswers([first, ...others]: readonly PlimsollError[]): PlimsollError {
  if (first && others.length === 0) return first;
  const reasons = [first, ...others].flatMap((error) => (error ? [error.message] : []));
  const why = reasons.length === 0 ? "" : `: ${reasons.join("; ")}`;
  return new PlimsollError("engine-unreachable", `no container engine answers${why}`, {
    hint: "Start Docker or Podman (systemctl --user start podman.socket), set DOCKER_HOST, or name a cluster with --kubeconfig.",
  });
}
