import { join } from "node:path/posix";
import type { Fact } from "../../model/checks/fact.ts";
import type { DockerDaemonFact, HostFacts, ProcessFact, UserFact } from "../../model/checks/host-facts.ts";
import { isJsonObject, parseJson } from "../../model/objects/json-object.ts";
import { hideInJson } from "./hide-secrets.ts";
import type { HostRoot } from "./host-root.ts";

const mostDaemons = 100;

/** Every dockerd that runs, with the configuration file that its arguments, or the defaults for its user, name. */
export async function collectDockerDaemons(
  root: HostRoot,
  processes: HostFacts["processes"],
  { users }: { readonly users: Fact<readonly UserFact[]> },
): Promise<HostFacts["dockerDaemons"]> {
  if ("unavailable" in processes) return processes;
  const found = processes.value.filter(isDaemon).slice(0, mostDaemons);
  const daemons: DockerDaemonFact[] = [];
  for (const { pid, uid, argv = [] } of found) {
    const rootless = uid !== 0 || argv.includes("--rootless") || argv.includes("--rootless=true");
    const home = "value" in users ? users.value.find((user) => user.uid === uid)?.home : undefined;
    const usual = rootless && home ? `${home}/.config/docker/daemon.json` : "/etc/docker/daemon.json";
    const named = optionIn(argv, "--config-file");
    const configPath = await absolute(root, named ?? usual, { pid });
    const config = await configOf(root, configPath, { mustBeThere: named !== undefined });
    daemons.push({ pid, uid, argv, rootless, configPath, config });
  }
  return { value: daemons };
}

function isDaemon({ argv }: ProcessFact): boolean {
  const program = argv?.[0]?.split("/").at(-1);
  return program === "dockerd" || program === "dockerd-ce";
}

function optionIn(argv: readonly string[], name: string): string | undefined {
  const index = argv.findIndex((argument) => argument === name || argument.startsWith(`${name}=`));
  if (index < 0) return undefined;
  const argument = argv[index] ?? "";
  return argument === name ? argv[index + 1] : argument.slice(name.length + 1);
}

/** A path in arguments counts from the folder in which the program works. */
async function absolute(root: HostRoot, path: string, { pid }: { readonly pid: number }): Promise<string> {
  if (path.startsWith("/")) return path;
  const folder = await root.find(`/proc/${pid}/cwd`);
  return "value" in folder && folder.value ? join(folder.value.path, path) : path;
}

async function configOf(
  root: HostRoot,
  path: string,
  { mustBeThere }: { readonly mustBeThere: boolean },
): Promise<DockerDaemonFact["config"]> {
  if (!path.startsWith("/"))
    return { unavailable: `the working folder of dockerd is unknown, so ${path} cannot be resolved` };
  const text = await root.readText(path);
  if ("unavailable" in text) return text;
  // The daemon runs with what the file said when it started.
  if (text.value === null && mustBeThere)
    return { unavailable: `${path}, which is in dockerd's arguments, does not exist` };
  if (text.value === null || text.value.trim() === "") return { value: {} };
  const config = hideInJson(parseJson(text.value));
  return isJsonObject(config) ? { value: config } : { unavailable: `${path} does not contain a JSON object` };
}
