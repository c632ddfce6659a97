import { readFileSync } from "node:fs";

/** The user whose process this is. */
export interface MachineUser {
  /**
   * The user's number, also within `podman unshare` and in a container of a user without root, where it seems to be 0;
   * undefined where users have no numbers.
   */
  readonly uid: number | undefined;
  /** True for the root of the machine, or of a container that is like one, and not for who is only called so. */
  readonly isRoot: boolean;
}

/**
 * Given `uid` and the text of `/proc/self/uid_map`, which are those of this process by default. Source:
 * `user_namespaces(7)`, "User and group ID mappings".
 */
export function machineUser(uid: number | undefined = process.getuid?.(), uidMap: string = ownUidMap()): MachineUser {
  if (uid !== 0) return { uid, isRoot: false };
  // Whoever has one number alone as 0 is called root by a namespace of their own, unless that is 0 outside too. Others
  // are like whole machines.
  const alone = uidMap
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number))
    .find(([inside, outside, count]) => inside === 0 && outside !== 0 && count === 1);
  return { uid: alone?.[1] ?? uid, isRoot: alone === undefined };
}

/** Empty where there are no user namespaces. */
function ownUidMap(): string {
  try {
    return readFileSync("/proc/self/uid_map", "latin1");
  } catch {
    return "";
  }
}
