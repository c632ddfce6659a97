import { readFileSync } from "node:fs";

/** The user whose process this is. */
export interface MachineUser {
  /**
   * The number by which the user namespace around this one knows the user, which is not 0 within `podman unshare` and
   * in a container of a user without root; undefined where users have no numbers.
   */
  readonly uid: number | undefined;
  /** True for the machine's root, and not for who is called so in a user namespace. */
  readonly isRoot: boolean;
}

/** Source: `user_namespaces(7)`, "User and group ID mappings". */
export function machineUser(): MachineUser {
  const uid = process.getuid?.();
  if (uid === undefined) return { uid, isRoot: false };
  const ranges = rangesOfUsers();
  // Only the machine's own namespace can have all numbers, each as itself.
  const isWhole = ranges.length === 0 || ranges.some((range) => range.every((value, at) => value === all[at]));
  const [inside = 0, outside = 0] = ranges.find(([first, , count]) => uid >= first && uid - first < count) ?? [];
  return { uid: uid - inside + outside, isRoot: uid === 0 && isWhole };
}

type Range = readonly [inside: number, outside: number, count: number];

const all: Range = [0, 0, 4_294_967_295];

/** None where nobody tells: there are no user namespaces. */
function rangesOfUsers(): readonly Range[] {
  try {
    const lines = readFileSync("/proc/self/uid_map", "latin1").split("\n");
    return lines.flatMap((line) => {
      const [inside, outside, count] = line.trim().split(/\s+/).map(Number);
      return inside === undefined || outside === undefined || count === undefined ? [] : [[inside, outside, count]];
    });
  } catch {
    return [];
  }
}
