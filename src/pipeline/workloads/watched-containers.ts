import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { seesAllProcesses } from "../../io/processes/sees-all-processes.ts";
import { conmonOptions } from "./conmon-options.ts";

/**
 * The monitor of a running container: the beginning of the program's name, and the option that the container's id
 * follows.
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
  /** Present when CRI-O runs it, whose containers are watched over as Podman's are. */
  readonly isCrioContainer?: true;
}

const mostProcesses = 100_000;

/**
 * The containers that run, of all users, as far as the processes tell that watch over them. One container of a pod may
 * stand for all of the pod, and one that a program was started in may be there twice. Containers that an engine within
 * a container runs are left out where they can be recognised: the container around them is the one that runs here.
 * Undefined when processes of others are hidden from this one.
 *
 * A process that watches over a command in a container is none of them, and neither is one that only waits for the
 * command that clears up after its container.
 *
 * Source: `proc(5)`; conmon's and containerd-shim's command lines.
 */
export function watchedContainers(engine: WatchedEngine): readonly WatchedContainer[] | undefined {
  if (!seesAllProcesses() || !existsSync("/proc/1/comm")) return undefined;
  const processes = readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .slice(0, mostProcesses)
    .flatMap((pid) => processOf(Number(pid)) ?? []);
  const children = Map.groupBy(processes, ({ parent }) => parent);
  return processes
    .filter(({ name }) => name.startsWith(watchers[engine].name))
    .flatMap(({ pid }) => containerOf(engine, { pid, children: children.get(pid) ?? [] }) ?? []);
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly name: string;
}

/** Undefined when it has ended. */
function processOf(pid: number): Process | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name in brackets may hold anything, also brackets.
    const end = text.lastIndexOf(")");
    const [, parent] = text
      .slice(end + 1)
      .trimStart()
      .split(" ");
    return { pid, parent: Number(parent), name: text.slice(text.indexOf("(") + 1, end) };
  } catch {
    return undefined;
  }
}

/** The container that a process watches over; undefined when it watches over none. */
function containerOf(
  engine: WatchedEngine,
  { pid, children }: { readonly pid: number; readonly children: readonly Process[] },
): WatchedContainer | undefined {
  const folder = `/proc/${pid}`;
  const { option } = watchers[engine];
  try {
    const args = argumentsOf(pid);
    const id = args[args.indexOf(option) + 1] ?? "";
    if (!args.includes(option) || !/^[A-Za-z0-9_.-]{1,128}$/.test(id) || isWithinContainer(folder)) return undefined;
    const container = { id, pid, uid: statSync(folder).uid };
    if (engine !== "podman") return container;
    const { isExecSession, isCrioContainer, exitCommand } = conmonOptions(args);
    if (isExecSession || (children.length > 0 && children.every((child) => isRunning(exitCommand, child))))
      return undefined;
    return { ...container, ...(isCrioContainer && { isCrioContainer }) };
  } catch {
    // It has just ended.
    return undefined;
  }
}

/** True when the process runs this command line and no other. */
function isRunning(command: readonly string[], { pid }: Process): boolean {
  try {
    return command.length > 0 && argumentsOf(pid).join("\0") === command.join("\0");
  } catch {
    return false;
  }
}

/** Throws the operating system's error. */
function argumentsOf(pid: number): readonly string[] {
  return readFileSync(`/proc/${pid}/cmdline`, "latin1").replace(/\0$/, "").split("\0");
}

/** False also where one may not look. */
function isWithinContainer(folder: string): boolean {
  try {
    return readlinkSync(`${folder}/ns/pid`) !== readlinkSync("/proc/self/ns/pid");
  } catch {
    return false;
  }
}
