import type { DockerDaemonFact } from "../../model/checks/host-facts.ts";
import { trimEnd } from "../../model/text/trim-end.ts";
import type { Fact } from "../check.ts";

/** A setting of dockerd and where it was made. */
export interface DaemonOption {
  readonly values: readonly string[];
  /** As evidence names it: `--icc of dockerd`, `icc in /etc/docker/daemon.json`. */
  readonly source: string;
}

// Options that take no value of their own: the word after them is another argument.
const switches: ReadonlySet<string> = new Set(
  `
  debug experimental icc init ip-forward ip-masq ip6tables iptables ipv6 live-restore
  no-new-privileges raw-logs rootless selinux-enabled tls tlsverify userland-proxy validate
  no-proxy-default allow-direct-routing bridge-accept-fwmark-disable ip-forward-no-drop
`
    .trim()
    .split(/\s+/),
);
const shortOptions: Readonly<Record<string, string>> = {
  H: "host",
  D: "debug",
  l: "log-level",
  s: "storage-driver",
  b: "bridge",
  g: "data-root",
  p: "pidfile",
  G: "group",
};
// The file has some options under another name, because they hold lists there.
const memberNames: Readonly<Record<string, string>> = {
  host: "hosts",
  label: "labels",
  "insecure-registry": "insecure-registries",
  "default-ulimit": "default-ulimits",
  "storage-opt": "storage-opts",
  "authorization-plugin": "authorization-plugins",
  "registry-mirror": "registry-mirrors",
  "exec-opt": "exec-opts",
};

/**
 * A setting of dockerd by the name of its option, from its arguments and its configuration file together: `value`
 * undefined when neither makes it, so that dockerd's default holds; unavailable when it is in no argument and the file
 * could not be read.
 */
export function daemonOption(daemon: DockerDaemonFact, name: string): Fact<DaemonOption | undefined> {
  const given = argumentsOf(daemon.argv).get(name) ?? [];
  const member = memberNames[name] ?? name;
  const values = switches.has(name) ? given.slice(-1) : [...given];
  const fromArguments = values.length > 0 ? { values, source: `--${name} of dockerd` } : undefined;
  if ("unavailable" in daemon.config) {
    return fromArguments && !(name in memberNames) ? { value: fromArguments } : daemon.config;
  }
  const written = Object.hasOwn(daemon.config.value, member) ? textsOf(daemon.config.value[member]) : [];
  if (written.length === 0) return { value: fromArguments };
  if (fromArguments === undefined) return { value: { values: written, source: `${member} in ${daemon.configPath}` } };
  return {
    value: { values: [...values, ...written], source: `--${name} of dockerd and ${member} in ${daemon.configPath}` },
  };
}

/** Whether an option is among dockerd's arguments, by its long or its short name. */
export function isDaemonArgument({ argv }: DockerDaemonFact, name: string): boolean {
  return argumentsOf(argv).has(name);
}

/** The addresses at which dockerd listens: `unix://…`, `tcp://…`, `fd://`; its default when none is set. */
export function daemonHosts(daemon: DockerDaemonFact): string[] {
  const option = daemonOption(daemon, "host");
  const given = "value" in option ? option.value?.values : argumentsOf(daemon.argv).get("host");
  return (given ?? ["unix:///var/run/docker.sock"]).map((host) => (/^[a-z]+:\/\//.test(host) ? host : `tcp://${host}`));
}

/** The folder in which dockerd keeps images and containers. `home` is that of its user. */
export function dataRootOf(daemon: DockerDaemonFact, home: string | undefined): string | undefined {
  const option = daemonOption(daemon, "data-root");
  const given = "value" in option ? option.value?.values.at(-1) : undefined;
  if (given !== undefined) return trimEnd(given, "/") || given.slice(0, 1);
  if (!daemon.rootless) return "/var/lib/docker";
  return home === undefined ? undefined : `${home}/.local/share/docker`;
}

function argumentsOf(argv: readonly string[]): Map<string, string[]> {
  const options = new Map<string, string[]>();
  for (let index = 1; index < argv.length; index++) {
    const argument = argv[index] ?? "";
    const long = /^--([A-Za-z][\w.-]{0,127})(?:=([\s\S]*))?$/.exec(argument);
    const short = /^-([A-Za-z])(?:=?([\s\S]+))?$/.exec(argument);
    const name = long?.[1] ?? shortOptions[short?.[1] ?? ""];
    if (name === undefined) continue;
    let value = long?.[2] ?? (long ? undefined : short?.[2]);
    if (value === undefined) value = switches.has(name) ? "true" : argv[++index];
    if (value !== undefined) options.set(name, [...(options.get(name) ?? []), value]);
  }
  return options;
}

function textsOf(value: unknown): string[] {
  if (value === null || value === undefined) return [];
  if (Array.isArray(value))
    return value.map((item) => (typeof item === "object" ? JSON.stringify(item) : String(item)));
  if (typeof value === "object") {
    return Object.entries(value).map(
      ([key, item]) => `${key}=${typeof item === "object" ? JSON.stringify(item) : item}`,
    );
  }
  return [String(value)];
}
