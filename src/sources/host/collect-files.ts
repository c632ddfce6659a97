import type { Stats } from "node:fs";
import type { Fact } from "../../model/checks/fact.ts";
import type { FileFact, GroupFact, UserFact } from "../../model/checks/host-facts.ts";
import type { HostRoot } from "./host-root.ts";

/** Names of owners and groups on the host. */
export interface OwnerNames {
  readonly users: ReadonlyMap<number, string>;
  readonly groups: ReadonlyMap<number, string>;
}

/** The names that `/etc/passwd` and `/etc/group` give to ids; the first line of an id counts. */
export function ownerNames(users: Fact<readonly UserFact[]>, groups: Fact<readonly GroupFact[]>): OwnerNames {
  return {
    users: new Map("value" in users ? users.value.map(({ uid, name }) => [uid, name] as const).reverse() : []),
    groups: new Map("value" in groups ? groups.value.map(({ gid, name }) => [gid, name] as const).reverse() : []),
  };
}

/** Type, owner and mode of each path, by path; null for one that is not there. */
export async function collectFiles(
  root: HostRoot,
  paths: Iterable<string>,
  { names }: { readonly names: OwnerNames },
): Promise<Record<string, Fact<FileFact | null>>> {
  const files: Record<string, Fact<FileFact | null>> = {};
  for (const path of [...new Set(paths)].sort()) files[path] = await collectFile(root, path, { names });
  return files;
}

async function collectFile(
  root: HostRoot,
  path: string,
  { names }: { readonly names: OwnerNames },
): Promise<Fact<FileFact | null>> {
  const found = await root.find(path);
  if ("unavailable" in found) return found;
  if (found.value === null) return { value: null };
  const { stats } = found.value;
  const user = names.users.get(stats.uid);
  const group = names.groups.get(stats.gid);
  return {
    value: {
      kind: kindOf(stats),
      uid: stats.uid,
      gid: stats.gid,
      ...(user !== undefined && { user }),
      ...(group !== undefined && { group }),
      mode: (stats.mode & 0o7777).toString(8).padStart(4, "0"),
      size: stats.size,
      ...(found.value.path !== path && { target: found.value.path }),
    },
  };
}

function kindOf(stats: Stats): FileFact["kind"] {
  if (stats.isFile()) return "file";
  if (stats.isDirectory()) return "directory";
  if (stats.isSocket()) return "socket";
  if (stats.isFIFO()) return "pipe";
  return stats.isBlockDevice() || stats.isCharacterDevice() ? "device" : "other";
}
