import type { Check } from "../check.ts";
import { evidence } from "../evidence.ts";
import { known } from "../known.ts";
import { daemonEdit, removeMember, setMember } from "./daemon-edit.ts";
import type { DaemonOption } from "./daemon-options.ts";
import { daemonOption } from "./daemon-options.ts";
import { lookAtTls } from "./daemon-tls.ts";
import {
  type DaemonFacts,
  dockerCheck,
  fixable,
  infoCheck,
  judged,
  type Look,
  optionCheck,
  untold,
} from "./docker-check.ts";
import type { DockerFacts } from "./docker-facts.ts";

const localLogDrivers: ReadonlySet<string> = new Set(["json-file", "local", "none", ""]);

/** How the daemon is set up, as the engine itself tells. */
export const engineChecks: readonly Check<DockerFacts>[] = [
  infoCheck(
    "daemon-rootless",
    {
      title: "The daemon runs without root",
      severity: "medium",
      why: "A way out of a container then ends as an ordinary user of the host.",
      remediation: "Where the workloads allow it, install Docker's rootless mode.",
      cis: ["2.1"],
    },
    ({ securityOptions }) => {
      if (!securityOptions) return untold("whether it runs without root");
      const rootless = securityOptions.some((option) => option.startsWith("name=rootless"));
      const seen = [evidence("security options of the engine", securityOptions.join(" "), "name=rootless")];
      if (rootless) return { state: "pass", evidence: seen };
      return {
        state: "manual",
        evidence: seen,
        reason: "it runs as root; whether its workloads need that is for a person to say",
      };
    },
  ),
  dockerCheck(
    "daemon-icc",
    {
      title: "Containers on the default bridge cannot talk to each other",
      severity: "medium",
      why: "One container that was taken over can otherwise reach every port of its neighbours.",
      remediation: "Set icc to false, and give containers that belong together a network of their own.",
      cis: ["2.2"],
    },
    {
      needs: ["networks"],
      evaluate(facts) {
        const option = "com.docker.network.bridge.enable_icc";
        const bridge = known(facts.networks).find(({ name, driver }) => name === "bridge" && driver === "bridge");
        if (!bridge) return [{ state: "not-applicable", evidence: [], reason: "there is no default bridge" }];
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
      title: "No registry is trusted without a certificate",
      severity: "high",
      why: "Images that come without a verified connection can be replaced on their way.",
      remediation:
        "Take the registry out of insecure-registries, and put its authority's certificate into /etc/docker/certs.d.",
      cis: ["2.5"],
    },
    ({ insecureRegistries }, facts) => {
      if (!insecureRegistries) return untold("which registries it trusts without a certificate");
      const outside = insecureRegistries.filter((range) => range !== "127.0.0.0/8" && range !== "::1/128");
      const seen = judged(
        outside.length === 0,
        "registries without a certificate",
        outside.join(", ") || "none",
        "none",
      );
      return fixable(seen, daemonEdit(facts, "insecure-registry", { jq: removeMember("insecure-registries") }));
    },
  ),
  infoCheck(
    "daemon-aufs",
    {
      title: "The storage driver is not aufs",
      severity: "low",
      why: "aufs was never part of the kernel, and is not maintained.",
      remediation: "Change the storage driver to overlay2.",
      cis: ["2.6"],
    },
    ({ storageDriver }) =>
      storageDriver === undefined
        ? untold("its storage driver")
        : judged(storageDriver !== "aufs", "storage driver", storageDriver, "anything but aufs"),
  ),
  dockerCheck(
    "daemon-userns",
    {
      title: "Root in a container is not root on the host",
      severity: "medium",
      why: "With remapped users, a process that gets out of its container has no rights on the host.",
      remediation: "Set userns-remap to default, after checking that the workloads can do without host namespaces.",
      cis: ["2.9"],
    },
    {
      needs: ["info"],
      evaluate(facts) {
        const { securityOptions } = known(facts.info);
        if (!securityOptions) return [untold("whether it remaps users")];
        const mapped = securityOptions.some((option) => /^name=(?:userns|rootless)\b/.test(option));
        return [
          judged(mapped, "security options of the engine", securityOptions.join(" "), "name=userns or name=rootless"),
        ];
      },
    },
  ),
  infoCheck(
    "daemon-authorization",
    {
      title: "A plugin decides which requests to the daemon are allowed",
      severity: "low",
      why: "Without one, everybody who reaches the socket may do everything.",
      remediation: "Install an authorization plugin and name it in authorization-plugins.",
      cis: ["2.12"],
    },
    ({ authorizationPlugins }) =>
      authorizationPlugins === undefined
        ? untold("its authorization plugins")
        : judged(
            authorizationPlugins.length > 0,
            "authorization plugins",
            authorizationPlugins.join(", ") || "none",
            "one or more",
          ),
  ),
  infoCheck(
    "daemon-log-driver",
    {
      title: "Logs of containers leave the container's own folder",
      severity: "low",
      why: "Whoever takes the host over, or removes the container, removes logs that lie only there.",
      remediation: "Set log-driver to one that sends to a central place, such as syslog, fluentd or gelf.",
      cis: ["2.13"],
    },
    ({ loggingDriver }) =>
      loggingDriver === undefined
        ? untold("its log driver")
        : judged(!localLogDrivers.has(loggingDriver), "log driver", loggingDriver, "one that sends elsewhere"),
  ),
  infoCheck(
    "daemon-live-restore",
    {
      title: "Containers keep running while the daemon restarts",
      severity: "low",
      why: "Otherwise updates of the engine stop the workloads, and are put off.",
      remediation: "Set live-restore to true.",
      cis: ["2.15"],
    },
    ({ liveRestore, swarm }, facts) => {
      if (swarm.state === "active") {
        return { state: "not-applicable", evidence: [], reason: "a swarm does not allow live-restore" };
      }
      return liveRestore === undefined
        ? untold("whether live-restore is on")
        : fixable(
            judged(liveRestore, "live-restore", liveRestore, "true"),
            daemonEdit(facts, "live-restore", { jq: setMember("live-restore", true) }),
          );
    },
  ),
  infoCheck(
    "daemon-seccomp",
    {
      title: "The daemon gives every container a seccomp profile",
      severity: "high",
      why: "The profile closes hundreds of kernel calls that containers do not need.",
      remediation: "Leave seccomp-profile at its default, or name a stricter profile.",
      cis: ["2.17"],
    },
    ({ securityOptions }, facts) => {
      if (!securityOptions) return untold("its seccomp profile");
      const option = securityOptions.find((one) => one.startsWith("name=seccomp"));
      const passes = option !== undefined && !option.includes("unconfined");
      const seen = judged(
        passes,
        "security options of the engine",
        option ?? "no seccomp",
        "name=seccomp with a profile",
      );
      return fixable(seen, daemonEdit(facts, "seccomp-profile", { jq: removeMember("seccomp-profile") }));
    },
  ),
  infoCheck(
    "daemon-experimental",
    {
      title: "Experimental features are off",
      severity: "low",
      why: "They are not meant for production, and have not had the same review.",
      remediation: "Take experimental out of the daemon's settings.",
      cis: ["2.18"],
    },
    ({ experimental }, facts) =>
      experimental === undefined
        ? untold("whether it is experimental")
        : fixable(
            judged(!experimental, "experimental", experimental, "false"),
            daemonEdit(facts, "experimental", { jq: removeMember("experimental") }),
          ),
  ),
];

/** How the daemon is set up, as its arguments and its configuration file tell. */
export const daemonOptionChecks: readonly Check<DockerFacts>[] = [
  optionCheck(
    "daemon-log-level",
    {
      title: "The daemon logs at the level info",
      severity: "low",
      why: "Less hides what happened, and debug writes requests with their contents into the log.",
      remediation: "Set log-level to info, and debug to false.",
      cis: ["2.3"],
    },
    {
      option: "log-level",
      look(option, facts) {
        const debug = daemonOption(facts.settings, "debug");
        const debugging = "value" in debug && debug.value?.values.at(-1) === "true";
        const level = option?.values.at(-1) ?? (debugging ? "debug" : "info");
        const source = option?.source ?? (debugging && "value" in debug ? debug.value?.source : undefined);
        const seen = judged(
          level === "info" && !debugging,
          source ?? "log-level",
          source ? level : "not set (info)",
          "info",
        );
        const commands = ["log-level", "debug"].flatMap((name) => daemonEdit(facts, name, { jq: removeMember(name) }));
        return fixable(seen, commands);
      },
    },
  ),
  optionCheck(
    "daemon-iptables",
    {
      title: "The daemon may set the rules of the firewall",
      severity: "medium",
      why: "Without its rules, networks are not kept apart and published ports are not what they seem.",
      remediation: "Take iptables=false out of the daemon's settings.",
      cis: ["2.4"],
    },
    {
      option: "iptables",
      look: (option, facts) => switched(option, facts, { name: "iptables", wanted: true, usual: true }),
    },
  ),
  dockerCheck(
    "daemon-tls",
    {
      title: "Every network address of the daemon asks for a client certificate",
      severity: "critical",
      why: "Whoever reaches an open port of the daemon is root on the host.",
      remediation: "Remove the tcp:// address, or set tlsverify with tlscacert, tlscert and tlskey.",
      cis: ["2.7"],
    },
    { needs: ["daemon"], evaluate: (facts) => [lookAtTls(facts)] },
  ),
  optionCheck(
    "daemon-ulimits",
    {
      title: "The daemon gives containers default limits of resources",
      severity: "low",
      why: "A container without limits on files and processes can exhaust those of the host.",
      remediation: "Set default-ulimits to what the workloads need.",
      cis: ["2.8"],
    },
    {
      option: "default-ulimit",
      look: (option) =>
        option
          ? { state: "pass", evidence: [evidence(option.source, option.values.join(" "))] }
          : {
              state: "manual",
              evidence: [evidence("default-ulimits", undefined)],
              reason: "none are set; whether the limits of the daemon itself suit the workloads is for a person to say",
            },
    },
  ),
  optionCheck(
    "daemon-cgroup-parent",
    {
      title: "Containers are in Docker's own control group",
      severity: "low",
      why: "Another parent can take limits away that hold for Docker's own.",
      remediation: "Leave cgroup-parent unset unless its limits were reviewed.",
      cis: ["2.10"],
    },
    {
      option: "cgroup-parent",
      look: (option) =>
        option
          ? {
              state: "manual",
              evidence: [evidence(option.source, option.values.join(" "))],
              reason: "whether the limits of this control group suit, only a person can tell",
            }
          : { state: "pass", evidence: [evidence("cgroup-parent", "not set (docker or system.slice)")] },
    },
  ),
  optionCheck(
    "daemon-base-size",
    {
      title: "The size of container file systems is the default one",
      severity: "low",
      why: "A larger one allows a single container to fill the disk.",
      remediation: "Take dm.basesize out of storage-opts.",
      cis: ["2.11"],
    },
    {
      option: "storage-opt",
      look(option, facts) {
        const size = option?.values.find((value) => value.startsWith("dm.basesize"));
        const seen = judged(
          size === undefined,
          option?.source ?? "storage-opts",
          size ?? "no dm.basesize",
          "no dm.basesize",
        );
        const jq = '."storage-opts" |= map(select(startswith("dm.basesize") | not))';
        return fixable(seen, daemonEdit(facts, "storage-opt", { jq }));
      },
    },
  ),
  optionCheck(
    "daemon-no-new-privileges",
    {
      title: "Containers cannot gain privileges by default",
      severity: "medium",
      why: "Without it, set-uid programs inside an image make root of any user in the container.",
      remediation: "Set no-new-privileges to true.",
      cis: ["2.14"],
    },
    {
      option: "no-new-privileges",
      look: (option, facts) => switched(option, facts, { name: "no-new-privileges", wanted: true, usual: false }),
    },
  ),
  optionCheck(
    "daemon-userland-proxy",
    {
      title: "Ports are published without the proxy program",
      severity: "low",
      why: "The proxy is one more program that runs as root on the host for each port, and hides where connections come from.",
      remediation: "Set userland-proxy to false.",
      cis: ["2.16"],
    },
    {
      option: "userland-proxy",
      look: (option, facts) => switched(option, facts, { name: "userland-proxy", wanted: false, usual: true }),
    },
  ),
];

function switched(
  option: DaemonOption | undefined,
  facts: DaemonFacts,
  { name, wanted, usual }: { readonly name: string; readonly wanted: boolean; readonly usual: boolean },
): Look {
  const written = option?.values.at(-1);
  const on = written === undefined ? usual : /^(?:true|1|t)$/i.test(written);
  const seen = judged(on === wanted, option?.source ?? name, written ?? `not set (${usual})`, String(wanted));
  return fixable(seen, daemonEdit(facts, name, { jq: setMember(name, wanted) }));
}
