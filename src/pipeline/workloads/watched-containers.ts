import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { seesAllProcesses } from "../../io/sees-all-processes.ts";

/**
 * Who watches over a container while it runs: the beginning of the program's name, and the option that the container's
 * id follows.
 */
const watchers = {
  podman: { name: "conmon", option: "-c" },
  containerd: { name: "containerd-shim", option: "-id" },
} as const;

const mostProcesses = 100_000;

/**
 * The ids of the containers of other users, as far as the processes tell that watch over them; for an engine whose
 * folders may not be read. Of several containers of a pod one may stand for all. Undefined when processes of others are
 * hidden from this one.
 *
 * Source: `proc(5)`; conmon's and containerd-shim's command lines.
 */
export function watchedContainers(engine: keyof typeof watchers): readonly string[] | undefined {
  if (!seesAllProcesses() || !existsSync("/proc/1/comm")) return undefined;
  const { name, option } = watchers[engine];
  const ids = readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .slice(0, mostProcesses)
    .flatMap((pid) => idOf(`/proc/${pid}`, { name, option }));
  return [...new Set(ids)];
}

function idOf(folder: string, { name, option }: { readonly name: string; readonly option: string }): string[] {
  try {
    if (!readFileSync(`${folder}/comm`, "latin1").startsWith(name)) return [];
    if (statSync(folder).uid === process.getuid?.()) return [];
    const args = readFileSync(`${folder}/cmdline`, "latin1").split("\0");
    const id = args[args.indexOf(option) + 1] ?? "";
    return args.includes(option) && /^[A-Za-z0-9_.-]{1,128}$/.test(id) ? [id] : [];
  } catch {
    // It has just ended.
    return [];
  }
}
