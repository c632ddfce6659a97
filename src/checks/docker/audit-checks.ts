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
  /** Candidate paths; each existing one must be watched. */
  readonly paths: (facts: DockerFacts) => readonly string[];
}

const binaries = ["/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin"];
const binary = (name: string) => (): readonly string[] => binaries.map((folder) => `${folder}/${name}`);
const fixed =
  (...paths: readonly string[]) =>
  (): readonly string[] =>
    paths;

const watchedPaths: readonly WatchedPath[] = [
  { name: "dockerd", cis: "1.1.3", what: "the dockerd binary", paths: binary("dockerd") },
  { name: "run-containerd", cis: "1.1.4", what: "/run/containerd", paths: fixed("/run/containerd") },
  { name: "data-folder", cis: "1.1.5", what: "the Docker data directory", paths: dataFolder },
  {
    name: "configuration-folder",
    cis: "1.1.6",
    what: "the Docker configuration directory",
    paths: configurationFolder,
  },
  { name: "docker-service", cis: "1.1.7", what: "docker.service", paths: unitPaths("docker.service") },
  {
    name: "containerd-socket",
    cis: "1.1.8",
    what: "the containerd socket",
    paths: fixed("/run/containerd/containerd.sock"),
  },
  { name: "docker-socket", cis: "1.1.9", what: "the Docker socket and docker.socket", paths: socketPaths },
  { name: "default-docker", cis: "1.1.10", what: "/etc/default/docker", paths: fixed("/etc/default/docker") },
  { name: "daemon-json", cis: "1.1.11", what: "the Docker daemon configuration file", paths: configurationFile },
  {
    name: "containerd-config",
    cis: "1.1.12",
    what: "the containerd configuration file",
    paths: fixed("/etc/containerd/config.toml"),
  },
  { name: "sysconfig-docker", cis: "1.1.13", what: "/etc/sysconfig/docker", paths: fixed("/etc/sysconfig/docker") },
  { name: "containerd", cis: "1.1.14", what: "the containerd binary", paths: binary("containerd") },
  { name: "containerd-shim", cis: "1.1.15", what: "the containerd-shim binary", paths: binary("containerd-shim") },
  {
    name: "containerd-shim-runc-v1",
    cis: "1.1.16",
    what: "the containerd-shim-runc-v1 binary",
    paths: binary("containerd-shim-runc-v1"),
  },
  {
    name: "containerd-shim-runc-v2",
    cis: "1.1.17",
    what: "the containerd-shim-runc-v2 binary",
    paths: binary("containerd-shim-runc-v2"),
  },
  { name: "runc", cis: "1.1.18", what: "the runc binary", paths: binary("runc") },
];

/** Audit watches on the programs, settings and data of Docker. */
export const auditChecks: readonly Check<DockerFacts>[] = watchedPaths.map(({ name, cis, what, paths }) =>
  dockerCheck(
    `audit-${name}`,
    {
      title: { pass: `Audit rules watch ${what}`, fail: `Audit rules do not watch ${what}` },
      severity: "low",
      why: "An attacker who changes these files controls every container; without an audit record, the change cannot be traced.",
      remediation: "In a file in /etc/audit/rules.d, add a watch for each path; then run augenrules --load.",
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
      ? { resource: path, state: "pass", evidence: [evidence(`audit rule for ${path}`, rule)] }
      : {
          resource: path,
          state: "fail",
          evidence: [evidence(`audit rule for ${path}`, undefined, `-w ${path} -k docker`)],
          reason: `no audit rule on disk covers ${path}`,
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
