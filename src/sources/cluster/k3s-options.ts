import { readDocument } from "../../io/documents/read-document.ts";
import type { HostProcess, HostView } from "../../model/checks/host-view.ts";
import { isJsonObject } from "../../model/objects/json-object.ts";
import { unitCommand } from "./unit-command.ts";

const usualConfig = "/etc/rancher/k3s/config.yaml";
const usualDataFolder = "/var/lib/rancher/k3s";
const mostDropIns = 200;

/** What k3s was started with: its configuration file and drop-ins first, its command line behind them. */
export interface K3sOptions {
  readonly role: "server" | "agent";
  /**
   * By name without dashes, in order; an option without a value is `true`. Only of those that decide about components.
   */
  readonly values: ReadonlyMap<string, readonly string[]>;
  /** The process, the unit and the files that say so. */
  readonly place: string;
  /** Where k3s keeps its state. */
  readonly dataFolder: string;
  /** Whether systemd starts it. */
  readonly hasUnit: boolean;
  /** Why there may be more options; undefined when all are known. */
  readonly incomplete: string | undefined;
}

/** Options without secrets: a token of k3s is not read any further. */
const known: ReadonlySet<string> = new Set([
  ...["kube-apiserver-arg", "kube-controller-manager-arg", "kube-scheduler-arg", "kubelet-arg", "kube-proxy-arg"],
  ...["disable-apiserver", "disable-controller-manager", "disable-scheduler", "disable-kube-proxy", "disable-agent"],
  ...["secrets-encryption", "datastore-cafile", "datastore-certfile", "datastore-keyfile", "datastore-endpoint"],
  ...["data-dir", "config", "log"],
]);
const shortNames: Readonly<Record<string, string>> = { c: "config", d: "data-dir", l: "log" };

/** True for a process that is k3s itself, under any of the names that it gives itself. */
export function isK3s({ argv, name }: HostProcess): boolean {
  return name.startsWith("k3s") && /^(?:\S*\/)?k3s$|^(?:\S*\/)?k3s /.test(argv[0] ?? name);
}

/** The options of a running k3s. Source: k3s, `pkg/configfilearg/parser.go`, and the unit that its installer writes. */
export async function k3sOptions(host: HostView, { pid, argv, name }: HostProcess): Promise<K3sOptions> {
  const title = argv.flatMap((argument) => argument.split(/\s+/));
  const role = name.startsWith("k3s-agent") || title[1] === "agent" ? "agent" : "server";
  const unitName = role === "agent" ? "k3s-agent.service" : "k3s.service";
  const unit = await unitCommand(host, unitName);
  const found = unit && "words" in unit ? unit : undefined;
  // k3s puts a title in place of its arguments, so that its token does not show there.
  const hidesArguments = /\s/.test(argv[0] ?? "") && argv.slice(1).every((argument) => argument === "");
  const words = hidesArguments ? (found?.words ?? []) : argv;
  const problems: string[] = [];
  if (hidesArguments && !found) {
    problems.push(
      unit && "unavailable" in unit ? unit.unavailable : `k3s hides its arguments, and ${unitName} does not exist`,
    );
  }
  if (hidesArguments && words.some((word) => word.includes("$"))) {
    problems.push(`the command of ${unitName} has variables, which are not resolved`);
  }
  const command = optionsIn(words);
  const environment = await host.environment(pid);
  if ("unavailable" in environment) problems.push(environment.unavailable);
  const variable = (wanted: string): string | undefined =>
    "unavailable" in environment
      ? undefined
      : environment.find((one) => one.startsWith(`${wanted}=`))?.slice(wanted.length + 1) || undefined;
  const path = variable("K3S_CONFIG_FILE") ?? command.get("config")?.at(-1) ?? usualConfig;
  const config = await configOptions(host, path);
  if (config.problem !== undefined) problems.push(config.problem);
  const values = new Map([...variableOptions(variable), ...config.values]);
  for (const [option, given] of command) {
    values.set(option, option.endsWith("-arg") ? [...(values.get(option) ?? []), ...given] : given);
  }
  const places = [`process ${pid} (k3s)`, ...(hidesArguments && found ? [found.path] : []), ...config.paths];
  return {
    role,
    values,
    place: places.join(", "),
    dataFolder: variable("K3S_DATA_DIR") ?? values.get("data-dir")?.at(-1) ?? usualDataFolder,
    hasUnit: found !== undefined,
    incomplete: problems.length === 0 ? undefined : problems.join("; "),
  };
}

/** Options that k3s also takes from variables, which count last. */
function* variableOptions(
  variable: (name: string) => string | undefined,
): Iterable<readonly [string, readonly string[]]> {
  for (const option of ["datastore-endpoint", "datastore-cafile", "datastore-certfile", "datastore-keyfile"]) {
    const value = variable(`K3S_${option.toUpperCase().replace("-", "_")}`);
    if (value !== undefined) yield [option, [value]];
  }
}

/** `--name=value`, `--name value` and `--name`. */
function optionsIn(words: readonly string[]): Map<string, string[]> {
  const values = new Map<string, string[]>();
  for (const [index, word] of words.entries()) {
    const [, given, value] = /^--?([A-Za-z][\w-]{0,127})(?:=([\s\S]*))?$/.exec(word) ?? [];
    const option = given === undefined ? undefined : (shortNames[given] ?? given);
    if (option === undefined || !known.has(option)) continue;
    const next = words[index + 1];
    // A flag of a component may itself begin with dashes.
    const isValue = next !== undefined && (!next.startsWith("-") || option.endsWith("-arg"));
    const isSwitch = option.startsWith("disable-") || option === "secrets-encryption";
    values.set(option, [...(values.get(option) ?? []), value ?? (isValue && !isSwitch ? next : "true")]);
  }
  return values;
}

interface ConfigOptions {
  readonly values: ReadonlyMap<string, readonly string[]>;
  readonly paths: readonly string[];
  readonly problem?: string;
}

/** A later file takes the place of what an earlier one says, or adds to it when the name ends with `+`. */
async function configOptions(host: HostView, path: string): Promise<ConfigOptions> {
  const names = await host.list(`${path}.d`);
  const values = new Map<string, readonly string[]>();
  const paths: string[] = [];
  if (names !== undefined && "unavailable" in names) return { values, paths, problem: names.unavailable };
  const dropIns = (names ?? []).filter((name) => /\.ya?ml$/i.test(name));
  if (dropIns.length > mostDropIns)
    return { values, paths, problem: `${path}.d contains more than ${mostDropIns} files` };
  for (const file of [path, ...dropIns.map((name) => `${path}.d/${name}`)]) {
    const text = await host.read(file);
    if (text === undefined) continue;
    if (typeof text === "object") return { values, paths, problem: text.unavailable };
    const document = readDocument(text);
    if ("error" in document) return { values, paths, problem: `${file} cannot be read: ${document.error}` };
    paths.push(file);
    for (const [key, value] of Object.entries(isJsonObject(document.value) ? document.value : {})) {
      const option = key.replace(/\+$/, "");
      if (!known.has(option)) continue;
      const given = (Array.isArray(value) ? value : [value]).filter((item) => item !== null).map(String);
      values.set(option, key.endsWith("+") ? [...(values.get(option) ?? []), ...given] : given);
    }
  }
  return { values, paths };
}
