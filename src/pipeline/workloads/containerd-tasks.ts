import { existsSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { reasonOf } from "../../io/reason-of.ts";
import { PlimsollError } from "../../model/error.ts";
import { firstProcess } from "./first-process.ts";
import { isFrozen } from "./is-frozen.ts";

/*
 * What containerd knows until the machine ends, below the folder of its socket:
 *
 *   io.containerd.runtime.v2.task/NAMESPACE/ID/init.pid   the first process, where it has one here
 *   io.containerd.runtime.v2.task/NAMESPACE/ID/rootfs     its files, mounted
 *
 * Source: containerd `runtime/v2`.
 */
const tasksFolder = "io.containerd.runtime.v2.task";

/** Which container is meant. */
interface TaskName {
  readonly namespace: string;
  readonly id: string;
}

/** A folder of what containerd knows until the machine ends, and the socket beside it. */
export interface StateFolder {
  readonly folder: string;
  readonly address: string;
}

/** The state is beside the socket, in MicroK8s in a folder beside it. */
export function statesAt(address: string): readonly StateFolder[] {
  const folder = dirname(address);
  return [folder, join(folder, "containerd")].map((one) => ({ folder: one, address }));
}

/** A container that was started. */
export interface Task {
  readonly address: string;
  readonly startedAt: string;
  /** True when it is unknown from here whether it still runs. */
  readonly isHidden: boolean;
  readonly isPaused: boolean;
}

/**
 * Undefined when there is no state of it, and when its first process has ended. Error: `target-unreadable`.
 */
export function taskOf({ namespace, id }: TaskName, states: readonly StateFolder[]): Task | undefined {
  for (const { folder, address } of states) {
    const task = join(folder, tasksFolder, namespace, id);
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
 * Where the files of a container are seen together, those of its image and what it has written itself; undefined when
 * that is not here.
 */
export function filesOfTask({ namespace, id }: TaskName, states: readonly StateFolder[]): string | undefined {
  const folders = states.map(({ folder }) => join(folder, tasksFolder, namespace, id, "rootfs"));
  return folders.find((folder) => {
    try {
      return readdirSync(folder).length > 0;
    } catch {
      return false;
    }
  });
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
