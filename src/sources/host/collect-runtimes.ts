import { runChildProcess } from "../../io/child-process.ts";
import type { HostFacts, RuntimeFact } from "../../model/host-facts.ts";
import type { HostRoot } from "./host-root.ts";

interface RuntimeProgram {
  readonly name: RuntimeFact["name"];
  readonly program: string;
  /** The version is the first group. */
  readonly pattern: RegExp;
}

const programs: readonly RuntimeProgram[] = [
  { name: "runc", program: "runc", pattern: /^runc version v?(\S{1,100})/m },
  { name: "crun", program: "crun", pattern: /^crun version v?(\S{1,100})/m },
  { name: "containerd", program: "containerd", pattern: /^containerd \S{1,200} v?(\S{1,100})/m },
  { name: "docker", program: "dockerd", pattern: /^Docker version v?([^\s,]{1,100})/m },
  { name: "podman", program: "podman", pattern: /^podman version v?(\S{1,100})/m },
  { name: "cri-o", program: "crio", pattern: /^crio version v?(\S{1,100})/m },
];
const folders = ["/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin", "/snap/bin"];
const timeout = 5000;
const maxOutput = 64 * 1024;

/**
 * The versions of the container runtimes in the usual folders: each is run with `--version` and nothing else. A tree that was
 * copied from another machine cannot be asked.
 */
export async function collectRuntimes(root: HostRoot, signal: AbortSignal): Promise<HostFacts["runtimes"]> {
  if (root.path !== "/") return { unavailable: "the programs of a copied tree are not run" };
  const runtimes: RuntimeFact[] = [];
  const seen = new Set<string>();
  for (const { name, program, pattern } of programs) {
    for (const folder of folders) {
      const found = await root.find(`${folder}/${program}`);
      if (!("value" in found) || !found.value?.stats.isFile() || seen.has(found.value.path)) continue;
      // Whoever may change the program could make this run anything, as the user that asks.
      if (found.value.stats.uid !== 0 || (found.value.stats.mode & 0o022) !== 0) continue;
      seen.add(found.value.path);
      const version = await versionOf(found.value.path, { pattern, signal });
      if (version !== undefined) runtimes.push({ name, version, source: `${folder}/${program} --version` });
    }
  }
  return { value: runtimes };
}

async function versionOf(
  path: string,
  { pattern, signal }: { readonly pattern: RegExp; readonly signal: AbortSignal },
): Promise<string | undefined> {
  try {
    const program = { path, args: ["--version"] };
    const { stdout } = await runChildProcess(program, {
      environment: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
      timeout,
      maxOutput,
      signal,
    });
    return pattern.exec(stdout.toString("utf8"))?.[1];
  } catch (error) {
    if (signal.aborted) throw error;
    return undefined;
  }
}
