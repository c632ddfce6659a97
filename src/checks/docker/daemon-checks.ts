import type { Check } from "../check.ts";
import { evidence } from "../evidence.ts";
import { known } from "../known.ts";
import { daemonEdit, removeMember, setMember } from "./daemon-edit.ts";
import { dockerCheck, fixable, infoCheck, judged, untold } from "./docker-check.ts";
import type { DockerFacts } from "./docker-facts.ts";

const localLogDrivers: ReadonlySet<string> = new Set(["json-file", "local", "none", ""]);

/** Settings of the daemon that the engine API reports. */
export const engineChecks: readonly Check<DockerFacts>[] = [
  infoCheck(
    "daemon-rootless",
    {
      title: { pass: "Docker daemon runs in rootless mode", fail: "Docker daemon runs as root" },
      severity: "medium",
      why: "In rootless mode, a process that escapes its container has only the rights of an ordinary user.",
      remediation: "Install Docker's rootless mode if the workloads support it.",
      cis: ["2.1"],
    },
    ({ securityOptions }) => {
      if (!securityOptions) return untold("whether the daemon is rootless");
      const rootless = securityOptions.some((option) => option.startsWith("name=rootless"));
      const seen = [evidence("engine security options", securityOptions.join(" "), "name=rootless")];
      if (rootless) return { state: "pass", evidence: seen };
      return {
        state: "manual",
        evidence: seen,
        reason: "the daemon runs as root; review whether the workloads need that",
      };
    },
  ),
  dockerCheck(
    "daemon-icc",
    {
      title: {
        pass: "Containers on the default bridge cannot reach each other",
        fail: "Containers on the default bridge can reach each other",
      },
      severity: "medium",
      why: "A compromised container can reach every port of the other containers on the bridge.",
      remediation: "Set icc to false, and create a separate network for containers that belong together.",
      cis: ["2.2"],
    },
    {
      needs: ["networks"],
      evaluate(facts) {
        const option = "com.docker.network.bridge.enable_icc";
        const bridge = known(facts.networks).find(({ name, driver }) => name === "bridge" && driver === "bridge");
        if (!bridge) return [{ state: "not-applicable", evidence: [], reason: "no default bridge exists" }];
        // An absent option means the default, which allows it.
        const value = bridge.options[option];
        const seen = judged(value === "false", option, value ?? "not set (true)", "false");
        const commands = daemonEdit(facts, "icc", { jq: setMember("icc", false) });
        return [{ resource: "network bridge", ...fixable(seen, commands) }];
      },
    },
  ),
  infoCheck(
    "daemon-insecure-registries",
    {
      title: { pass: "Docker daemon uses no insecure registries", fail: "Docker daemon uses insecure registries" },
      severity: "high",
      why: "Images from a registry without verified TLS can be replaced in transit.",
      remediation:
        "Remove the registry from insecure-registries, and add the certificate of its CA to /etc/docker/certs.d.",
      cis: ["2.5"],
    },
    ({ insecureRegistries }, facts) => {
      if (!insecureRegistries) return untold("insecure registries");
      const outside = insecureRegistries.filter((range) => range !== "127.0.0.0/8" && range !== "::1/128");
      const seen = judged(outside.length === 0, "insecure registries", outside.join(", ") || "none", "none");
      return fixable(seen, daemonEdit(facts, "insecure-registry", { jq: removeMember("insecure-registries") }));
    },
  ),
  infoCheck(
    "daemon-aufs",
    {
      title: { pass: "Storage driver is not aufs", fail: "Storage driver is aufs" },
      severity: "low",
      why: "aufs was never part of the mainline kernel and is no longer maintained.",
      remediation: "Change the storage driver to overlay2.",
      cis: ["2.6"],
    },
    ({ storageDriver }) =>
      storageDriver === undefined
        ? untold("the storage driver")
        : judged(storageDriver !== "aufs", "storage driver", storageDriver, "a maintained driver such as overlay2"),
  ),
  dockerCheck(
    "daemon-userns",
    {
      title: {
        pass: "Container root is mapped to an unprivileged host user",
        fail: "Container root is also root on the host",
      },
      severity: "medium",
      why: "With user namespace remapping, a process that escapes its container has no root rights on the host.",
      remediation: "Set userns-remap to default, after checking that no workload needs host namespaces.",
      cis: ["2.9"],
    },
    {
      needs: ["info"],
      evaluate(facts) {
        const { securityOptions } = known(facts.info);
        if (!securityOptions) return [untold("whether user namespaces are remapped")];
        const mapped = securityOptions.some((option) => /^name=(?:userns|rootless)\b/.test(option));
        return [judged(mapped, "engine security options", securityOptions.join(" "), "name=userns or name=rootless")];
      },
    },
  ),
  infoCheck(
    "daemon-authorization",
    {
      title: { pass: "Docker daemon uses an authorization plugin", fail: "Docker daemon uses no authorization plugin" },
      severity: "low",
      why: "Without a plugin, every client that can reach the socket can do everything.",
      remediation: "Install an authorization plugin, and add its name to authorization-plugins.",
      cis: ["2.12"],
    },
    ({ authorizationPlugins }) =>
      authorizationPlugins === undefined
        ? untold("the authorization plugins")
        : judged(
            authorizationPlugins.length > 0,
            "authorization plugins",
            authorizationPlugins.join(", ") || "none",
            "at least one plugin",
          ),
  ),
  infoCheck(
    "daemon-log-driver",
    {
      title: {
        pass: "Container logs are sent to a remote destination",
        fail: "Container logs are stored only on the host",
      },
      severity: "low",
      why: "An attacker who controls the host, or removes a container, also removes logs that are stored only there.",
      remediation: "Set log-driver to one that sends to a central service, such as syslog, fluentd or gelf.",
      cis: ["2.13"],
    },
    ({ loggingDriver }) =>
      loggingDriver === undefined
        ? untold("the log driver")
        : judged(
            !localLogDrivers.has(loggingDriver),
            "log driver",
            loggingDriver,
            "a driver that sends logs to another host",
          ),
  ),
  infoCheck(
    "daemon-live-restore",
    {
      title: {
        pass: "Containers keep running while the daemon restarts",
        fail: "Containers stop when the daemon restarts",
      },
      severity: "low",
      why: "Engine updates stop the workloads, so updates are often postponed.",
      remediation: "Set live-restore to true.",
      cis: ["2.15"],
    },
    ({ liveRestore, swarm }, facts) => {
      if (swarm.state === "active") {
        return { state: "not-applicable", evidence: [], reason: "swarm mode does not support live-restore" };
      }
      return liveRestore === undefined
        ? untold("whether live-restore is enabled")
        : fixable(
            judged(liveRestore, "live-restore", liveRestore, "true"),
            daemonEdit(facts, "live-restore", { jq: setMember("live-restore", true) }),
          );
    },
  ),
  infoCheck(
    "daemon-seccomp",
    {
      title: {
        pass: "Docker daemon applies a default seccomp profile",
        fail: "Docker daemon applies no default seccomp profile",
      },
      severity: "high",
      why: "The default profile blocks system calls that containers do not need.",
      remediation: "Keep the default seccomp-profile, or set a stricter profile.",
      cis: ["2.17"],
    },
    ({ securityOptions }, facts) => {
      if (!securityOptions) return untold("the seccomp profile");
      const option = securityOptions.find((one) => one.startsWith("name=seccomp"));
      const passes = option !== undefined && !option.includes("unconfined");
      const seen = judged(
        passes,
        "engine security options",
        option ?? "no seccomp profile",
        "name=seccomp with a profile",
      );
      return fixable(seen, daemonEdit(facts, "seccomp-profile", { jq: removeMember("seccomp-profile") }));
    },
  ),
  infoCheck(
    "daemon-experimental",
    {
      title: { pass: "Experimental features are disabled", fail: "Experimental features are enabled" },
      severity: "low",
      why: "Experimental features are not intended for production and are less reviewed.",
      remediation: "Remove experimental from the daemon settings.",
      cis: ["2.18"],
    },
    ({ experimental }, facts) =>
      experimental === undefined
        ? untold("whether experimental features are enabled")
        : fixable(
            judged(!experimental, "experimental", experimental, "false"),
            daemonEdit(facts, "experimental", { jq: removeMember("experimental") }),
          ),
  ),
];
