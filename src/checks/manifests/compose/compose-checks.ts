import { parseReference } from "../../../model/reference.ts";
import type { Check } from "../../check.ts";
import { cisDocker, cwe, mitre } from "../../mappings.ts";
import { isPinned } from "../is-pinned.ts";
import { objectAt, textAt } from "../json-path.ts";
import type { ManifestPlace } from "../manifest-check.ts";
import type { ManifestFacts } from "../manifest-resource.ts";
import { secretPrint, secretShape } from "../secret-shape.ts";
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
      title: "No service is privileged",
      severity: "critical",
      why: "A privileged container has every capability and device of its host and no confinement.",
      remediation: "Remove privileged, and add the single capability or device that the program needs.",
      mappings: [cisDocker("5.5"), mitre("T1611"), cwe("250")],
    },
    (service) => isField(service, "privileged", isTrue),
  ),
  composeCheck(
    {
      id: "manifests/compose-host-namespace",
      title: "No service uses the network, the processes or the memory segments of its host",
      severity: "high",
      why: "In the host's namespaces a container sees the host's processes, shared memory or network.",
      remediation: "Remove network_mode, pid, ipc, uts or userns_mode where it is host.",
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
      title: "No service is given a capability that leads to its host",
      severity: "high",
      why: "With this capability a process can leave its container, watch others, or change the host.",
      remediation: "Remove it from cap_add, and run what needs it apart from what is reachable.",
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
      title: "Services drop all capabilities",
      severity: "low",
      why: "Runtimes give a dozen capabilities by default, and most programs need none of them.",
      remediation: "Set cap_drop to [ALL], and add the ones that the program proves to need.",
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
      title: "No service mounts the socket of a container engine",
      severity: "critical",
      why: "Whoever may talk to the engine can start a privileged container: it is the same as root on the host.",
      remediation:
        "Remove the mount, or put a proxy before the socket that lets pass the few requests that are needed.",
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
      title: "No service mounts a system directory of its host",
      severity: "high",
      why: "Configuration, devices and state of the host are enough to take the host over.",
      remediation: "Mount the one file or directory below that is needed, and read-only.",
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
      title: "No service has a device of its host",
      severity: "medium",
      why: "Through a device a container passes by the file systems and drivers that guard it.",
      remediation: "Remove the device, or give read access only: /dev/x:/dev/x:r.",
      mappings: [cisDocker("5.18"), mitre("T1611"), cwe("668")],
    },
    (service) => entriesOf(service, "devices").map(({ path }) => ({ path })),
  ),
  composeCheck(
    {
      id: "manifests/compose-unconfined",
      title: "Seccomp, AppArmor and SELinux are not switched off",
      severity: "high",
      why: "Without them a process that was taken over may do whatever its user and capabilities allow.",
      remediation: "Remove the entry of security_opt, or name a profile.",
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
      title: "No process can gain more privileges than the one that started it",
      severity: "low",
      why: "Set-user-ID programs and file capabilities are how a foothold becomes root within a container.",
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
      title: "No service is set to run as root",
      severity: "medium",
      why: "Root in a container is root on the host wherever the container's walls have a hole.",
      remediation: "Set user to the number of a user other than 0, or leave it to the image.",
      mappings: [cisDocker("4.1"), cwe("250")],
    },
    (service) => isField(service, "user", (value) => /^(?:0|root)(?::.*)?$/.test(String(value))),
  ),
  composeCheck(
    {
      id: "manifests/compose-image-latest",
      title: "Images are named with a version",
      severity: "medium",
      why: "The tag latest, or none, is another image tomorrow: nobody knows what runs.",
      remediation: "Name a tag that stands for a version, and better the digest as well.",
      mappings: [cisDocker("5.28"), mitre("T1525"), cwe("829")],
    },
    (service) => {
      const text = textAt(service.spec, "image") ?? "";
      // What is built here has a name only for itself.
      if (text === "" || service.spec["build"] !== undefined) return [];
      const image = parseReference(text);
      const isLatest = image !== undefined && image.digest === undefined && (image.tag ?? "latest") === "latest";
      return isLatest ? [{ path: [...service.path, "image"] }] : [];
    },
  ),
  composeCheck(
    {
      id: "manifests/compose-image-digest",
      title: "Images are named by digest",
      severity: "low",
      why: "A tag can be moved to another image by whoever may push to the repository; a digest is the image.",
      remediation: "Add @sha256:… to the image, as `plimsoll ps` tells it for what runs.",
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
      title: "No secret is written out in the environment of a service",
      severity: "high",
      why: "Whoever may read the file, the repository it is in, or the container's settings, has the secret.",
      remediation: "Use secrets, or a variable that is set where it runs, and replace the value.",
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
      title: "Ports are opened on one address of the host",
      severity: "medium",
      why: "A port without an address is open on all of them, and engines pass by the host's firewall.",
      remediation: "Write the address before the port: 127.0.0.1:8080:80.",
      mappings: [cisDocker("5.14"), mitre("T1133"), cwe("668")],
    },
    (service) =>
      portsOf(service)
        .filter(({ address }) => address === undefined || address === "0.0.0.0" || address === "::" || address === "")
        .map(({ path }) => ({ path, expected: "an address before it" })),
  ),
  composeCheck(
    {
      id: "manifests/compose-privileged-port",
      title: "No port below 1024 of the host is taken",
      severity: "low",
      why: "Those ports are of services that others trust.",
      remediation: "Take a port from 1024 on, behind a proxy where another is needed.",
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
      title: "Services cannot write to their root file system",
      severity: "low",
      why: "What cannot be written cannot be changed by an intruder: no tool dropped, no program replaced.",
      remediation: "Set read_only to true, and tmpfs where the program writes.",
      mappings: [cisDocker("5.13"), mitre("T1036"), cwe("732")],
    },
    (service) =>
      service.spec["read_only"] === true ? [] : [{ path: [...service.path, "read_only"], expected: "true" }],
  ),
  composeCheck(
    {
      id: "manifests/compose-memory-limit",
      title: "Services have a limit of memory",
      severity: "low",
      why: "A container without one can take all memory of its host.",
      remediation: "Set deploy.resources.limits.memory, or mem_limit.",
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
      title: "Services have a limit of processes",
      severity: "low",
      why: "A container without one can start processes until the host starts none any more.",
      remediation: "Set deploy.resources.limits.pids, or pids_limit.",
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
      title: "The health check of the image is not switched off",
      severity: "low",
      why: "Without one, a program that hangs, or was made to hang, is not noticed.",
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
