import { PlimsollError } from "../../model/error.ts";
import type { Workload } from "../../model/images/workload.ts";
import { readBolt } from "../../sources/image-store/bolt-file.ts";
import { containerdDatabase } from "../targets/containerd-root.ts";
import { type ContainerdAccess, usualContainerdAddresses } from "../targets/engine-access.ts";
import { ContainerMemory } from "./container-memory.ts";
import { type ContainerdRoot, containerdRoots, otherFolder } from "./containerd-roots.ts";
import { type StateFolder, statesAt, taskOf } from "./containerd-tasks.ts";
import { containerdWorkload } from "./containerd-workload.ts";
import { type ContainerdContainers, containersOf } from "./containers-of.ts";
import type { EngineListing } from "./list-workloads.ts";
import { gapOfDamage, gapOfHiddenProcesses, type ListingGap } from "./listing-gap.ts";
import { RunningTasks } from "./running-tasks.ts";

/** How containerd is listed. */
export interface ListContainerdOptions {
  /** True when the user named containerd, so that it is missed when it is not there. */
  readonly required: boolean;
  /** The cache folder, where it is remembered what containers were made from; without it nothing is. */
  readonly cache?: string | undefined;
  readonly signal: AbortSignal;
}

/**
 * What runs in containerd, one listing for each of its folders, whose place is the namespace when only one was looked
 * at. The server at the named socket, or at a usual one, gives its folder and, for containers without a state beside
 * the socket, whether they run; without an answer, the usual folders are read. Whether a container runs whose process
 * is not seen from here, its containerd is asked. Empty when there is none.
 *
 * Errors: `engine-unreachable`, `engine-failed`, `target-unreadable`, `layout-malformed`, `limit-exceeded`,
 * `cancelled`.
 */
export async function listContainerd(
  access: ContainerdAccess,
  { required, cache, signal }: ListContainerdOptions,
): Promise<readonly EngineListing[]> {
  const { address, usualAddresses = usualContainerdAddresses, namespace } = access;
  using tasks = new RunningTasks(signal);
  const { roots, gaps } = await containerdRoots(access, { required, namespace, tasks, signal });
  const states = (address === undefined ? usualAddresses : [address]).flatMap(statesAt);
  const memory = new ContainerMemory(cache);
  const listings: EngineListing[] = [];
  const place = namespace === undefined ? {} : { place: namespace };
  for (const root of roots) {
    const containers = tryReading(root.path, namespace);
    listings.push(
      containers instanceof PlimsollError
        ? { isClosed: true, workloads: [], gaps: [{ error: containers }] }
        : { ...place, ...(await listRoot(containers, { root, states, tasks, memory, namespace, signal })) },
    );
  }
  memory.trim();
  return gaps.length === 0 ? listings : [...listings, { isClosed: true, workloads: [], gaps }];
}

/** The error of a database that is damaged. Errors: `target-unreadable`, `limit-exceeded`. */
function tryReading(root: string, namespace: string | undefined): ContainerdContainers | PlimsollError {
  try {
    return readBolt(containerdDatabase(root), (database) => containersOf(database, namespace));
  } catch (error) {
    if (error instanceof PlimsollError && error.code === "layout-malformed") return error;
    throw error;
  }
}

interface ListRootOptions {
  readonly root: ContainerdRoot;
  readonly states: readonly StateFolder[];
  readonly tasks: RunningTasks;
  readonly memory: ContainerMemory;
  readonly namespace: string | undefined;
  readonly signal: AbortSignal;
}

async function listRoot(
  { containers, damages }: ContainerdContainers,
  { root, states, tasks, memory, namespace, signal }: ListRootOptions,
): Promise<EngineListing> {
  const workloads: Workload[] = [];
  const hidden: string[] = [];
  for (const container of containers) {
    const task = taskOf(container, states);
    const isSeen = task?.isHidden === false;
    const socket = task?.address ?? root.asked;
    const runs = isSeen || (socket === undefined ? false : await tasks.has(socket, container));
    if (runs === undefined && task) hidden.push(container.id);
    if (runs !== true) continue;
    const { startedAt, isPaused = false } = task ?? {};
    workloads.push(containerdWorkload(container, { root: root.path, startedAt, isPaused, memory, signal }));
  }
  const gaps = damages.map((damage) => gapOfDamage("containerd", damage));
  if (hidden.length > 0) gaps.push(gapOfHiddenProcesses("containerd", hidden));
  for (const address of root.toldBy) {
    const gap = await gapOfOtherFolder(address, { root, tasks, namespace, signal });
    if (gap) gaps.push(gap);
  }
  return { root: root.path, workloads, gaps };
}

/**
 * The folder that a containerd tells may be another one here, when that runs in a container: then it runs what the
 * folder here does not have. Undefined where that is not so, and where no server answers. Errors: as {@link readBolt}.
 */
async function gapOfOtherFolder(
  address: string,
  { root, tasks, namespace, signal }: Omit<ListRootOptions, "states" | "memory">,
): Promise<ListingGap | undefined> {
  const running = await tasks.all(address, namespace);
  if (running instanceof PlimsollError) return undefined;
  // Read after it was asked, so that what started meanwhile is there.
  const unknown = readBolt(containerdDatabase(root.path), (database) =>
    [...running].flatMap(([one, ids]) => {
      const known = new Set(database.bucket("v1")?.bucket(one)?.bucket("containers")?.bucketNames());
      return [...ids].filter((id) => !known.has(id));
    }),
  );
  if (unknown.length === 0) return undefined;
  // A container that ended and was removed meanwhile is not missed.
  using now = new RunningTasks(signal);
  const still = await now.all(address, namespace);
  const ids = new Set(still instanceof PlimsollError ? unknown : [...still.values()].flatMap((some) => [...some]));
  const containers = unknown.filter((id) => ids.has(id));
  return containers.length === 0 ? undefined : { error: otherFolder(address, root.path), containers };
}
