import type { DockerDaemonFact } from "../../model/checks/host-facts.ts";
import type { Check, Observation } from "../check.ts";
import type { CheckTitle } from "../check-title.ts";
import { known } from "../known.ts";
import { type AllowedAccess, accessObservation } from "../linux/file-access.ts";
import { daemonHosts, daemonOption } from "./daemon-options.ts";
import { dockerCheck } from "./docker-check.ts";
import { type DockerFacts, unitOf } from "./docker-facts.ts";

type Paths = readonly string[] | { readonly unavailable: string } | { readonly nothing: string };

interface GuardedFile {
  readonly name: string;
  readonly what: string;
  readonly cis: { readonly owner: string; readonly mode: string };
  readonly mode: number;
  /** Groups that may own the file; root alone when absent. */
  readonly groups?: readonly string[];
  readonly severity: "medium" | "high" | "critical";
  readonly needsDaemon?: boolean;
  /** Root owns these files, or the user of a rootless daemon. */
  readonly paths: (facts: DockerFacts) => Paths;
}

const guardedFiles: readonly GuardedFile[] = [
  {
    name: "docker-service",
    what: "docker.service",
    cis: { owner: "3.1", mode: "3.2" },
    mode: 0o644,
    severity: "high",
    paths: unit("docker.service"),
  },
  {
    name: "docker-socket-unit",
    what: "docker.socket",
    cis: { owner: "3.3", mode: "3.4" },
    mode: 0o644,
    severity: "high",
    paths: unit("docker.socket"),
  },
  {
    name: "configuration-folder",
    what: "Docker configuration directory",
    cis: { owner: "3.5", mode: "3.6" },
    mode: 0o755,
    severity: "high",
    paths: (facts) => [configPath(facts).replace(/\/[^/]*$/, "")],
  },
  {
    name: "registry-certificates",
    what: "Registry certificate",
    cis: { owner: "3.7", mode: "3.8" },
    mode: 0o444,
    severity: "medium",
    paths: registryCertificates,
  },
  {
    name: "tls-authority",
    what: "Docker daemon CA certificate",
    cis: { owner: "3.9", mode: "3.10" },
    mode: 0o444,
    severity: "medium",
    needsDaemon: true,
    paths: named("tlscacert"),
  },
  {
    name: "tls-certificate",
    what: "Docker daemon certificate",
    cis: { owner: "3.11", mode: "3.12" },
    mode: 0o444,
    severity: "medium",
    needsDaemon: true,
    paths: named("tlscert"),
  },
  {
    name: "tls-key",
    what: "Docker daemon private key",
    cis: { owner: "3.13", mode: "3.14" },
    mode: 0o400,
    severity: "critical",
    needsDaemon: true,
    paths: named("tlskey"),
  },
  {
    name: "docker-socket",
    what: "Docker socket",
    cis: { owner: "3.15", mode: "3.16" },
    mode: 0o660,
    groups: ["docker"],
    severity: "critical",
    paths: dockerSockets,
  },
  {
    name: "daemon-json",
    what: "Docker daemon configuration file",
    cis: { owner: "3.17", mode: "3.18" },
    mode: 0o644,
    severity: "high",
    paths: (facts) => [configPath(facts)],
  },
  {
    name: "default-docker",
    what: "/etc/default/docker",
    cis: { owner: "3.19", mode: "3.20" },
    mode: 0o644,
    severity: "medium",
    paths: () => ["/etc/default/docker"],
  },
  {
    name: "sysconfig-docker",
    what: "/etc/sysconfig/docker",
    cis: { owner: "3.22", mode: "3.21" },
    mode: 0o644,
    severity: "medium",
    paths: () => ["/etc/sysconfig/docker"],
  },
  {
    name: "containerd-socket",
    what: "containerd socket",
    cis: { owner: "3.23", mode: "3.24" },
    mode: 0o660,
    severity: "critical",
    paths: () => ["/run/containerd/containerd.sock"],
  },
];

/** Owner and mode of Docker's files: two checks for each. */
export const fileChecks: readonly Check<DockerFacts>[] = guardedFiles.flatMap((file) => [
  guardCheck(file, {
    kind: "owner",
    title: {
      pass: `${file.what} has the expected owner and group`,
      fail: `${file.what} has an unexpected owner or group`,
    },
    remediation: "Change the owner with chown.",
  }),
  guardCheck(file, {
    kind: "mode",
    title: {
      pass: `${file.what} has mode ${file.mode.toString(8)} or stricter`,
      fail: `${file.what} has permissions beyond mode ${file.mode.toString(8)}`,
    },
    remediation: "Remove the excess permissions with chmod.",
  }),
]);

function guardCheck(
  { name, cis, mode, groups, severity, needsDaemon, paths }: GuardedFile,
  { kind, title, remediation }: { kind: "owner" | "mode"; title: CheckTitle; remediation: string },
): Check<DockerFacts> {
  const why =
    kind === "owner"
      ? "The owner can change how every container runs, or control the engine as root."
      : "Excess permissions let other users read secrets or change how every container runs.";
  return dockerCheck(
    `${name}-${kind}`,
    { title, severity, why, remediation, cis: [cis[kind]] },
    {
      needs: needsDaemon ? ["files", "daemon"] : ["files"],
      evaluate(facts): Observation[] {
        const places = paths(facts);
        if ("unavailable" in places) return [{ state: "warn", evidence: [], reason: places.unavailable }];
        if ("nothing" in places) return [{ state: "not-applicable", evidence: [], reason: places.nothing }];
        const allowed: AllowedAccess = kind === "mode" ? { mode } : owners(facts, groups);
        return [...new Set(places)].map((path) => accessObservation(known(facts.files), path, allowed));
      },
    },
  );
}

/** The user of a rootless daemon owns its files. */
function owners(facts: DockerFacts, groups: readonly string[] | undefined): AllowedAccess {
  const daemon = daemonIn(facts);
  if (daemon?.rootless && daemon.uid !== 0) return { uid: daemon.uid };
  return { uid: 0, groups: groups ?? [0] };
}

function daemonIn(facts: DockerFacts): DockerDaemonFact | undefined {
  return "value" in facts.daemon ? facts.daemon.value : undefined;
}

function configPath(facts: DockerFacts): string {
  return daemonIn(facts)?.configPath ?? "/etc/docker/daemon.json";
}

function unit(name: string): GuardedFile["paths"] {
  return (facts) => {
    if ("unavailable" in facts.units) return facts.units;
    const fact = facts.units.value[name];
    if (fact && "unavailable" in fact) return fact;
    return unitOf(facts, name)?.paths ?? { nothing: `${name} is not installed` };
  };
}

function named(option: string): GuardedFile["paths"] {
  return (facts) => {
    const setting = daemonOption(known(facts.daemon), option);
    if ("unavailable" in setting) return setting;
    return setting.value?.values ?? { nothing: `dockerd does not set ${option}` };
  };
}

function registryCertificates(facts: DockerFacts): Paths {
  const paths = Object.entries(known(facts.files)).filter(
    ([path, file]) =>
      /^\/etc\/docker\/certs\.d\/[^/]+\/[^/]+$/.test(path) && !("value" in file && file.value?.kind === "directory"),
  );
  return paths.length > 0 ? paths.map(([path]) => path) : { nothing: "/etc/docker/certs.d has no certificates" };
}

function dockerSockets(facts: DockerFacts): Paths {
  const daemon = daemonIn(facts);
  if (!daemon) return [facts.socket ?? "/run/docker.sock"];
  const sockets = daemonHosts(daemon).flatMap((host) => {
    if (host.startsWith("unix://")) return [host.slice("unix://".length)];
    return host.startsWith("fd://") ? (unitOf(facts, "docker.socket")?.settings["Socket.ListenStream"] ?? []) : [];
  });
  const paths = sockets.filter((path) => path.startsWith("/"));
  return paths.length > 0 ? paths : { nothing: "dockerd does not listen on a Unix socket" };
}
