import { PlimsollError } from "../../model/error.ts";
import type { WatchedContainer } from "./watched-containers.ts";

const mostNamed = 5;

/**
 * The gaps for running containers of Podman that are not listed: those of the calling user in folders that were not
 * named, and for the machine's root those of all other users, in the folders of those users. Those of CRI-O, which are
 * root's, are distinguished.
 */
export function unlistedOfPodman(
  watched: readonly WatchedContainer[],
  { uid, isRoot }: { readonly uid: number | undefined; readonly isRoot: boolean },
): readonly PlimsollError[] {
  const containers = [...new Map(watched.map((container) => [container.id, container])).values()];
  const [own, others] = [
    containers.filter((container) => container.uid === uid),
    containers.filter((container) => isRoot && container.uid !== uid),
  ];
  const parts = [
    [own.filter(({ isCrioContainer }) => !isCrioContainer), ofOwn],
    [own.filter(({ isCrioContainer }) => isCrioContainer), ofCrio],
    [others, ofOthers],
  ] as const;
  return parts.flatMap(([part, tell]) => (part.length === 0 ? [] : [tell(part)]));
}

function ofOwn(containers: readonly WatchedContainer[]): PlimsollError {
  const what = containers.length === 1 ? "a container of your user" : `${containers.length} containers of your user`;
  const message = `podman runs ${what} outside the folders that were read: ${idsOf(containers)}`;
  return new PlimsollError("engine-unreachable", message, {
    hint: "Set CONTAINERS_STORAGE_CONF to a storage.conf with the graphroot and runroot that podman info shows.",
  });
}

function ofCrio(containers: readonly WatchedContainer[]): PlimsollError {
  const what = containers.length === 1 ? "a container" : `${containers.length} containers`;
  const message = `cri-o runs ${what} outside the folders that were read: ${idsOf(containers)}`;
  return new PlimsollError("engine-unreachable", message, {
    hint: "Select the cluster with --kubeconfig, or give Plimsoll access to /var/lib/containers/storage and /run/containers/storage.",
  });
}

function idsOf(containers: readonly WatchedContainer[]): string {
  const named = containers.slice(0, mostNamed).map(({ id }) => id.slice(0, 12));
  const more = containers.length > named.length ? `, and ${containers.length - named.length} more` : "";
  return `${named.join(", ")}${more}`;
}

function ofOthers(containers: readonly WatchedContainer[]): PlimsollError {
  const users = [...Map.groupBy(containers, ({ uid }) => uid)].sort(([one], [other]) => one - other);
  const parts = users.map(
    ([uid, { length }]) => `${length === 1 ? "a container" : `${length} containers`} of uid ${uid}`,
  );
  const named = parts.slice(0, mostNamed).join(", ");
  const more = parts.length > mostNamed ? `, and those of ${parts.length - mostNamed} more users` : "";
  const message = `podman also runs rootless containers of other users: ${named}${more}`;
  return new PlimsollError("engine-unreachable", message, {
    hint: `Run Plimsoll as each of them (sudo -iu '#${users[0]?.[0]}' plimsoll ps), or set CONTAINER_HOST to one of their sockets.`,
  });
}
