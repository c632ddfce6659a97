import type { EngineContainerFact } from "../../model/checks/engine-facts.ts";
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

/** The user of a container, and its kernel privileges. */
export const containerIdentityChecks: readonly Check<DockerFacts>[] = [
  containerCheck(
    "container-user",
    {
      title: { pass: "Container does not run as root", fail: "Container runs as root" },
      severity: "high",
      why: "A process that runs as root can escape its container more easily.",
      remediation: "Run the container with --user, or use an image that sets a user.",
      cis: ["4.1"],
      also: [escapeToHost],
    },
    {
      look: ({ user }) => judged(!isRoot(user), "container user", user || "not set (root)", "a non-root user"),
    },
  ),
  containerCheck(
    "container-apparmor",
    {
      title: {
        pass: "Container is confined by an AppArmor profile",
        fail: "Container runs without an AppArmor profile",
      },
      severity: "high",
      why: "AppArmor blocks writes to kernel files, even for root.",
      remediation: "Remove apparmor=unconfined; Docker then applies docker-default.",
      cis: ["5.2"],
    },
    {
      needs: ["info"],
      look({ appArmorProfile }, facts) {
        const lacking = withoutModule(facts, { option: "name=apparmor", name: "AppArmor" });
        if (lacking) return lacking;
        const passes = appArmorProfile !== "" && appArmorProfile !== "unconfined";
        return judged(passes, "AppArmor profile", appArmorProfile || "none", "docker-default or a custom profile");
      },
    },
  ),
  containerCheck(
    "container-selinux",
    {
      title: { pass: "Container is confined by SELinux", fail: "Container runs without SELinux confinement" },
      severity: "high",
      why: "SELinux labels block access to files of the host and of other containers.",
      remediation: "Remove label=disable, and enable selinux-enabled in the daemon.",
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
          "SELinux label",
          disabled ?? (privileged ? "disabled (privileged)" : "set by the engine"),
          "enabled",
        );
      },
    },
  ),
  containerCheck(
    "container-capabilities",
    {
      title: {
        pass: "Container has only Docker's default capabilities",
        fail: "Container has capabilities beyond Docker's defaults",
      },
      severity: "high",
      why: "Each capability grants a part of root's power over the kernel of the host.",
      remediation: "Drop all capabilities with --cap-drop ALL, and add only those that the program needs.",
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
          "none beyond Docker's defaults",
        );
        return { ...seen, evidence: [...seen.evidence, dropped] };
      },
    },
  ),
  containerCheck(
    "container-escape-capabilities",
    {
      title: {
        pass: "Container has no capability that allows escape to the host",
        fail: "Container has capabilities that allow escape to the host",
      },
      severity: "critical",
      why: "With such a capability, root in the container can load modules, mount disks or read any process, and so control the host.",
      remediation:
        "Run the container without SYS_ADMIN, SYS_MODULE, SYS_PTRACE, DAC_READ_SEARCH and similar capabilities.",
      also: [escapeToHost],
    },
    {
      look({ addedCapabilities, privileged }) {
        const open = addedCapabilities.filter((name) => escapingCapabilities.has(name));
        const value = privileged ? "all (privileged)" : open.join(" ") || "none";
        return judged(open.length === 0 && !privileged, "dangerous capabilities", value, "none");
      },
    },
  ),
  containerCheck(
    "container-privileged",
    {
      title: { pass: "Container is not privileged", fail: "Container is privileged" },
      severity: "critical",
      why: "A privileged container has every capability and device and no confinement: root in it is root on the host.",
      remediation: "Remove --privileged, and add only the device or capability that the program needs.",
      cis: ["5.5"],
      also: [escapeToHost],
    },
    {
      look: ({ privileged }) =>
        privileged === undefined
          ? untold("whether the container is privileged")
          : judged(!privileged, "privileged", privileged, "false"),
    },
  ),
  containerCheck(
    "container-seccomp",
    {
      title: { pass: "Container runs with a seccomp profile", fail: "Container runs without a seccomp profile" },
      severity: "high",
      why: "Most kernel vulnerabilities are in system calls that containers do not need.",
      remediation: "Remove seccomp=unconfined.",
      cis: ["5.22"],
      also: [escapeToHost],
    },
    { look: lookAtSeccomp },
  ),
  containerCheck(
    "container-no-new-privileges",
    {
      title: { pass: "Container processes cannot gain privileges", fail: "Container processes can gain privileges" },
      severity: "medium",
      why: "Without no-new-privileges, set-uid programs in the image can turn any user of the container into root.",
      remediation: "Run the container with --security-opt no-new-privileges.",
      cis: ["5.26"],
    },
    { look: lookAtNewPrivileges },
  ),
  containerCheck(
    "container-secrets",
    {
      title: {
        pass: "Container has no secrets in environment variables",
        fail: "Container has secrets in environment variables",
      },
      severity: "medium",
      why: "docker inspect shows environment variables, child processes inherit them, and dumps and logs contain them.",
      remediation: "Pass secrets as files: with docker secret in a swarm, or as a mounted file.",
    },
    {
      look({ environment }) {
        const secrets = environment.filter(({ secret }) => secret);
        if (secrets.length === 0)
          return { state: "pass", evidence: [evidence("environment variables that look like secrets", "none")] };
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
  if (!securityOptions) return untold(`whether ${name} is enabled`);
  if (securityOptions.some((one) => one.startsWith(option))) return undefined;
  return { state: "not-applicable", evidence: [], reason: `${name} is not enabled in the engine` };
}

function lookAtSeccomp({ securityOptions, privileged }: EngineContainerFact, facts: DockerFacts): Look {
  const own = securityOptions.find((option) => /^seccomp[=:]/.test(option));
  const engine = "value" in facts.info ? facts.info.value.securityOptions : undefined;
  const engineWithout =
    engine !== undefined &&
    !engine.some((one) => one.startsWith("name=seccomp") && !one.includes("profile=unconfined"));
  const value = privileged ? "disabled (privileged)" : (own ?? (engineWithout ? "disabled in the engine" : "default"));
  const off = privileged === true || /^seccomp[=:]unconfined$/.test(own ?? "") || (own === undefined && engineWithout);
  return judged(!off, "seccomp profile", value.length > 120 ? "custom profile" : value, "default or a custom profile");
}

function lookAtNewPrivileges({ securityOptions }: EngineContainerFact, facts: DockerFacts): Look {
  const own = securityOptions.find((option) => option.startsWith("no-new-privileges"));
  const daemon = "value" in facts.daemon ? daemonOption(facts.daemon.value, "no-new-privileges") : undefined;
  const everywhere = daemon && "value" in daemon && daemon.value?.values.at(-1) === "true";
  const on = own ? !/[=:]false$/.test(own) : everywhere === true;
  const value = own ?? (everywhere ? "set by the daemon" : "not set");
  return judged(on, "no-new-privileges", value, "set");
}
