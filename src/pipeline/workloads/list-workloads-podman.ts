import { closeSync, constants, existsSync, lstatSync, openSync } from "node:fs";
import { join } from "node:path";
import { PlimsollError } from "../../model/error.ts";
import type { Workload } from "../../model/images/workload.ts";
import { withUsualNames } from "../../model/packages/platform.ts";
import { parseReference } from "../../model/packages/reference.ts";
import type { Image } from "../../sources/image/image.ts";
import {
  isContainersStorage,
  openContainersStorage,
  pulledImage,
} from "../../sources/image-store/containers-storage.ts";
import {
  rootOfContainer,
  type StoredContainer,
  storedContainers,
} from "../../sources/image-store/stored-containers.ts";
import type { PodmanStores } from "../targets/podman-stores.ts";
import { firstProcess } from "./first-process.ts";
import { isFrozen } from "./is-frozen.ts";
import type { EngineListing } from "./list-workloads.ts";
import { gapOfDamage, gapOfDeniedFolder, gapOfHiddenProcesses } from "./listing-gap.ts";
import { digestOfPulled, ownDigest } from "./named-digest.ts";

/*
 * What runs in Podman and CRI-O, read from their folders: Podman's service, which could be asked, is not running on
 * most machines.
 *
 *   STORAGE/DRIVER-containers/containers.json             which containers there are, with the names of their images
 *   STORAGE/DRIVER-containers/ID/userdata/ctl             a pipe, which its parent reads; of CRI-O under STATE
 *   STORAGE/DRIVER-containers/ID/userdata/config.json     its runtime configuration; of CRI-O also under STATE
 *   STATE/DRIVER-containers/ID/userdata/pidfile           the container's first process
 *   STATE/DRIVER-containers/ID/userdata/conmon.pid        its parent, so that a number used again is not taken for it
 *
 * Source: libpod `oci_conmon_common.go`, `container_internal.go`; conmon `ctrl.c`.
 */

/**
 * What runs in Podman without asking its service, one listing for each store that may be read; a damaged one is a gap.
 * Errors: `limit-exceeded`; `target-unreadable` for a store of which only a part may be read.
 */
export function listPodmanFolders(
  { storage, state }: Pick<PodmanStores, "storage" | "state">,
  { signal }: { readonly signal: AbortSignal },
): readonly EngineListing[] {
  if (state.length === 0) return [];
  return storage.flatMap((root): EngineListing[] => {
    const isStore = tryReading(root);
    if (isStore === true) return [tryListing(root, { states: state, signal })];
    const gap = isStore === false ? undefined : gapOfDeniedFolder("podman", isStore);
    return gap ? [{ isClosed: true, workloads: [], gaps: [gap] }] : [];
  });
}

interface Listing {
  readonly states: readonly string[];
  readonly signal: AbortSignal;
}

function tryListing(root: string, listing: Listing): EngineListing {
  try {
    return listStore(root, listing);
  } catch (error) {
    if (!isDamage(error)) throw error;
    return { isClosed: true, workloads: [], gaps: [{ error }] };
  }
}

function isDamage(error: unknown): error is PlimsollError {
  return error instanceof PlimsollError && error.code === "layout-malformed";
}

function listStore(root: string, { states, signal }: Listing): EngineListing {
  const hidden: string[] = [];
  const ended: string[] = [];
  const { containers, damages } = storedContainers(root);
  const gaps = damages.map((damage) => gapOfDamage("podman", damage));
  const workloads = containers.flatMap((container): Workload[] => {
    const { id, driver, imageId } = container;
    const tell = (damage: string): void => {
      gaps.push(
        gapOfDamage("podman", `the record of the container ${id.slice(0, 12)} of podman is damaged: ${damage}`),
      );
    };
    const own = (folder: string): string => join(folder, `${driver}-containers`, id, "userdata");
    const life = lifeOf([root, ...states].map(own));
    if (life === "hidden") hidden.push(id);
    if (life === "ended") ended.push(id);
    if (typeof life === "string") return [];
    if (container.damage !== undefined) tell(container.damage);
    try {
      const rootFolder = imageId === undefined ? rootOfContainer([root, ...states].map(own)) : undefined;
      return [workloadOf(container, { root, ...life, rootFolder, signal })];
    } catch (error) {
      if (!isDamage(error)) throw error;
      tell(error.message);
      return [];
    }
  });
  if (hidden.length > 0) gaps.push(gapOfHiddenProcesses("podman", hidden));
  return { workloads, gaps, ended };
}

/** Whether there is a store that may be read; the failure when one may not look. */
function tryReading(root: string): boolean | PlimsollError {
  try {
    return isContainersStorage(root);
  } catch (error) {
    if (error instanceof PlimsollError && error.code === "target-unreadable") return error;
    throw error;
  }
}

interface Life {
  readonly startedAt: string;
  readonly isPaused: boolean;
}

/**
 * The life of the container whose files are in these folders: since when it runs, or that it does not, or that this is
 * unknown; `elsewhere` when no folder shows that it ever ran: it was not started, or its state is in a folder that is
 * not among them.
 */
function lifeOf(folders: readonly string[]): Life | "ended" | "hidden" | "elsewhere" {
  for (const folder of folders) {
    const parent = { name: "conmon", pidFile: join(folder, "conmon.pid") };
    const first = firstProcess(join(folder, "pidfile"), parent);
    if (!first) continue;
    const { startedAt, pid } = first;
    if (pid !== undefined) return { startedAt, isPaused: isFrozen(pid) };
    const answers = folders.map((other) => hasReader(join(other, "ctl")));
    if (answers.includes(true)) return { startedAt, isPaused: false };
    return answers.includes(undefined) ? "hidden" : "ended";
  }
  return folders.some((folder) => existsSync(join(folder, "pidfile"))) ? "ended" : "elsewhere";
}

/** Whether a process, seen from here or not, reads a named pipe; undefined when that is unknown. Nothing is written. */
function hasReader(path: string): boolean | undefined {
  try {
    const pipe = lstatSync(path, { throwIfNoEntry: false });
    if (!pipe?.isFIFO()) return false;
    closeSync(openSync(path, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW));
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ENXIO" ? false : undefined;
  }
}

function workloadOf(
  { id, name, image, imageId, isKubernetesContainer }: StoredContainer,
  {
    root,
    startedAt,
    isPaused,
    rootFolder,
    signal,
  }: Life & {
    readonly root: string;
    readonly rootFolder: string | undefined;
    readonly signal: AbortSignal;
  },
): Workload {
  const options = { verifyDigests: true, signal };
  using runs = imageId === undefined ? undefined : imageOf(() => openContainersStorage(root, imageId, options));
  using today = image === "" ? undefined : imageOf(() => openContainersStorage(root, image, options));
  const asked = parseReference(image);
  const pulled = imageId === undefined ? undefined : pulledImage(root, imageId);
  const digest =
    asked?.digest === undefined
      ? pulled && digestOfPulled(pulled, asked)
      : ownDigest({ ...asked, digest: asked.digest });
  return {
    engine: "podman",
    ...(isKubernetesContainer && { place: "cri-o" }),
    name,
    container: id,
    instances: 1,
    image: image || (imageId ?? rootFolder ?? ""),
    ...(imageId !== undefined && { imageId }),
    ...digest,
    startedAt,
    state: isPaused ? "paused" : "running",
    ...(runs?.platform !== undefined && { platform: withUsualNames(runs.platform) }),
    ...(asked?.digest === undefined && today && today.id !== imageId && { moved: true }),
  };
}

/** Undefined when the store does not have all of the image. */
function imageOf(open: () => Image | undefined): Image | undefined {
  try {
    return open();
  } catch (error) {
    if (error instanceof PlimsollError && error.code !== "cancelled") return undefined;
    throw error;
  }
}
