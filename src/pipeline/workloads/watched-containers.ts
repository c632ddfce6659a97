import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { seesAllProcesses } from "../../io/sees-all-processes.ts";

/**
 * Who watches over a container while it runs: the beginning of the program's name, and the option that the container's
 * id follows.
 */
const watchers = {
  podman: { name: "conmon", option: "-c" },
  containerd: { name: "containerd-shim", option: "-id" },
} as const;

/** An engine whose containers are watched over by a process for each. */
type WatchedEngine = keyof typeof watchers;

/** A container by the process that watches over it. */
export interface WatchedContainer {
  readonly id: string;
  /** The number of that process, and the user whose process it is. */
  readonly pid: number;
  readonly uid: number;
}

const mostProcesses = 100_000;

/**
 * The containers that run, of all users, as far as the processes tell that watch over them. Of several containers of a
 * pod one may stand for all, and one that a program was started in may be there twice. Those that an engine within a
 * container runs are left out where that can be told: the container around them is the one that runs here. Undefined
 * when processes of others are hidden from this one.
 *
 * Source: `proc(5)`; conmon's and containerd-shim's command lines.
 */
export function watchedContainers(engine: WatchedEngine): readonly WatchedContainer[] | undefined {
  if (!seesAllProcesses() || !existsSync("/proc/1/comm")) return undefined;
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .slice(0, mostProcesses)
    .flatMap((pid) => containerOf(engine, Number(pid)) ?? []);
}

/** The container that a process watches over; undefined when it is no such process. */
function containerOf(engine: WatchedEngine, pid: number): WatchedContainer | undefined {
  const folder = `/proc/${pid}`;
  const { name, option } = watchers[engine];
  try {
    if (!readFileSync(`${folder}/comm`, "latin1").startsWith(name)) return undefined;
    const args = readFileSync(`${folder}/cmdline`, "latin1").split("\0");
    const id = args[args.indexOf(option) + 1] ?? "";
    if (!args.includes(option) || !/^[A-Za-z0-9_.-]{1,128}$/.test(id) || isWithinContainer(folder)) return undefined;
    return { id, pid, uid: statSync(folder).uid };
  } catch {
    // It has just ended.
    return undefined;
  }
}

/** False also where one may not look. */
function isWithinContainer(folder: string): boolean {
  try {
    return readlinkSync(`${folder}/ns/pid`) !== readlinkSync("/proc/self/ns/pid");
  } catch {
    return false;
  }
}
