import type { Fact } from "../../model/checks/fact.ts";
import type { HostFileStatus, HostProcess, HostView, Unreadable } from "../../model/checks/host-view.ts";
import { type HostRoot, openHostRoot } from "./host-root.ts";

const mostProcesses = 50_000;
const longestArguments = 128 * 1024;
const largestFile = 4 * 1024 * 1024;

/**
 * A host by the folder that is its root: `/` for this machine, else a tree that was copied from another one or is
 * mounted. Processes are those that its `/proc` shows; they are listed once, when they are first asked for.
 */
export function openHostView(root: string): HostView {
  const files = openHostRoot(root);
  let names: Promise<Names> | undefined;
  let processes: Promise<readonly HostProcess[] | Unreadable> | undefined;

  return {
    processes() {
      processes ??= listProcesses(files, () => (names ??= readNames(files)));
      return processes;
    },
    async environment(pid) {
      const text = await files.readText(`/proc/${pid}/environ`, { limit: longestArguments });
      if ("unavailable" in text) return text;
      return (text.value ?? "").split("\0").filter((variable) => variable !== "");
    },
    async status(path) {
      const found = await files.find(path);
      if ("unavailable" in found) return found;
      if (found.value === null) return undefined;
      names ??= readNames(files);
      const { users, groups } = await names;
      const { stats } = found.value;
      const { uid, gid } = stats;
      const [user, group] = [users.get(uid), groups.get(gid)];
      return {
        kind: kindOf(stats),
        mode: stats.mode & 0o7777,
        uid,
        gid,
        ...(user !== undefined && { user }),
        ...(group !== undefined && { group }),
      };
    },
    read: async (path) => orUndefined(await files.readText(path, { limit: largestFile })),
    async list(path) {
      const found = await files.find(path);
      if ("value" in found && found.value !== null && !found.value.stats.isDirectory()) return undefined;
      return orUndefined(await files.list(path));
    },
  };
}

interface Names {
  readonly users: ReadonlyMap<number, string>;
  readonly groups: ReadonlyMap<number, string>;
}

async function readNames(files: HostRoot): Promise<Names> {
  const [users, groups] = await Promise.all(["/etc/passwd", "/etc/group"].map((path) => files.readText(path)));
  return { users: namesById(users), groups: namesById(groups) };
}

/** The third column is the id in both files; of two names with one id the first counts. */
function namesById(text: Fact<string | null> | undefined): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  if (text === undefined || "unavailable" in text) return names;
  for (const line of (text.value ?? "").split("\n")) {
    const [name = "", , id = ""] = line.split(":");
    if (/^\d{1,10}$/.test(id) && !names.has(Number(id))) names.set(Number(id), name);
  }
  return names;
}

async function listProcesses(
  files: HostRoot,
  names: () => Promise<Names>,
): Promise<readonly HostProcess[] | Unreadable> {
  const listed = await files.list("/proc");
  if ("unavailable" in listed) return listed;
  const ids = (listed.value ?? []).filter((name) => /^[1-9]\d{0,9}$/.test(name)).map(Number);
  if (ids.length === 0) return { unavailable: "/proc shows no processes" };
  if (ids.length > mostProcesses) return { unavailable: `there are more than ${mostProcesses} processes` };
  const { users } = await names();
  const found: HostProcess[] = [];
  for (const pid of ids.sort((a, b) => a - b)) {
    const status = await files.readText(`/proc/${pid}/status`);
    // It ended meanwhile.
    if ("unavailable" in status || status.value === null) continue;
    const text = status.value;
    const field = (name: string): string => new RegExp(`^${name}:[ \t]*(.*)$`, "m").exec(text)?.[1] ?? "";
    const uid = field("Uid").split(/\s/)[0] ?? "";
    const cmdline = await files.readText(`/proc/${pid}/cmdline`, { limit: longestArguments });
    const argv = "value" in cmdline && cmdline.value ? cmdline.value.replace(/\0$/, "").split("\0") : [];
    const user = users.get(Number(uid)) ?? uid;
    found.push({ pid, parent: Number(field("PPid")) || 0, user, name: field("Name"), argv });
  }
  return found;
}

function kindOf(stats: { isFile(): boolean; isDirectory(): boolean; isSocket(): boolean }): HostFileStatus["kind"] {
  if (stats.isFile()) return "file";
  if (stats.isDirectory()) return "directory";
  return stats.isSocket() ? "socket" : "other";
}

function orUndefined<T>(fact: Fact<T | null>): T | Unreadable | undefined {
  return "unavailable" in fact ? fact : (fact.value ?? undefined);
}
