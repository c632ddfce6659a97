import { readlinkSync } from "node:fs";

/**
 * The number that Linux gives to its first namespace of processes. Source: `PROC_PID_INIT_INO` of
 * `include/linux/proc_ns.h`.
 */
const firstNamespace = "pid:[4026531836]";

/**
 * True when every process of this Linux machine has a number here. False in a container with its own process namespace:
 * a process id that was written outside does not exist there, or belongs to another process. False also when that
 * cannot be determined.
 */
export function seesAllProcesses(): boolean {
  try {
    return readlinkSync("/proc/self/ns/pid") === firstNamespace;
  } catch {
    return false;
  }
}
