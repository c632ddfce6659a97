import { machineUser } from "../../io/processes/machine-user.ts";
import type { PlimsollError } from "../../model/error.ts";
import { type PodmanAccess, usualContainersStorage } from "./engine-access.ts";

/** Where images are kept, and what is known of containers until the machine ends. */
export interface PodmanStores {
  /** Folders in the form of containers/storage, tried in this order. */
  readonly storage: readonly string[];
  /** Empty when only the service is asked what runs. */
  readonly state: readonly string[];
  /** Why configurations do not tell a folder of `state`. */
  readonly damages: readonly PlimsollError[];
}

/**
 * The folders that the configuration names, then the usual ones. Error: `target-unreadable` for a configuration that
 * cannot be read.
 */
export async function podmanStores(access: PodmanAccess): Promise<PodmanStores> {
  const { configurations = [], variables, storage = usualContainersStorage, state } = access;
  const { readStorageConf } = await import("../../sources/image-store/storage-conf.ts");
  const { isRoot } = machineUser();
  const first: string[] = [];
  const last: string[] = [];
  const runRoots: string[] = [];
  const damages: PlimsollError[] = [];
  for (const { path, of } of configurations) {
    const conf = readStorageConf(path, variables);
    if (!conf) continue;
    const isOwn = isRoot || of === "user";
    if (!isRoot && conf.rootlessStore !== undefined) first.push(conf.rootlessStore);
    (isOwn ? first : last).push(...conf.stores);
    if (conf.runRoot !== undefined) runRoots.push(conf.runRoot);
    if (conf.damage) damages.push(conf.damage);
  }
  return {
    storage: [...new Set([...first, ...storage, ...last])],
    state: state === undefined ? [] : [...new Set([...runRoots, ...state])],
    damages,
  };
}
