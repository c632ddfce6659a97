import { readlinkSync } from "node:fs";

/**
 * The number that Linux gives to its first namespace of processes. Source: `PROC_PID_INIT_INO` of
 * `include/linux/proc_ns.h`.
 */
const firstNamespace = "pid:[4026531836]";

/**
 * True when every process of this Linux machine has a number here. False in a container that has processes of its own:
 * there a number that somebody outside wrote down is nobody's, or another one's. False also where that cannot be told.
 */
export function seesAllProcesses(): boolean {
  try {
    return readlinkSync("/proc/self/ns/pid") === firstNamespace;
  } catch {
    return false;
  }
}
