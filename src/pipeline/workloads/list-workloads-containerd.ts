import { existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ContainerdClient } from "../../engines/containerd/containerd-client.ts";
import { reasonOf } from "../../io/reason-of.ts";
import { PlimsollError } from "../../model/error.ts";
import { withUsualNames } from "../../model/platform.ts";
import { parseReference, referenceText } from "../../model/reference.ts";
import type { Workload } from "../../model/workload.ts";
import { chainIds } from "../../sources/image/chain-ids.ts";
import type { PlatformImage } from "../../sources/image/oci-layout.ts";
import { readBolt } from "../../sources/image-store/bolt-file.ts";
import { imagesInContainerd, isContainerdStorage } from "../../sources/image-store/containerd-storage.ts";
import { type ContainerdAccess, usualContainerdAddresses, usualContainerdStorage } from "../targets/engine-access.ts";
import {
  type ContainerdContainer,
  type ContainerdContainers,
  type ContainerdTarget,
  containersOf,
} from "./containers-of.ts";
import { firstProcess } from "./first-process.ts";
import { isFrozen } from "./is-frozen.ts";
import type { EngineListing } from "./list-workloads.ts";
import { gapOfDamage, gapOfDeniedFolder, gapOfHiddenProcesses, type ListingGap } from "./listing-gap.ts";
import { RunningTasks } from "./running-tasks.ts";

/*
 * What runs in containerd, read from its folders:
 *
 *   STORAGE/io.containerd.metadata.v1.bolt/meta.db   see containers-of.ts
 *   STATE/io.containerd.runtime.v2.task/NAMESPACE/ID/init.pid   its first process, where it has one here
 *
 * A container names its image by a reference that may have moved since. The chain id below it tells: it is made of the
 * digests of all layers. Images of the same layers and of other configs are told apart where Kubernetes' part of
 * containerd noted the id, under which it also has an image whose tag has moved; elsewhere, when the name was written
 * after the container was made, its digest is not told.
 *
 * Source: containerd `metadata/buckets.go`, `runtime/v2`; OCI Image Specification 1.1, "Layer ChainID".
 */

/**
 * What runs in containerd, one listing for each of its folders, whose place is the namespace when only one was looked
 * at. Where a socket is named, who listens there is asked which folder that is and, of containers without a state
 * beside the socket, whether they run; when nobody answers, the usual folders are read. Whether a container runs whose
 * process is not seen from here, its containerd is asked. Empty when there is none.
 *
 * Errors: `engine-unreachable`, `engine-failed`, `target-unreadable`, `layout-malformed`, `limit-exceeded`,
 * `cancelled`.
 */
export async function listContainerd(
  access: ContainerdAccess,
  { required, signal }: { readonly required: boolean; readonly signal: AbortSignal },
): Promise<readonly EngineListing[]> {
  const { address, namespace } = access;
  using tasks = new RunningTasks(signal);
  const { roots, gaps, silent } = await rootsOf(access, { required, tasks, signal });
  const states = (address === undefined ? usualContainerdAddresses : [address]).flatMap(statesAt);
  const asked = silent ? undefined : address;
  const listings: EngineListing[] = [];
  const place = namespace === undefined ? {} : { place: namespace };
  for (const root of roots) {
    const containers = tryReading(root, namespace);
    listings.push(
      containers instanceof PlimsollError
        ? { isClosed: true, workloads: [], gaps: [{ error: containers }] }
        : { ...place, ...(await listRoot(containers, { root, states, asked, tasks, signal })) },
    );
  }
  return gaps.length === 0 ? listings : [...listings, { isClosed: true, workloads: [], gaps }];
}

/** The error of a database that is damaged. Errors: `target-unreadable`, `limit-exceeded`. */
function tryReading(root: string, namespace: string | undefined): ContainerdContainers | PlimsollError {
  try {
    return readBolt(metadataFile(root), (database) => containersOf(database, namespace));
  } catch (error) {
    if (error instanceof PlimsollError && error.code === "layout-malformed") return error;
    throw error;
  }
}

interface Roots {
  readonly roots: readonly string[];
  readonly gaps: readonly ListingGap[];
  /** True when nobody answers at the socket that was named. */
  readonly silent: boolean;
}

/**
 * The folders to read, and what is missed: the one that the named socket's containerd has, else those that may be read.
 * Errors: as {@link listContainerd}; that of a silent socket when there is no folder either.
 */
async function rootsOf(
  { address, storage }: ContainerdAccess,
  {
    required,
    tasks,
    signal,
  }: { readonly required: boolean; readonly tasks: RunningTasks; readonly signal: AbortSignal },
): Promise<Roots> {
  const named =
    address !== undefined && storage === undefined
      ? await rootOf(await tasks.client(address), { address, signal })
      : undefined;
  if (typeof named === "string") return { roots: [named], gaps: [], silent: false };
  const { roots, gaps } = readableRoots(storage ?? usualContainerdStorage, required && named === undefined);
  if (named) {
    if (roots.length === 0) throw named;
    return { roots, gaps: [{ error: named }, ...gaps], silent: true };
  }
  if (roots.length > 0 || gaps.length > 0 || !required) return { roots, gaps, silent: false };
  throw new PlimsollError("engine-unreachable", "there is no containerd in its usual folders", {
    hint: "Set CONTAINERD_ADDRESS to its socket when it keeps its images in another folder (root in its config.toml).",
  });
}

interface ListRootOptions {
  readonly root: string;
  readonly states: readonly StateFolder[];
  /** The socket to ask of a container of which no state is found. */
  readonly asked: string | undefined;
  readonly tasks: RunningTasks;
  readonly signal: AbortSignal;
}

async function listRoot(
  { containers, damages }: ContainerdContainers,
  { root, states, asked, tasks, signal }: ListRootOptions,
): Promise<EngineListing> {
  const workloads: Workload[] = [];
  const hidden: string[] = [];
  for (const container of containers) {
    const task = taskOf(container, states);
    const isSeen = task?.isHidden === false;
    const socket = task?.address ?? asked;
    const runs = isSeen || (socket === undefined ? false : await tasks.has(socket, container));
    if (runs === undefined && task) hidden.push(container.id);
    if (runs !== true) continue;
    workloads.push(workloadOf(container, { root, task, signal }));
  }
  const gaps = damages.map((damage) => gapOfDamage("containerd", damage));
  return { workloads, gaps: hidden.length > 0 ? [...gaps, gapOfHiddenProcesses("containerd", hidden)] : gaps };
}

/**
 * The folder of the containerd that listens; the error when it cannot be asked. Errors: `engine-unreachable` when the
 * folder is not here, `target-unreadable`, `cancelled`.
 */
async function rootOf(
  client: ContainerdClient,
  { address, signal }: { readonly address: string; readonly signal: AbortSignal },
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

function metadataFile(root: string): string {
  return join(root, "io.containerd.metadata.v1.bolt", "meta.db");
}

/** The folders that are containerd's, and what is missed in those that may not be read. */
function readableRoots(
  storage: readonly string[],
  required: boolean,
): { readonly roots: readonly string[]; readonly gaps: readonly ListingGap[] } {
  const gaps: ListingGap[] = [];
  const roots = storage.filter((root) => {
    try {
      return isContainerdStorage(root);
    } catch (error) {
      if (required || !(error instanceof PlimsollError)) throw error;
      const gap = gapOfDeniedFolder("containerd", error);
      if (gap) gaps.push(gap);
      return false;
    }
  });
  return { roots, gaps };
}

/** A folder of what containerd knows until the machine ends, and the socket beside it. */
interface StateFolder {
  readonly folder: string;
  readonly address: string;
}

/** The state is beside the socket, in MicroK8s in a folder beside it. */
function statesAt(address: string): readonly StateFolder[] {
  const folder = dirname(address);
  return [folder, join(folder, "containerd")].map((one) => ({ folder: one, address }));
}

/** A container that was started. */
interface Task {
  readonly address: string;
  readonly startedAt: string;
  /** True when it cannot be told from here whether it still runs. */
  readonly isHidden: boolean;
  readonly isPaused: boolean;
}

/** Undefined when there is no state of it, and when its first process has ended. */
function taskOf({ namespace, id }: ContainerdContainer, states: readonly StateFolder[]): Task | undefined {
  for (const { folder, address } of states) {
    const task = join(folder, "io.containerd.runtime.v2.task", namespace, id);
    const first = firstProcess(join(task, "init.pid"), { name: "containerd-shim" });
    if (first) {
      const { startedAt, pid } = first;
      return { address, startedAt, isHidden: pid === undefined, isPaused: pid !== undefined && isFrozen(pid) };
    }
    const startedAt = startWithoutPid(task);
    if (startedAt !== undefined) return { address, startedAt, isHidden: false, isPaused: false };
  }
  return undefined;
}

/**
 * A container in a virtual machine has no process here, and of another user's the number is not told; the folder goes
 * away when the container ends. Error: `target-unreadable`.
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
  container: ContainerdContainer,
  { root, task, signal }: { readonly root: string; readonly task: Task | undefined; readonly signal: AbortSignal },
): Workload {
  const { namespace, id, name, image, rootFolder, target, kept, chainId, imageId } = container;
  const imagesAt = (one: ContainerdTarget | undefined): readonly PlatformImage[] =>
    one === undefined ? [] : imagesOf(root, { digest: one.digest, signal });
  const isRun = ({ id: own, diffIds }: PlatformImage): boolean =>
    chainId !== undefined && chainId === [...chainIds(diffIds)].at(-1) && (imageId ?? own) === own;
  const today = imagesAt(target);
  const named = today.find(isRun);
  const runs = named ?? imagesAt(kept).find(isRun);
  const from = named ? target : kept;
  const asked = parseReference(image);
  const isNamed = asked !== undefined && asked.digest === undefined;
  const isCertain = runs !== undefined && (imageId !== undefined || !container.isNamedLater);
  const digest = isCertain ? from?.digest : undefined;
  const isPinnable = from?.isPulled === true && !container.isGuessed;
  const known = runs?.id ?? imageId;
  return {
    engine: "containerd",
    place: namespace,
    name,
    container: id,
    instances: 1,
    image: asked ? referenceText(asked, { familiar: true }) : image || (rootFolder ?? ""),
    ...(known !== undefined && { imageId: known }),
    ...(digest !== undefined && { digest }),
    ...(runs && runs.manifestDigest !== from?.digest && { manifestDigest: runs.manifestDigest }),
    ...(digest !== undefined &&
      asked &&
      isPinnable && { pinned: referenceText({ ...asked, digest }, { familiar: true }) }),
    ...(task && { startedAt: task.startedAt }),
    state: task?.isPaused ? "paused" : "running",
    ...(runs?.platform !== undefined && { platform: withUsualNames(runs.platform) }),
    ...(isNamed && today.length > 0 && chainId !== undefined && !named && { moved: true }),
  };
}

/** Those of an index for several platforms that are there; empty when containerd does not have the image. */
function imagesOf(
  root: string,
  { digest, signal }: { readonly digest: string; readonly signal: AbortSignal },
): readonly PlatformImage[] {
  try {
    return imagesInContainerd(root, digest, { signal, verifyDigests: true });
  } catch (error) {
    if (error instanceof PlimsollError && error.code !== "cancelled") return [];
    throw error;
  }
}
