import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PlimsollError } from "../model/error.ts";
import { parseReference, referenceText } from "../model/reference.ts";
import type { Workload } from "../model/workload.ts";
import type { Image } from "../sources/image/image.ts";
import { isContainersStorage, openContainersStorage } from "../sources/image-store/containers-storage.ts";
import { type StoredContainer, storedContainers } from "../sources/image-store/stored-containers.ts";
import type { EngineListing } from "./list-workloads.ts";
import { liveProcess, readPid } from "./live-process.ts";
import type { PodmanStores } from "./podman-stores.ts";

/*
 * What runs in Podman, read from its folders: its service, which could be asked, is not running on most machines.
 *
 *   STORAGE/DRIVER-containers/containers.json             which containers there are, with the names of their images
 *   STATE/DRIVER-containers/ID/userdata/pidfile           the container's first process
 *   STATE/DRIVER-containers/ID/userdata/conmon.pid        its parent, so that a number used again is not taken for it
 *
 * Source: libpod `oci_conmon_common.go`, `container_internal.go`.
 */

/**
 * What runs in Podman without asking its service, one listing for each store that may be read.
 * Errors: `layout-malformed`, `limit-exceeded`; `target-unreadable` for a store of which only a part may be read.
 */
export function listPodmanFolders(
  { storage, state }: PodmanStores,
  { signal }: { readonly signal: AbortSignal },
): readonly EngineListing[] {
  const roots = state.length === 0 ? [] : storage.filter(isReadable);
  return roots.map((root) => ({
    workloads: storedContainers(root).flatMap((container) => {
      const startedAt = startOf(container, state);
      return startedAt === undefined ? [] : [workloadOf(container, { root, startedAt, signal })];
    }),
  }));
}

/** A store of another user is not looked into. */
function isReadable(root: string): boolean {
  try {
    return isContainersStorage(root);
  } catch (error) {
    if (error instanceof PlimsollError && error.code === "target-unreadable") return false;
    throw error;
  }
}

/** When the container began, while it runs. */
function startOf({ id, driver }: StoredContainer, states: readonly string[]): string | undefined {
  for (const state of states) {
    const folder = join(state, `${driver}-containers`, id, "userdata");
    const process = liveProcess(join(folder, "pidfile"));
    if (process && isChild(process.pid, join(folder, "conmon.pid"))) return process.startedAt;
  }
  return undefined;
}

/** True also when nobody can tell. */
function isChild(pid: number, parentFile: string): boolean {
  try {
    // The name in brackets may hold anything, also brackets.
    const [, parent] = readFileSync(`/proc/${pid}/stat`, "latin1")
      .replace(/^.*\)\s*/s, "")
      .split(" ");
    return Number(parent) === readPid(parentFile);
  } catch {
    return true;
  }
}

function workloadOf(
  { id, name, image, imageId }: StoredContainer,
  { root, startedAt, signal }: { readonly root: string; readonly startedAt: string; readonly signal: AbortSignal },
): Workload {
  const options = { verifyDigests: true, signal };
  using runs = imageOf(() => openContainersStorage(root, imageId, options));
  using today = image === "" ? undefined : imageOf(() => openContainersStorage(root, image, options));
  const asked = parseReference(image);
  const digest = asked?.digest ?? runs?.manifestDigest;
  // What Podman builds is at `localhost/`, where no registry is.
  const isPulled = asked !== undefined && asked.registry !== "localhost" && today?.id === imageId;
  return {
    engine: "podman",
    name,
    container: id,
    instances: 1,
    image: image || imageId,
    imageId,
    ...(digest !== undefined && { digest }),
    ...(isPulled && digest !== undefined && { pinned: referenceText({ ...asked, digest }, { familiar: true }) }),
    startedAt,
    state: "running",
    ...(runs?.platform !== undefined && { platform: runs.platform }),
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
