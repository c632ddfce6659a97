import { readFileSync } from "node:fs";

/**
 * True when all processes of the control group that a process is in are stopped, by it or by one above it, which is how
 * a container is paused; false where that is unknown. Source: Linux, "Control Group v2" (`cgroup.events`) and "Cgroup
 * Freezer" (`freezer.state`).
 */
export function isFrozen(pid: number): boolean {
  const groups = textOf(`/proc/${pid}/cgroup`).split("\n");
  return groups.some((line) => {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (path === undefined || path.split("/").includes("..")) return false;
    if (controllers === "freezer") return textOf(`/sys/fs/cgroup/freezer${path}/freezer.state`).startsWith("FROZEN");
    return controllers === "" && /^frozen 1$/m.test(textOf(`/sys/fs/cgroup${path}/cgroup.events`));
  });
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}
