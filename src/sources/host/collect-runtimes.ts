import type { HostFacts, RuntimeFact } from "../../model/checks/host-facts.ts";
import { installedDebPackages } from "./dpkg-packages.ts";
import type { HostRoot } from "./host-root.ts";
import { versionOutput } from "./version-output.ts";

interface RuntimeProgram {
  readonly name: RuntimeFact["name"];
  readonly program: string;
  /** The version is the first group. */
  readonly pattern: RegExp;
  /** What it says of its build is the first group. */
  readonly build?: RegExp;
  /** The packages of Debian and of those that build on it; not those of the program's publisher. */
  readonly packages: readonly string[];
}

const programs: readonly RuntimeProgram[] = [
  {
    name: "runc",
    program: "runc",
    pattern: /^runc version v?(\S{1,100})/m,
    build: /^commit: (\S{1,100})/m,
    packages: ["runc", "runc-app", "runc-stable"],
  },
  { name: "crun", program: "crun", pattern: /^crun version v?(\S{1,100})/m, packages: ["crun"] },
  {
    name: "containerd",
    program: "containerd",
    pattern: /^containerd \S{1,200} v?(\S{1,100})/m,
    build: /^containerd \S{1,200} \S{1,100} (\S{1,100})/m,
    packages: ["containerd", "containerd-app", "containerd-stable"],
  },
  {
    name: "docker",
    program: "dockerd",
    pattern: /^Docker version v?([^\s,]{1,100})/m,
    build: /^Docker version [^\s,]{1,100}, build (\S{1,100})/m,
    packages: ["docker.io"],
  },
  { name: "podman", program: "podman", pattern: /^podman version v?(\S{1,100})/m, packages: ["podman"] },
  { name: "cri-o", program: "crio", pattern: /^crio version v?(\S{1,100})/m, packages: [] },
];
const folders = ["/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin", "/snap/bin"];

/**
 * The versions of the container runtimes in the usual folders: each is run with `--version` and nothing else. A tree
 * that was copied from another machine cannot be asked.
 */
export async function collectRuntimes(root: HostRoot, signal: AbortSignal): Promise<HostFacts["runtimes"]> {
  if (root.path !== "/") return { unavailable: "programs in a copied file system are not run" };
  const runtimes: RuntimeFact[] = [];
  const debPackages = await installedDebPackages(root, new Set(programs.flatMap(({ packages }) => packages)));
  const seen = new Set<string>();
  for (const { name, program, pattern, build, packages } of programs) {
    for (const folder of folders) {
      const found = await root.find(`${folder}/${program}`);
      if (!("value" in found) || !found.value?.stats.isFile() || seen.has(found.value.path)) continue;
      seen.add(found.value.path);
      const output = await versionOutput(found.value, signal);
      const version = pattern.exec(output)?.[1];
      if (version === undefined) continue;
      const said = build?.exec(output)?.[1];
      const { origin, packageName = "" } = await originOf(root, found.value.path, packages);
      const installed = debPackages.get(packageName);
      const source = `${folder}/${program} --version`;
      runtimes.push({
        name,
        version,
        source,
        ...(said !== undefined && { build: said }),
        ...(origin !== undefined && { origin }),
        ...(installed && { package: installed }),
      });
    }
  }
  return { value: runtimes };
}

/**
 * The origin of a program. dpkg keeps a list of files for each package, which is searched; where there is no dpkg, a
 * program in the distribution's own folders may be from its package or from the publisher's.
 */
async function originOf(
  root: HostRoot,
  path: string,
  packages: readonly string[],
): Promise<{ readonly origin?: string; readonly packageName?: string }> {
  const dpkg = await root.find("/var/lib/dpkg/info");
  if (!("value" in dpkg) || dpkg.value === null) {
    return /^\/usr\/s?bin\//.test(path) ? { origin: "perhaps the distribution" } : {};
  }
  for (const name of packages) {
    const list = await root.readText(`/var/lib/dpkg/info/${name}.list`);
    if (!("value" in list) || !list.value?.split("\n").includes(path)) continue;
    return { origin: `the distribution (package ${name})`, packageName: name };
  }
  return {};
}
