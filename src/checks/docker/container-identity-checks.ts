import type { EngineContainerFact } from "../../model/engine-facts.ts";
import type { Check } from "../check.ts";
import { evidence } from "../evidence.ts";
import { known } from "../known.ts";
import { daemonOption } from "./daemon-options.ts";
import { containerCheck, escapeToHost, judged, type Look, untold } from "./docker-check.ts";
import type { DockerFacts } from "./docker-facts.ts";
import { isRoot } from "./is-root.ts";

const usualCapabilities: ReadonlySet<string> = new Set([
  ...["AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "NET_RAW"],
  ...["SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"],
]);
const escapingCapabilities: ReadonlySet<string> = new Set([
  ...[
    "ALL",
    "SYS_ADMIN",
    "SYS_MODULE",
    "SYS_PTRACE",
    "SYS_RAWIO",
    "SYS_BOOT",
    "DAC_READ_SEARCH",
    "BPF",
    "PERFMON",
    "MAC_ADMIN",
  ],
]);

/** Who a container runs as, and what the kernel lets it do. */
export const containerIdentityChecks: readonly Check<DockerFacts>[] = [
  containerCheck(
    "container-user",
    {
      title: "The container runs as a user other than root",
      severity: "high",
      why: "A process that is root in its container has the most ways out of it.",
      remediation: "Run it with --user, or from an image that names a user.",
      cis: ["4.1"],
      also: [escapeToHost],
    },
    {
      look: ({ user }) =>
        judged(!isRoot(user), "user of the container", user || "not set (root)", "a user other than root"),
    },
  ),
  containerCheck(
    "container-apparmor",
    {
      title: "An AppArmor profile confines the container",
      severity: "high",
      why: "The profile keeps a process from writing to the kernel's files even when it is root.",
      remediation: "Run it without apparmor=unconfined; docker-default is used when nothing is said.",
      cis: ["5.2"],
    },
    {
      needs: ["info"],
      look({ appArmorProfile }, facts) {
        const lacking = withoutModule(facts, { option: "name=apparmor", name: "AppArmor" });
        if (lacking) return lacking;
        const passes = appArmorProfile !== "" && appArmorProfile !== "unconfined";
        return judged(passes, "AppArmor profile", appArmorProfile || "none", "a profile");
      },
    },
  ),
  containerCheck(
    "container-selinux",
    {
      title: "SELinux confines the container",
      severity: "high",
      why: "Its label keeps a process away from files of the host and of other containers.",
      remediation: "Run it without label=disable, on a daemon with selinux-enabled.",
      cis: ["5.3"],
    },
    {
      needs: ["info"],
      look({ securityOptions, privileged }, facts) {
        const lacking = withoutModule(facts, { option: "name=selinux", name: "SELinux" });
        if (lacking) return lacking;
        const disabled = securityOptions.find((option) => /^label[=:]disable$/.test(option));
        return judged(
          !disabled && privileged !== true,
          "label of the container",
          disabled ?? "set by the engine",
          "not disabled",
        );
      },
    },
  ),
  containerCheck(
    "container-capabilities",
    {
      title: "The container has no capabilities beyond the usual ones",
      severity: "high",
      why: "Each capability is a part of root's power over the host's kernel.",
      remediation: "Drop all with --cap-drop ALL, and add only those that the program needs.",
      cis: ["5.4"],
      also: [escapeToHost],
    },
    {
      look({ addedCapabilities, droppedCapabilities, privileged }) {
        const beyond = addedCapabilities.filter((name) => !usualCapabilities.has(name));
        const dropped = evidence("dropped capabilities", droppedCapabilities.join(" ") || "none");
        const value = privileged ? "all (privileged)" : addedCapabilities.join(" ") || "none";
        const seen = judged(
          beyond.length === 0 && !privileged,
          "added capabilities",
          value,
          "none beyond Docker's usual ones",
        );
        return { ...seen, evidence: [...seen.evidence, dropped] };
      },
    },
  ),
  containerCheck(
    "container-escape-capabilities",
    {
      title: "The container has no capability that opens the host",
      severity: "critical",
      why: "With one of these, root in the container is root on the host: loading modules, mounting disks, reading any process.",
      remediation: "Run it without SYS_ADMIN, SYS_MODULE, SYS_PTRACE, DAC_READ_SEARCH and their like.",
      also: [escapeToHost],
    },
    {
      look({ addedCapabilities, privileged }) {
        const open = addedCapabilities.filter((name) => escapingCapabilities.has(name));
        const value = privileged ? "all (privileged)" : open.join(" ") || "none of them";
        return judged(open.length === 0 && !privileged, "capabilities that open the host", value, "none of them");
      },
    },
  ),
  containerCheck(
    "container-privileged",
    {
      title: "The container is not privileged",
      severity: "critical",
      why: "A privileged container has every capability and every device, and no confinement: it is root on the host.",
      remediation: "Run it without --privileged, and give it the single device or capability that it needs.",
      cis: ["5.5"],
      also: [escapeToHost],
    },
    {
      look: ({ privileged }) =>
        privileged === undefined
          ? untold("whether it is privileged")
          : judged(!privileged, "privileged", privileged, "false"),
    },
  ),
  containerCheck(
    "container-seccomp",
    {
      title: "A seccomp profile closes kernel calls to the container",
      severity: "high",
      why: "Most flaws of the kernel are behind calls that containers do not need.",
      remediation: "Run it without seccomp=unconfined.",
      cis: ["5.22"],
      also: [escapeToHost],
    },
    { look: lookAtSeccomp },
  ),
  containerCheck(
    "container-no-new-privileges",
    {
      title: "The container cannot gain privileges",
      severity: "medium",
      why: "Set-uid programs inside an image otherwise make root of any user in the container.",
      remediation: "Run it with --security-opt no-new-privileges.",
      cis: ["5.26"],
    },
    { look: lookAtNewPrivileges },
  ),
  containerCheck(
    "container-secrets",
    {
      title: "The container's variables hold no secrets",
      severity: "medium",
      why: "Variables are shown by docker inspect, go to every child process, and end up in dumps and logs.",
      remediation: "Give secrets as files: with docker secret in a swarm, or a mounted file.",
    },
    {
      look({ environment }) {
        const secrets = environment.filter(({ secret }) => secret);
        if (secrets.length === 0) return { state: "pass", evidence: [evidence("variables like secrets", "none")] };
        return {
          state: "fail",
          evidence: secrets.map(({ name, shape }) => evidence(`variable ${name}`, shape, "no secret")),
        };
      },
    },
  ),
];

function withoutModule(facts: DockerFacts, { option, name }: { option: string; name: string }): Look | undefined {
  const { securityOptions } = known(facts.info);
  if (!securityOptions) return untold(`whether it uses ${name}`);
  if (securityOptions.some((one) => one.startsWith(option))) return undefined;
  return { state: "not-applicable", evidence: [], reason: `the engine does not use ${name}` };
}

function lookAtSeccomp({ securityOptions, privileged }: EngineContainerFact, facts: DockerFacts): Look {
  const own = securityOptions.find((option) => /^seccomp[=:]/.test(option));
  const engine = "value" in facts.info ? facts.info.value.securityOptions : undefined;
  const engineWithout =
    engine !== undefined &&
    !engine.some((one) => one.startsWith("name=seccomp") && !one.includes("profile=unconfined"));
  const value = privileged
    ? "off (privileged)"
    : (own ?? (engineWithout ? "off in the engine" : "the engine's profile"));
  const off = privileged === true || /^seccomp[=:]unconfined$/.test(own ?? "") || (own === undefined && engineWithout);
  return judged(!off, "seccomp profile", value.length > 120 ? "a profile of its own" : value, "a profile");
}

function lookAtNewPrivileges({ securityOptions }: EngineContainerFact, facts: DockerFacts): Look {
  const own = securityOptions.find((option) => option.startsWith("no-new-privileges"));
  const daemon = "value" in facts.daemon ? daemonOption(facts.daemon.value, "no-new-privileges") : undefined;
  const everywhere = daemon && "value" in daemon && daemon.value?.values.at(-1) === "true";
  const on = own ? !/[=:]false$/.test(own) : everywhere === true;
  const value = own ?? (everywhere ? "set by the daemon" : "not set");
  return judged(on, "no-new-privileges", value, "no-new-privileges");
}
