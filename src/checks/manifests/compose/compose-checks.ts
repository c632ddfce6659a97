import { parseReference } from "../../../model/packages/reference.ts";
import type { Check } from "../../check.ts";
import { cisDocker, cwe, mitre } from "../../mappings.ts";
import { objectAt, textAt } from "../kustomize/json-path.ts";
import type { ManifestPlace } from "../manifest-check.ts";
import type { ManifestFacts } from "../manifest-resource.ts";
import { isPinned } from "../pods/is-pinned.ts";
import { secretPrint, secretShape } from "../secrets/secret-shape.ts";
import { bindsOf, type ComposeService, composeCheck, entriesOf, portsOf, variablesOf } from "./compose-service.ts";

const engineSocket = /\/(?:docker|containerd|crio|podman)(?:\/[\w.-]+)?\.sock\/?$|^(?:\/var)?\/run\/docker\/?$/;
const systemFolder = /^\/(?:boot|dev|etc|lib|proc|root|run|sys|usr|var(?:\/run|\/lib\/docker|\/log)?)?\/?$/;
const dangerousCapability =
  /^(?:CAP_)?(?:ALL|BPF|DAC_READ_SEARCH|MAC_ADMIN|MAC_OVERRIDE|NET_ADMIN|NET_RAW|PERFMON|SETPCAP|SYS_ADMIN|SYS_BOOT|SYS_MODULE|SYS_PTRACE|SYS_RAWIO|SYS_TIME|SYSLOG)$/i;
const loopback = /^(?:127\.\d{1,3}\.\d{1,3}\.\d{1,3}|::1|localhost)$/;

/** How services of Compose files are set up. */
export const composeChecks: readonly Check<ManifestFacts>[] = [
  composeCheck(
    {
      id: "manifests/compose-privileged",
      title: { pass: "Compose service is not privileged", fail: "Compose service is privileged" },
      severity: "critical",
      why: "A privileged container has every capability and device of the host and no confinement.",
      remediation: "Remove privileged, and add only the capability or device that the program needs.",
      mappings: [cisDocker("5.5"), mitre("T1611"), cwe("250")],
    },
    (service) => isField(service, "privileged", isTrue),
  ),
  composeCheck(
    {
      id: "manifests/compose-host-namespace",
      title: { pass: "Compose service uses no host namespace", fail: "Compose service uses a host namespace" },
      severity: "high",
      why: "In a host namespace, a container can access the processes, shared memory or network of the host.",
      remediation: "Remove the value host from network_mode, pid, ipc, uts, userns_mode and cgroup.",
      mappings: [cisDocker("5.10"), cisDocker("5.16"), cisDocker("5.17"), mitre("T1611"), cwe("653")],
    },
    (service) =>
      ["network_mode", "pid", "ipc", "uts", "userns_mode", "cgroup"].flatMap((field) =>
        isField(service, field, (value) => value === "host"),
      ),
  ),
  composeCheck(
    {
      id: "manifests/compose-capability",
      title: {
        pass: "Compose service has no dangerous capability",
        fail: "Compose service has a dangerous capability",
      },
      severity: "high",
      why: "With the capability, a process can escape the container, observe others, or change the host.",
      remediation: "Remove the capability from cap_add, and isolate the service that needs it from exposed services.",
      mappings: [cisDocker("5.4"), mitre("T1611"), cwe("250")],
    },
    (service) =>
      entriesOf(service, "cap_add")
        .filter(({ text }) => dangerousCapability.test(text))
        .map(({ path }) => ({ path })),
  ),
  composeCheck(
    {
      id: "manifests/compose-capabilities-not-dropped",
      title: { pass: "Compose service drops all capabilities", fail: "Compose service does not drop all capabilities" },
      severity: "low",
      why: "Runtimes grant about a dozen capabilities by default, and most programs need none of them.",
      remediation: "Set cap_drop to [ALL], and add only what the program needs.",
      mappings: [cisDocker("5.4"), cwe("250")],
    },
    (service) =>
      entriesOf(service, "cap_drop").some(({ text }) => text.toUpperCase() === "ALL")
        ? []
        : [{ path: [...service.path, "cap_drop"], expected: "[ALL]" }],
  ),
  composeCheck(
    {
      id: "manifests/compose-engine-socket",
      title: {
        pass: "Compose service does not mount the container engine socket",
        fail: "Compose service mounts the container engine socket",
      },
      severity: "critical",
      why: "A process with access to the socket can start a privileged container, which is equivalent to root on the host.",
      remediation: "Remove the mount, or use a proxy that allows only the requests that are needed.",
      mappings: [cisDocker("5.32"), mitre("T1611"), cwe("250")],
    },
    (service) =>
      bindsOf(service)
        .filter(({ source }) => engineSocket.test(source))
        .map(({ path }) => ({ path })),
  ),
  composeCheck(
    {
      id: "manifests/compose-host-path",
      title: {
        pass: "Compose service mounts no sensitive host directory",
        fail: "Compose service mounts a sensitive host directory",
      },
      severity: "high",
      why: "Configuration, devices and state of the host are enough to take control of it.",
      remediation: "Mount only the file or subdirectory that is needed, read-only.",
      mappings: [cisDocker("5.6"), mitre("T1611"), cwe("668")],
    },
    (service) =>
      bindsOf(service)
        .filter(({ source }) => systemFolder.test(source))
        .map(({ path }) => ({ path })),
  ),
  composeCheck(
    {
      id: "manifests/compose-device",
      title: { pass: "Compose service has no host device", fail: "Compose service has a host device" },
      severity: "medium",
      why: "Access to a device bypasses the file systems and drivers that protect it.",
      remediation: "Remove the device, or allow only reading: /dev/x:/dev/x:r.",
      mappings: [cisDocker("5.18"), mitre("T1611"), cwe("668")],
    },
    (service) => entriesOf(service, "devices").map(({ path }) => ({ path })),
  ),
  composeCheck(
    {
      id: "manifests/compose-unconfined",
      title: {
        pass: "Seccomp, AppArmor and SELinux are not disabled",
        fail: "Seccomp, AppArmor or SELinux is disabled",
      },
      severity: "high",
      why: "Without confinement, only the user and the capabilities limit a compromised process.",
      remediation: "Remove the entry from security_opt, or set a custom profile.",
      mappings: [cisDocker("5.2"), cisDocker("5.3"), cisDocker("5.22"), cwe("693")],
    },
    (service) =>
      entriesOf(service, "security_opt")
        .filter(({ text }) => /^(?:seccomp|apparmor|systempaths)[=:]unconfined$|^label[=:]disable$/.test(text))
        .map(({ path }) => ({ path })),
  ),
  composeCheck(
    {
      id: "manifests/compose-new-privileges",
      title: { pass: "Compose service cannot gain privileges", fail: "Compose service can gain privileges" },
      severity: "low",
      why: "Setuid programs and file capabilities can make an attacker root in the container.",
      remediation: "Add no-new-privileges:true to security_opt.",
      mappings: [cisDocker("5.26"), mitre("T1548"), cwe("269")],
    },
    (service) =>
      entriesOf(service, "security_opt").some(({ text }) => /^no-new-privileges(?:[=:]true)?$/.test(text))
        ? []
        : [{ path: [...service.path, "security_opt"], expected: "no-new-privileges:true" }],
  ),
  composeCheck(
    {
      id: "manifests/compose-root-user",
      title: { pass: "Compose service is not set to run as root", fail: "Compose service is set to run as root" },
      severity: "medium",
      why: "A process that escapes a container as root is root on the host.",
      remediation: "Set user to a number other than 0, or remove it to use the user of the image.",
      mappings: [cisDocker("4.1"), cwe("250")],
    },
    (service) => isField(service, "user", (value) => /^(?:0|root)(?::.*)?$/.test(String(value))),
  ),
  composeCheck(
    {
      id: "manifests/compose-image-latest",
      title: { pass: "Compose service uses a version tag", fail: "Compose service uses no version tag" },
      severity: "medium",
      why: "The content of latest changes over time, so the running version is unknown.",
      remediation: "Use a version tag, preferably with the digest.",
      mappings: [cisDocker("5.28"), mitre("T1525"), cwe("829")],
    },
    (service) => {
      const text = textAt(service.spec, "image") ?? "";
      // The name of an image that is built here is only local.
      if (text === "" || service.spec["build"] !== undefined) return [];
      const image = parseReference(text);
      const isLatest = image !== undefined && image.digest === undefined && (image.tag ?? "latest") === "latest";
      return isLatest ? [{ path: [...service.path, "image"] }] : [];
    },
  ),
  composeCheck(
    {
      id: "manifests/compose-image-digest",
      title: {
        pass: "Compose service pins its image by digest",
        fail: "Compose service does not pin its image by digest",
      },
      severity: "low",
      why: "Everyone who can push to the repository can move a tag to another image; a digest always identifies the same image.",
      remediation: "Add @sha256:… to the image. `plimsoll ps` shows the digests of running images.",
      mappings: [cisDocker("4.2"), mitre("T1525"), cwe("494")],
    },
    (service) => {
      const text = textAt(service.spec, "image") ?? "";
      // What stands for a variable may have the digest.
      const isOpen = text === "" || text.includes("$") || service.spec["build"] !== undefined;
      return isOpen || isPinned(text) ? [] : [{ path: [...service.path, "image"] }];
    },
  ),
  composeCheck(
    {
      id: "manifests/compose-secret",
      title: {
        pass: "Compose service environment contains no plain-text secret",
        fail: "Compose service environment contains a plain-text secret",
      },
      severity: "high",
      why: "Everyone who can read the file, its repository or the container settings can read the secret.",
      remediation: "Use secrets or a variable that is set at deployment, and rotate the value.",
      mappings: [mitre("T1552"), cwe("798")],
    },
    (service) =>
      variablesOf(service).flatMap(({ name, value, path }): ManifestPlace[] => {
        const shape = secretShape(name, value);
        return shape === undefined ? [] : [{ path, value: `${name}: ${secretPrint(value, shape)}` }];
      }),
  ),
  composeCheck(
    {
      id: "manifests/compose-open-port",
      title: {
        pass: "Published port is bound to one host address",
        fail: "Published port is open on all host addresses",
      },
      severity: "medium",
      why: "The port is reachable from every network of the host, and container engines bypass the host firewall.",
      remediation: "Add an address before the port: 127.0.0.1:8080:80.",
      mappings: [cisDocker("5.14"), mitre("T1133"), cwe("668")],
    },
    (service) =>
      portsOf(service)
        .filter(({ address }) => address === undefined || address === "0.0.0.0" || address === "::" || address === "")
        .map(({ path }) => ({ path, expected: "an address before the port" })),
  ),
  composeCheck(
    {
      id: "manifests/compose-privileged-port",
      title: { pass: "Published port is 1024 or above", fail: "Published port is below 1024" },
      severity: "low",
      why: "Ports below 1024 belong to system services that other hosts trust.",
      remediation: "Use port 1024 or above, with a reverse proxy if clients need a lower port.",
      mappings: [cisDocker("5.8"), cwe("668")],
    },
    (service) =>
      portsOf(service)
        .filter(({ address, published }) => {
          const port = /^\d{1,5}$/.test(published) ? Number(published) : Number.NaN;
          // 80 and 443 are what a public service is there for.
          return port > 0 && port < 1024 && port !== 80 && port !== 443 && !loopback.test(address ?? "");
        })
        .map(({ path }) => ({ path })),
  ),
  composeCheck(
    {
      id: "manifests/compose-writable-root-file-system",
      title: {
        pass: "Root file system of the Compose service is read-only",
        fail: "Root file system of the Compose service is writable",
      },
      severity: "low",
      why: "On a read-only file system, an attacker cannot install tools or replace programs.",
      remediation: "Set read_only to true, and use tmpfs where the program writes.",
      mappings: [cisDocker("5.13"), mitre("T1036"), cwe("732")],
    },
    (service) =>
      service.spec["read_only"] === true ? [] : [{ path: [...service.path, "read_only"], expected: "true" }],
  ),
  composeCheck(
    {
      id: "manifests/compose-memory-limit",
      title: { pass: "Compose service has a memory limit", fail: "Compose service has no memory limit" },
      severity: "low",
      why: "The container can use all memory of the host.",
      remediation: "Set deploy.resources.limits.memory or mem_limit.",
      mappings: [cisDocker("5.11"), mitre("T1496"), cwe("770")],
    },
    (service) =>
      limitOf(service, "memory") !== undefined || service.spec["mem_limit"] !== undefined
        ? []
        : [{ path: [...service.path, "deploy", "resources", "limits", "memory"] }],
  ),
  composeCheck(
    {
      id: "manifests/compose-process-limit",
      title: { pass: "Compose service has a process limit", fail: "Compose service has no process limit" },
      severity: "low",
      why: "The container can start processes until the host cannot start any more.",
      remediation: "Set deploy.resources.limits.pids or pids_limit.",
      mappings: [cisDocker("5.29"), cwe("770")],
    },
    (service) => {
      const limit = limitOf(service, "pids") ?? service.spec["pids_limit"];
      return typeof limit === "number" && limit > 0
        ? []
        : [{ path: [...service.path, "deploy", "resources", "limits", "pids"] }];
    },
  ),
  composeCheck(
    {
      id: "manifests/compose-health-check",
      title: { pass: "Health check is not disabled", fail: "Health check is disabled" },
      severity: "low",
      why: "Without a health check, a program that hangs is not noticed.",
      remediation: "Remove disable from healthcheck.",
      mappings: [cisDocker("5.27"), cwe("1088")],
    },
    (service) =>
      objectAt(service.spec, "healthcheck")["disable"] === true
        ? [{ path: [...service.path, "healthcheck", "disable"], expected: "false" }]
        : [],
  ),
];

/** Compose makes a boolean of a text, which a variable or a tag gives. */
function isTrue(value: unknown): boolean {
  return value === true || /^(?:true|yes|y|on|t|1)$/i.test(String(value));
}

function isField(service: ComposeService, field: string, isBad: (value: unknown) => boolean): ManifestPlace[] {
  const value = service.spec[field];
  return value !== undefined && isBad(value) ? [{ path: [...service.path, field] }] : [];
}

function limitOf({ spec }: ComposeService, name: string): unknown {
  return objectAt(objectAt(objectAt(spec, "deploy"), "resources"), "limits")[name];
}
