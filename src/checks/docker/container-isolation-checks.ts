import type { EngineMountFact } from "../../model/checks/engine-facts.ts";
import { trimEnd } from "../../model/text/trim-end.ts";
import type { Check } from "../check.ts";
import { evidence } from "../evidence.ts";
import { containerCheck, type DockerCheckText, escapeToHost, judged, type Look, untold } from "./docker-check.ts";
import type { DockerFacts } from "./docker-facts.ts";

const sensitivePaths = [
  "/",
  "/boot",
  "/dev",
  "/etc",
  "/home",
  "/lib",
  "/lib64",
  "/opt",
  "/proc",
  "/root",
  "/run",
  "/sys",
  "/usr",
  "/var",
  "/var/lib",
  "/var/log",
  "/var/run",
  "/bin",
  "/sbin",
];
// Paths below these count too.
const sensitiveTrees = [
  "/boot",
  "/proc",
  "/sys",
  "/root",
  "/lib/modules",
  "/var/lib/docker",
  "/var/lib/containerd",
  "/var/lib/kubelet",
  "/etc/kubernetes",
  "/etc/docker",
  "/etc/ssh",
  "/etc/cron.d",
  "/etc/systemd",
  "/etc/sudoers",
  "/etc/shadow",
  "/etc/passwd",
];
const engineSockets = [
  "docker.sock",
  "containerd.sock",
  "podman.sock",
  "crio.sock",
  "dockershim.sock",
  "buildkitd.sock",
];

interface SharedNamespace {
  readonly name: string;
  readonly cis: string;
  readonly mode: "networkMode" | "pidMode" | "ipcMode" | "utsMode" | "usernsMode";
  readonly what: string;
  readonly why: string;
  readonly option: string;
  readonly severity: DockerCheckText["severity"];
}

const sharedNamespaces: readonly SharedNamespace[] = [
  {
    name: "host-network",
    cis: "5.10",
    mode: "networkMode",
    what: "the network of the host",
    why: "The container can reach services that listen on localhost, and can see the traffic of the host.",
    option: "--network host",
    severity: "high",
  },
  {
    name: "host-pid",
    cis: "5.16",
    mode: "pidMode",
    what: "the PID namespace of the host",
    why: "The container sees every host process with its arguments and environment, and can modify them as root.",
    option: "--pid host",
    severity: "high",
  },
  {
    name: "host-ipc",
    cis: "5.17",
    mode: "ipcMode",
    what: "the IPC namespace of the host",
    why: "The container can read and write the shared memory of host programs.",
    option: "--ipc host",
    severity: "medium",
  },
  {
    name: "host-uts",
    cis: "5.21",
    mode: "utsMode",
    what: "the UTS namespace of the host",
    why: "The container can change the host name, on which logs and certificates rely.",
    option: "--uts host",
    severity: "low",
  },
  {
    name: "host-userns",
    cis: "5.31",
    mode: "usernsMode",
    what: "the user namespace of the host",
    why: "Root in the container is root on the host, even if the daemon remaps users.",
    option: "--userns host",
    severity: "high",
  },
];

/** What a container shares with its host. */
export const containerIsolationChecks: readonly Check<DockerFacts>[] = [
  ...sharedNamespaces.map(({ name, cis, mode, what, why, option, severity }) =>
    containerCheck(
      `container-${name}`,
      {
        title: { pass: `Container does not share ${what}`, fail: `Container shares ${what}` },
        severity,
        why,
        remediation: `Run the container without ${option}.`,
        cis: [cis],
        also: [escapeToHost],
      },
      {
        look(container) {
          const value = container[mode];
          return value === undefined
            ? untold(`the ${mode} of the container`)
            : judged(value !== "host", mode, value || "private", "private");
        },
      },
    ),
  ),
  containerCheck(
    "container-sensitive-mounts",
    {
      title: {
        pass: "Container mounts no sensitive host directory",
        fail: "Container mounts a sensitive host directory",
      },
      severity: "high",
      why: "Through the mount, the container can read secrets of the host or change what the host runs.",
      remediation: "Mount only directories that were created for the workload, or use a volume.",
      cis: ["5.6"],
      also: [escapeToHost],
    },
    { look: ({ mounts }) => lookAtMounts(mounts, isSensitive, { expected: "no sensitive host directory" }) },
  ),
  containerCheck(
    "container-engine-socket",
    {
      title: {
        pass: "Container does not mount a container engine socket",
        fail: "Container mounts a container engine socket",
      },
      severity: "critical",
      why: "A process that can use the socket can start a privileged container and so become root on the host.",
      remediation: "Remove the mount. If a tool needs the engine, use a proxy that allows only the required requests.",
      cis: ["5.32"],
      also: [escapeToHost],
    },
    { look: ({ mounts }) => lookAtMounts(mounts, holdsSocket, { expected: "no engine socket" }) },
  ),
  containerCheck(
    "container-mount-propagation",
    {
      title: { pass: "Container mounts do not propagate to the host", fail: "Container mounts propagate to the host" },
      severity: "medium",
      why: "With shared propagation, file systems that the container mounts appear on the host.",
      remediation: "Mount without shared or rshared propagation.",
      cis: ["5.20"],
    },
    {
      look: ({ mounts }) =>
        lookAtMounts(mounts, ({ propagation }) => /^r?shared$/.test(propagation), {
          expected: "neither shared nor rshared",
        }),
    },
  ),
  containerCheck(
    "container-devices",
    {
      title: { pass: "Container has no access to host devices", fail: "Container has access to host devices" },
      severity: "medium",
      why: "Access to a disk or memory device gives access to the whole host.",
      remediation: "Remove --device, or grant read access only.",
      cis: ["5.18"],
      also: [escapeToHost],
    },
    {
      look({ devices, privileged }) {
        if (privileged) return judged(false, "devices", "all (privileged)", "none");
        if (devices.length === 0) return judged(true, "devices", "none", "none");
        const seen = devices.map(({ host, container, permissions }) =>
          evidence(`device ${host}`, `as ${container} (${permissions})`, "none"),
        );
        const whole = devices.some(({ host }) => /^\/dev\/(?:sd|vd|xvd|nvme|dm-|mem$|kmem$|port$|mapper\/)/.test(host));
        if (whole) return { state: "fail", evidence: seen };
        return {
          state: "manual",
          evidence: seen,
          reason: "review whether the workload needs these devices",
        };
      },
    },
  ),
];

function lookAtMounts(
  mounts: readonly EngineMountFact[],
  bad: (mount: EngineMountFact) => boolean,
  { expected }: { readonly expected: string },
): Look {
  const found = mounts.filter((mount) => mount.type !== "volume" && mount.type !== "tmpfs" && bad(mount));
  if (found.length === 0)
    return judged(true, "mounts", mounts.map(({ source }) => source).join(" ") || "none", expected);
  return {
    state: "fail",
    evidence: found.map(({ source, target, writable, propagation }) =>
      evidence(
        `mount ${source}`,
        `at ${target}${writable ? "" : ", read-only"}${propagation ? `, ${propagation}` : ""}`,
        expected,
      ),
    ),
  };
}

function isSensitive({ source }: EngineMountFact): boolean {
  const path = trimEnd(source, "/") || source.slice(0, 1);
  return sensitivePaths.includes(path) || sensitiveTrees.some((tree) => path === tree || path.startsWith(`${tree}/`));
}

/** The socket itself, or a folder in which engines put theirs. */
function holdsSocket({ source }: EngineMountFact): boolean {
  const path = trimEnd(source, "/") || source.slice(0, 1);
  const folders = ["/", "/run", "/var", "/var/run", "/run/containerd", "/run/podman", "/run/crio"];
  return engineSockets.some((name) => path.endsWith(`/${name}`)) || folders.includes(path);
}
