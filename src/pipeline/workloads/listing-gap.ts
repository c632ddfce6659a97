import { PlimsollError } from "../../model/error.ts";
import type { WorkloadEngine } from "../../model/images/workload.ts";
import { watchedContainers } from "./watched-containers.ts";

/** Something that an engine runs, or may run, and that could not be listed. */
export interface ListingGap {
  readonly error: PlimsollError;
  /** The ids of the missing containers, where they are known: when another engine lists them all, the gap is closed. */
  readonly containers?: readonly string[];
}

/**
 * The gap when a folder of an engine may not be read; undefined when no container runs there. `denied` is the failure
 * to read it.
 */
export function gapOfDeniedFolder(
  engine: Extract<WorkloadEngine, "podman" | "containerd">,
  denied: PlimsollError,
): ListingGap | undefined {
  const watched = watchedContainers(engine)?.filter(({ uid }) => uid !== process.getuid?.());
  const containers = watched && [...new Set(watched.map(({ id }) => id))];
  if (containers?.length === 0) return undefined;
  const what = containers === undefined ? "containers of another user may run" : "containers of another user run";
  const error = new PlimsollError("target-unreadable", `${what} in ${engine}, and ${denied.message}`, {
    hint: "Run Plimsoll as root, or as the user who runs them.",
    cause: denied,
  });
  return { error, ...(containers && { containers }) };
}

const toSeeContainers = {
  podman: "Inspect it with podman ps --all.",
  containerd: "Inspect it with ctr --namespace NAMESPACE containers list.",
} as const;

/**
 * For what an engine's folder says of its containers and cannot be read. `what` is a sentence without its full stop.
 */
export function gapOfDamage(engine: keyof typeof toSeeContainers, what: string): ListingGap {
  return { error: new PlimsollError("layout-malformed", what, { hint: toSeeContainers[engine] }) };
}

/** The gap for containers that may or may not run, because this program does not see the processes of the machine. */
export function gapOfHiddenProcesses(engine: WorkloadEngine, containers: readonly string[]): ListingGap {
  const many = containers.length;
  const runs = many === 1 ? `a container of ${engine} still runs` : `${many} containers of ${engine} still run`;
  const message = `whether ${runs} is unknown: the host's processes are not visible from here`;
  const hint = "Give Plimsoll's container access to the host's processes (--pid host) or to the engine's socket.";
  return { error: new PlimsollError("engine-unreachable", message, { hint }), containers };
}
