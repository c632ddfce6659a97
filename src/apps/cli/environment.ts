import { existsSync } from "node:fs";
import { join } from "node:path";
import { machineUser } from "../../io/processes/machine-user.ts";
import { PlimsollError } from "../../model/error.ts";
import type { FeedAccess } from "../../pipeline/database/update-database.ts";
import type { GitAccess } from "../../pipeline/scan/history-secrets.ts";
import {
  type ContainerdAccess,
  type DockerAccess,
  type PodmanAccess,
  usualContainersStorage,
  usualPodmanHosts,
  usualPodmanState,
} from "../../pipeline/targets/engine-access.ts";
import { podmanRuntimeFolders } from "./scan/podman-runtime-folders.ts";
import { writeNote } from "./terminal/output.ts";
import { baseFolder, homeFolder, userCacheFolder, userDataFolder } from "./user-folders.ts";

/**
 * The folder of all that a run keeps for the next, unless the user says otherwise: inventories of layers, verdicts,
 * finished scans of registries, the keys of Sigstore. `PLIMSOLL_CACHE`, else by the XDG Base Directory Specification.
 */
export function defaultCacheFolder(): string {
  return process.env["PLIMSOLL_CACHE"] || userCacheFolder();
}

/** The file that every command takes for the database unless the user says otherwise; it need not exist. */
export function defaultDatabasePath(): string {
  return process.env["PLIMSOLL_DB"] || join(userDataFolder(), "advisories.sqlite");
}

/**
 * The database that is read where none is named and nothing is fetched: the file of `PLIMSOLL_DB`, whether it exists or
 * not, since whoever names one wants to hear that it is missing; else the default one if it exists.
 */
export function namedOrExistingDatabase(): string | undefined {
  return process.env["PLIMSOLL_DB"] || existingDatabase();
}

/** The default database, if that file exists; a scan that may fetch advisories creates it otherwise. */
export function existingDatabase(): string | undefined {
  const path = defaultDatabasePath();
  return existsSync(path) ? path : undefined;
}

/**
 * How the environment says that the Docker Engine is reached: `DOCKER_HOST`, `DOCKER_TLS_VERIFY`, `DOCKER_CERT_PATH`;
 * without a host `DOCKER_CONTEXT`, or the context in use, in `DOCKER_CONFIG` or `~/.docker`.
 */
export function dockerAccess(): DockerAccess {
  const host = process.env["DOCKER_HOST"];
  if (!host) {
    const name = process.env["DOCKER_CONTEXT"];
    const folder = process.env["DOCKER_CONFIG"] || join(homeFolder(), ".docker");
    return { contexts: { folder, ...(name && { name }) }, isNamed: Boolean(name) && name !== "default" };
  }
  const verify = Boolean(process.env["DOCKER_TLS_VERIFY"]);
  const folder = process.env["DOCKER_CERT_PATH"] ?? (verify ? join(homeFolder(), ".docker") : undefined);
  const named = { host, isNamed: true };
  return folder === undefined ? named : { ...named, certificates: { folder, verify } };
}

/**
 * Where Podman is: its service by `CONTAINER_HOST`, else the user's own, in each of {@link podmanRuntimeFolders}, and
 * root's; its store the user's own and root's. What runs is read from its folders unless `CONTAINER_HOST` names a
 * service that can be asked; one over SSH cannot.
 */
export function podmanAccess(): PodmanAccess {
  const host = process.env["CONTAINER_HOST"];
  const runtime = podmanRuntimeFolders(process.env, { uid: machineUser().uid, seenAs: process.getuid?.() });
  const own = runtime.map((folder) => `unix://${join(folder, "podman", "podman.sock")}`);
  const data = baseFolder("XDG_DATA_HOME", join(".local", "share"));
  const isNamed = Boolean(host);
  const isAsked = isNamed && !/^ssh:/i.test(host ?? "");
  return {
    hosts: host ? [host] : [...own, ...usualPodmanHosts],
    isNamed,
    configurations: storageConfigurations(),
    // As Podman does for itself, so that a configuration may name the folder.
    variables: { ...process.env, ...(runtime[0] !== undefined && { XDG_RUNTIME_DIR: runtime[0] }) },
    storage: [join(data, "containers", "storage"), ...usualContainersStorage],
    ...(!isAsked && { state: [...runtime.map((folder) => join(folder, "containers")), ...usualPodmanState] }),
  };
}

/**
 * As containers-storage.conf(5): the file that `CONTAINERS_STORAGE_CONF` names, else the user's own, and the machine's
 * before the vendor's.
 */
function storageConfigurations(): NonNullable<PodmanAccess["configurations"]> {
  const named = process.env["CONTAINERS_STORAGE_CONF"];
  if (named) return [{ path: named, of: "user" }];
  const own = baseFolder("XDG_CONFIG_HOME", ".config");
  const shared = ["/etc/containers/storage.conf", "/usr/share/containers/storage.conf"].filter((path) =>
    existsSync(path),
  );
  return [
    ...(machineUser().isRoot ? [] : [{ path: join(own, "containers", "storage.conf"), of: "user" as const }]),
    ...shared.slice(0, 1).map((path) => ({ path, of: "machine" as const })),
  ];
}

/** Where containerd is: `CONTAINERD_ADDRESS`, `CONTAINERD_NAMESPACE`. */
export function containerdAccess(): ContainerdAccess {
  const address = process.env["CONTAINERD_ADDRESS"];
  const namespace = process.env["CONTAINERD_NAMESPACE"];
  return { ...(address && { address: address.replace(/^unix:\/\//, "") }), ...(namespace && { namespace }) };
}

/** Whether nothing may be asked over a network: the flag, or `PLIMSOLL_OFFLINE` with anything but 0. */
export function isOffline(flag: boolean | undefined): boolean {
  const variable = process.env["PLIMSOLL_OFFLINE"];
  return flag === true || (variable !== undefined && variable !== "" && variable !== "0");
}

/**
 * How feeds are reached: through `PLIMSOLL_MIRROR`, and the proxy that the usual variables name. Long waits are
 * reported.
 */
export function feedAccess(mirror?: string): FeedAccess {
  const from = mirror ?? process.env["PLIMSOLL_MIRROR"];
  return { proxy: process.env, ...(from ? { mirror: from } : {}), waiting: (sentence) => writeNote(sentence) };
}

/** A variable with a number of days; undefined when it is not set. Error: `usage`. */
export function environmentDays(name: string): number | undefined {
  const text = process.env[name];
  if (!text) return undefined;
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new PlimsollError("usage", `${name} is ${JSON.stringify(text)}, which is not a number of days`);
}

/** How Git is found, and the variables of which it is given a few. */
export function gitAccess(): GitAccess {
  return { searchPath: process.env["PATH"] ?? "", environment: process.env };
}
