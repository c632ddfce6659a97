import { PlimsollError } from "../../model/error.ts";
import type { WatchedContainer } from "./watched-containers.ts";

const mostNamed = 5;

/**
 * What to tell of containers of Podman that run and that nobody listed: those of the user who asks, which are in
 * folders that nobody named, and to root those of everybody else, which are in the folders of those users.
 */
export function unlistedOfPodman(
  watched: readonly WatchedContainer[],
  { uid }: { readonly uid: number | undefined },
): readonly PlimsollError[] {
  const containers = [...new Map(watched.map((container) => [container.id, container])).values()];
  const own = containers.filter((container) => container.uid === uid);
  const others = uid === 0 ? containers.filter((container) => container.uid !== uid) : [];
  return [...(own.length === 0 ? [] : [ofOwn(own)]), ...(others.length === 0 ? [] : [ofOthers(others)])];
}

function ofOwn(containers: readonly WatchedContainer[]): PlimsollError {
  const named = containers.slice(0, mostNamed).map(({ id }) => id.slice(0, 12));
  const more = containers.length > named.length ? `, and ${containers.length - named.length} more` : "";
  const what =
    containers.length === 1 ? "a container of yours that is" : `${containers.length} containers of yours that are`;
  const message = `podman runs ${what} in no folder that was read: ${named.join(", ")}${more}`;
  return new PlimsollError("engine-unreachable", message, {
    hint: "Name a storage.conf with the graphroot and runroot that podman info shows (CONTAINERS_STORAGE_CONF).",
  });
}

function ofOthers(containers: readonly WatchedContainer[]): PlimsollError {
  const users = [...Map.groupBy(containers, ({ uid }) => uid)].sort(([one], [other]) => one - other);
  const parts = users.map(
    ([uid, { length }]) => `${length === 1 ? "a container" : `${length} containers`} of uid ${uid}`,
  );
  const named = parts.slice(0, mostNamed).join(", ");
  const more = parts.length > mostNamed ? `, and those of ${parts.length - mostNamed} more users` : "";
  const message = `podman also runs containers of users without root, in folders of theirs: ${named}${more}`;
  return new PlimsollError("engine-unreachable", message, {
    hint: `Run Plimsoll as each of them (sudo -iu '#${users[0]?.[0]}' plimsoll ps), or name a socket of theirs (CONTAINER_HOST).`,
  });
}
