import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, statSync } from "node:fs";
import type { KernelUser } from "../../model/events/kernel-event.ts";
import type { KernelState } from "../../rules/state/kernel-state.ts";

/** The most bytes of a list of users that are read. */
const largestList = 256 * 1024;
const mostRemembered = 100_000;

/**
 * The users of containers, by the lists in their own file systems. They are read through a process while it runs, and
 * only where this program may look; a process whose root directory is still that of the host does not count as the last
 * word.
 */
export class ContainerUsers {
  /** By the id of a container: whether the list that was read is its own. */
  readonly #read = new Map<string, boolean>();

  /** All must be read again, into another state. */
  clear(): void {
    this.#read.clear();
  }

  /** Puts the users of a container, which the thread is in, into the state. */
  read(state: KernelState, containerId: string, tid: number): void {
    const isOwn = this.#read.get(containerId);
    if (isOwn) return;
    const root = `/proc/${tid}/root`;
    try {
      const [own, host] = [statSync(`${root}/`), statSync("/")];
      const isHosts = own.ino === host.ino && own.dev === host.dev;
      if (isHosts && isOwn === false) return;
      for (const user of usersOf(readList(root))) state.users.add(user.uid, containerId, user);
      if (this.#read.size >= mostRemembered) this.#read.clear();
      this.#read.set(containerId, !isHosts);
    } catch {
      // The process has ended, or may not be looked at: the next one may.
    }
  }
}

/** Links are not followed: they would lead out of the container. */
function readList(root: string): string {
  if (!lstatSync(`${root}/etc`).isDirectory()) return "";
  const file = openSync(`${root}/etc/passwd`, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    if (!fstatSync(file).isFile()) return "";
    const bytes = Buffer.alloc(largestList);
    return bytes.toString("latin1", 0, readSync(file, bytes));
  } finally {
    closeSync(file);
  }
}

function usersOf(text: string): readonly KernelUser[] {
  return text
    .split("\n")
    .map((line) => line.split(":"))
    .filter(([name, , uid]) => name !== "" && /^\d{1,10}$/.test(uid ?? ""))
    .map(([name = "", , uid, gid, , home = "", shell = ""]) => ({
      ...{ uid: Number(uid), gid: Number(gid), name },
      ...{ home, shell },
    }));
}
