import type { HostFacts, UnitFact } from "../../model/checks/host-facts.ts";
import { collectGroups, collectUsers } from "./collect-accounts.ts";
import { collectAuditRules } from "./collect-audit-rules.ts";
import { collectDockerDaemons } from "./collect-docker-daemons.ts";
import { collectFiles, ownerNames } from "./collect-files.ts";
import {
  collectAppArmor,
  collectCgroups,
  collectKernel,
  collectMounts,
  collectOsRelease,
  collectSeccomp,
  collectSecurityModules,
  collectSeLinux,
  collectSysctls,
  collectUserNamespaces,
} from "./collect-kernel.ts";
import { collectListeners } from "./collect-listeners.ts";
import { collectModules } from "./collect-modules.ts";
import { collectProcesses } from "./collect-processes.ts";
import { collectRuntimes } from "./collect-runtimes.ts";
import { collectSshd } from "./collect-sshd.ts";
import { collectUnits } from "./collect-units.ts";
import { namedPaths, usualFolders, usualPaths } from "./host-paths.ts";
import { type HostRoot, openHostRoot } from "./host-root.ts";

/** Which host, and what more to look at. */
export interface CollectHostOptions {
  /**
   * The folder that is the host's root: `/`, where it is mounted in a container, or a tree that was copied. `/` unless
   * given.
   */
  readonly root?: string;
  /** Further paths whose type, owner and mode are wanted. */
  readonly paths?: readonly string[];
  readonly signal: AbortSignal;
}

const mostEntries = 2000;

/**
 * Everything that checks read of a Linux host, from files, `/proc` and `/sys`, without a shell: the only programs that
 * are run are container runtimes with `--version`. Throws only for the signal: a fact that cannot be read is
 * unavailable, with its reason. No secret value is kept.
 */
export async function collectHost({ root: path = "/", paths = [], signal }: CollectHostOptions): Promise<HostFacts> {
  signal.throwIfAborted();
  const root = openHostRoot(path);
  const [users, groups, units, processes] = await Promise.all([
    collectUsers(root),
    collectGroups(root),
    collectUnits(root),
    collectProcesses(root),
  ]);
  signal.throwIfAborted();
  const dockerDaemons = await collectDockerDaemons(root, processes, { users });
  const named = namedPaths("value" in dockerDaemons ? dockerDaemons.value : [], installed(units));
  const asked = [...usualPaths, ...named, ...paths, ...(await pathsInFolders(root))];
  const [files, modules, auditRules, sshd, runtimes] = await Promise.all([
    collectFiles(root, asked, { names: ownerNames(users, groups) }),
    collectModules(root),
    collectAuditRules(root),
    collectSshd(root),
    collectRuntimes(root, signal),
  ]);
  signal.throwIfAborted();
  return {
    osRelease: await collectOsRelease(root),
    kernel: await collectKernel(root),
    sysctls: await collectSysctls(root),
    mounts: await collectMounts(root),
    modules,
    securityModules: await collectSecurityModules(root),
    appArmor: await collectAppArmor(root),
    seLinux: await collectSeLinux(root),
    seccomp: await collectSeccomp(root),
    cgroups: await collectCgroups(root),
    userNamespaces: await collectUserNamespaces(root),
    files: { value: files },
    processes,
    listeners: await collectListeners(root, "value" in dockerDaemons ? dockerDaemons.value.map(({ pid }) => pid) : []),
    users,
    groups,
    auditRules,
    units,
    sshd,
    runtimes,
    dockerDaemons,
  };
}

function installed(units: HostFacts["units"]): UnitFact[] {
  const all = "value" in units ? Object.values(units.value) : [];
  return all.flatMap((unit) => ("value" in unit && unit.value ? [unit.value] : []));
}

async function pathsInFolders(root: HostRoot): Promise<string[]> {
  const paths: string[] = [];
  const waiting = [...usualFolders];
  for (let folder = waiting.shift(); folder && paths.length < mostEntries; folder = waiting.shift()) {
    const names = await root.list(folder.path);
    if (!("value" in names)) continue;
    for (const name of names.value ?? []) {
      const path = `${folder.path}/${name}`;
      paths.push(path);
      if (folder.depth > 1) waiting.push({ path, depth: folder.depth - 1 });
    }
  }
  return paths.slice(0, mostEntries);
}
