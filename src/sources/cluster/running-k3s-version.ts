import { type HostRoot, openHostRoot } from "../host/host-root.ts";
import { versionOutput } from "../host/version-output.ts";

/**
 * Where its installer, its image and k3s itself, which unpacks every release into a folder, put the program. No other
 * is run.
 */
const places = /^(?:(?:\/usr\/local|\/usr|\/opt|)\/bin|\/var\/lib\/rancher\/k3s\/data\/[0-9a-f]{8,128}\/bin)\/k3s$/;

/**
 * The version of Kubernetes that a process of k3s on this machine runs, `1.29.3`, as its program prints it with
 * `--version`; undefined when the program lies elsewhere or is not there any more. Error: the reason of the signal.
 */
export async function runningK3sVersion(
  pid: number,
  {
    signal,
    root = openHostRoot("/"),
    ask = versionOutput,
  }: { readonly signal: AbortSignal; readonly root?: HostRoot; readonly ask?: typeof versionOutput },
): Promise<string | undefined> {
  const found = await root.find(`/proc/${pid}/exe`);
  // The path is seen from the process, which may have its own root: the program that runs is the file of this machine
  // with that path.
  if (!("value" in found) || !found.value || !places.test(found.value.path)) return undefined;
  return /^k3s version v(\d{1,4}\.\d{1,4}\.\d{1,4})\+/m.exec(await ask(found.value, signal))?.[1];
}
