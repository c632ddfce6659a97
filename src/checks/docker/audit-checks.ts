import type { Check, Observation } from "../check.ts";
import { evidence } from "../evidence.ts";
import { watchCommands } from "../fix-commands.ts";
import { known } from "../known.ts";
import { watchOf } from "../linux/audit-watch.ts";
import { daemonHosts } from "./daemon-options.ts";
import { dockerCheck } from "./docker-check.ts";
import { type DockerFacts, unitOf } from "./docker-facts.ts";

interface WatchedPath {
  readonly name: string;
  readonly cis: string;
  readonly what: string;
  /** Places where it may lie; each one that is there must be watched. */
  readonly paths: (facts: DockerFacts) => readonly string[];
}

const binaries = ["/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin"];
const binary = (name: string) => (): readonly string[] => binaries.map((folder) => `${folder}/${name}`);
const fixed =
  (...paths: readonly string[]) =>
  (): readonly string[] =>
    paths;

const watchedPaths: readonly WatchedPath[] = [
  { name: "dockerd", cis: "1.1.3", what: "the program dockerd", paths: binary("dockerd") },
  { name: "run-containerd", cis: "1.1.4", what: "/run/containerd", paths: fixed("/run/containerd") },
  { name: "data-folder", cis: "1.1.5", what: "Docker's data folder", paths: dataFolder },
  { name: "configuration-folder", cis: "1.1.6", what: "Docker's configuration folder", paths: configurationFolder },
  { name: "docker-service", cis: "1.1.7", what: "the unit docker.service", paths: unitPaths("docker.service") },
  {
    name: "containerd-socket",
    cis: "1.1.8",
    what: "containerd's socket",
    paths: fixed("/run/containerd/containerd.sock"),
  },
  { name: "docker-socket", cis: "1.1.9", what: "Docker's socket and its unit", paths: socketPaths },
  { name: "default-docker", cis: "1.1.10", what: "/etc/default/docker", paths: fixed("/etc/default/docker") },
  { name: "daemon-json", cis: "1.1.11", what: "dockerd's configuration file", paths: configurationFile },
  {
    name: "containerd-config",
    cis: "1.1.12",
    what: "containerd's configuration",
    paths: fixed("/etc/containerd/config.toml"),
  },
  { name: "sysconfig-docker", cis: "1.1.13", what: "/etc/sysconfig/docker", paths: fixed("/etc/sysconfig/docker") },
  { name: "containerd", cis: "1.1.14", what: "the program containerd", paths: binary("containerd") },
  { name: "containerd-shim", cis: "1.1.15", what: "the program containerd-shim", paths: binary("containerd-shim") },
  {
    name: "containerd-shim-runc-v1",
    cis: "1.1.16",
    what: "the program containerd-shim-runc-v1",
    paths: binary("containerd-shim-runc-v1"),
  },
  {
    name: "containerd-shim-runc-v2",
    cis: "1.1.17",
    what: "the program containerd-shim-runc-v2",
    paths: binary("containerd-shim-runc-v2"),
  },
  { name: "runc", cis: "1.1.18", what: "the program runc", paths: binary("runc") },
];

/** Whether the audit system watches what Docker consists of. */
export const auditChecks: readonly Check<DockerFacts>[] = watchedPaths.map(({ name, cis, what, paths }) =>
  dockerCheck(
    `audit-${name}`,
    {
      title: `Audit rules watch ${what}`,
      severity: "low",
      why: "Whoever changes or replaces it controls every container; without a record nobody can tell later who did.",
      remediation: "Add a watch to a file in /etc/audit/rules.d and load the rules.",
      cis: [cis],
    },
    { needs: ["auditRules", "files"], evaluate: (facts) => watchObservations(facts, paths(facts)) },
  ),
);

function* watchObservations(facts: DockerFacts, paths: readonly string[]): Generator<Observation> {
  const files = known(facts.files);
  const rules = known(facts.auditRules);
  for (const path of new Set(paths)) {
    const file = Object.hasOwn(files, path) ? files[path] : undefined;
    if (file && "unavailable" in file) yield { resource: path, state: "warn", evidence: [], reason: file.unavailable };
    if (!file || "unavailable" in file || file.value === null) continue;
    const rule = watchOf(rules, path) ?? (file.value.target && watchOf(rules, file.value.target));
    yield rule
      ? { resource: path, state: "pass", evidence: [evidence(`rule for ${path}`, rule)] }
      : {
          resource: path,
          state: "fail",
          evidence: [evidence(`rule for ${path}`, undefined, `-w ${path} -k docker`)],
          reason: `none of the ${rules.length} rules on disk covers it`,
          commands: watchCommands(path, { rule: `-w ${path} -k docker`, file: "docker.rules" }),
        };
  }
}

function dataFolder(facts: DockerFacts): readonly string[] {
  const folder = "value" in facts.info ? facts.info.value.rootFolder : undefined;
  return [folder ?? "/var/lib/docker"];
}

function configurationFile(facts: DockerFacts): readonly string[] {
  return ["value" in facts.daemon ? facts.daemon.value.configPath : "/etc/docker/daemon.json"];
}

function configurationFolder(facts: DockerFacts): readonly string[] {
  return configurationFile(facts).map((path) => path.slice(0, path.lastIndexOf("/")));
}

function unitPaths(name: string): WatchedPath["paths"] {
  return (facts) => unitOf(facts, name)?.paths.slice(0, 1) ?? [];
}

/** The socket itself, not only the unit that makes it: the socket is what gives the power. */
function socketPaths(facts: DockerFacts): readonly string[] {
  const unit = unitOf(facts, "docker.socket");
  const hosts = "value" in facts.daemon ? daemonHosts(facts.daemon.value) : [];
  const sockets = [
    ...hosts.filter((host) => host.startsWith("unix://")).map((host) => host.slice("unix://".length)),
    ...(unit?.settings["Socket.ListenStream"] ?? []).filter((stream) => stream.startsWith("/")),
  ];
  const places = sockets.length > 0 ? sockets : ["/run/docker.sock"];
  return [...places.map((path) => path.replace(/^\/var\/run\//, "/run/")), ...(unit?.paths.slice(0, 1) ?? [])];
}
