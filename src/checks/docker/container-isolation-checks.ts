import type { EngineMountFact } from "../../model/engine-facts.ts";
import { trimEnd } from "../../model/trim-end.ts";
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
// Of these also everything below.
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
    what: "network",
    why: "It reaches services that listen on the host only, and sees the host's traffic.",
    option: "--network host",
    severity: "high",
  },
  {
    name: "host-pid",
    cis: "5.16",
    mode: "pidMode",
    what: "processes",
    why: "It sees every process of the host, with arguments and variables, and as root can change them.",
    option: "--pid host",
    severity: "high",
  },
  {
    name: "host-ipc",
    cis: "5.17",
    mode: "ipcMode",
    what: "shared memory",
    why: "It can read and write the memory that programs of the host share.",
    option: "--ipc host",
    severity: "medium",
  },
  {
    name: "host-uts",
    cis: "5.21",
    mode: "utsMode",
    what: "host name",
    why: "It can change the name of the host, which logs and certificates go by.",
    option: "--uts host",
    severity: "low",
  },
  {
    name: "host-userns",
    cis: "5.31",
    mode: "usernsMode",
    what: "users",
    why: "Its root is the host's root even on a daemon that remaps users.",
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
        title: `The container does not share the host's ${what}`,
        severity,
        why,
        remediation: `Run it without ${option}.`,
        cis: [cis],
        also: [escapeToHost],
      },
      {
        look(container) {
          const value = container[mode];
          return value === undefined
            ? untold(`its ${mode}`)
            : judged(value !== "host", mode, value || "its own", "not host");
        },
      },
    ),
  ),
  containerCheck(
    "container-sensitive-mounts",
    {
      title: "No folder of the host that matters is mounted",
      severity: "high",
      why: "Through it the container reads the host's secrets, or changes what the host runs.",
      remediation: "Mount only folders that were made for the workload, or use a volume.",
      cis: ["5.6"],
      also: [escapeToHost],
    },
    { look: ({ mounts }) => lookAtMounts(mounts, isSensitive, { expected: "no path of the host that matters" }) },
  ),
  containerCheck(
    "container-engine-socket",
    {
      title: "No socket of a container engine is mounted",
      severity: "critical",
      why: "Whoever may talk to the engine can start a privileged container, and so is root on the host.",
      remediation: "Take the mount away; give a tool that needs the engine a proxy that allows only what it needs.",
      cis: ["5.32"],
      also: [escapeToHost],
    },
    { look: ({ mounts }) => lookAtMounts(mounts, holdsSocket, { expected: "no engine's socket" }) },
  ),
  containerCheck(
    "container-mount-propagation",
    {
      title: "Mounts inside the container do not reach the host",
      severity: "medium",
      why: "With shared propagation, what the container mounts appears on the host.",
      remediation: "Mount without shared or rshared.",
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
      title: "No device of the host is given to the container",
      severity: "medium",
      why: "A disk or the memory as a device is the whole host.",
      remediation: "Run it without --device, or allow reading only.",
      cis: ["5.18"],
      also: [escapeToHost],
    },
    {
      look({ devices, privileged }) {
        if (privileged) return judged(false, "devices", "all (privileged)", "none");
        if (devices.length === 0) return judged(true, "devices", "none", "none");
        const seen = devices.map(({ host, container, permissions }) =>
          evidence(`device ${host}`, `${container} ${permissions}`, "none"),
        );
        const whole = devices.some(({ host }) => /^\/dev\/(?:sd|vd|xvd|nvme|dm-|mem$|kmem$|port$|mapper\/)/.test(host));
        if (whole) return { state: "fail", evidence: seen };
        return {
          state: "manual",
          evidence: seen,
          reason: "whether the workload needs these devices, only a person can tell",
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
    return judged(true, "mounts from the host", mounts.map(({ source }) => source).join(" ") || "none", expected);
  return {
    state: "fail",
    evidence: found.map(({ source, target, writable, propagation }) =>
      evidence(
        `mount of ${source}`,
        `${target}${writable ? "" : ", read-only"}${propagation ? `, ${propagation}` : ""}`,
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
