import type { HostFacts } from "../../model/host-facts.ts";
import type { Check, Observation } from "../check.ts";
import { evidence } from "../evidence.ts";
import { known } from "../known.ts";
import { hostCheck } from "./host-check.ts";
import { kernelObservations } from "./kernel-age.ts";
import { vulnerabilityObservations } from "./runtime-vulnerabilities.ts";

const confiningModules = ["apparmor", "selinux", "smack", "tomoyo"];

/** What the isolation of containers rests on. */
export const isolationChecks: readonly Check<HostFacts>[] = [
  hostCheck(
    "security-module",
    {
      title: "A security module confines processes",
      severity: "high",
      why: "Without AppArmor or SELinux, root in a container meets one barrier less on its way to the host's files.",
      remediation: "Start the kernel with AppArmor or SELinux: lsm= or security= on its command line.",
      cis: { ubuntu: ["1.3.1.2"], redHat: ["1.3.1.2"] },
    },
    {
      needs: ["securityModules"],
      evaluate(facts) {
        const modules = known(facts.securityModules);
        const on = modules.some((name) => confiningModules.includes(name));
        return [result(on, evidence("security modules", modules.join(" ") || "none", confiningModules.join(" or ")))];
      },
    },
  ),
  hostCheck(
    "apparmor-profiles",
    {
      title: "AppArmor enforces its profiles, Docker's among them",
      severity: "medium",
      why: "A profile in complain mode logs and lets through.",
      remediation: "Set the profile to enforce mode with aa-enforce.",
      cis: { ubuntu: ["1.3.1.4"] },
    },
    {
      needs: ["securityModules"],
      evaluate(facts) {
        if (!known(facts.securityModules).includes("apparmor")) return [notHere("AppArmor is not on in this kernel")];
        if ("unavailable" in facts.appArmor)
          return [{ state: "warn", evidence: [], reason: facts.appArmor.unavailable }];
        const { profiles } = facts.appArmor.value;
        const lax = profiles.filter(({ mode }) => mode !== "enforce" && mode !== "kill" && mode !== "prompt");
        const counted = evidence(
          "profiles that are enforced",
          `${profiles.length - lax.length} of ${profiles.length}`,
          "all",
        );
        const named = lax.slice(0, 20).map(({ name, mode }) => evidence(`profile ${name}`, mode, "enforce"));
        return [{ state: profiles.length > 0 && lax.length === 0 ? "pass" : "fail", evidence: [counted, ...named] }];
      },
    },
  ),
  hostCheck(
    "selinux-enforcing",
    {
      title: "SELinux enforces its rules",
      severity: "high",
      why: "In permissive mode it logs and lets through.",
      remediation: "Set SELINUX=enforcing in /etc/selinux/config.",
      cis: { redHat: ["1.3.1.5"] },
    },
    {
      needs: ["securityModules", "seLinux"],
      evaluate(facts) {
        if (!known(facts.securityModules).includes("selinux")) return [notHere("SELinux is not on in this kernel")];
        const { mode } = known(facts.seLinux);
        return [
          {
            ...result(mode === "enforcing", evidence("mode", mode, "enforcing")),
            ...(mode === "permissive" && {
              commands: ["sed -i 's/^SELINUX=.*/SELINUX=enforcing/' /etc/selinux/config", "setenforce 1"],
            }),
          },
        ];
      },
    },
  ),
  hostCheck(
    "seccomp-filters",
    {
      title: "The kernel can filter the calls of a process",
      severity: "critical",
      why: "Profiles of containers are such filters; without them every call is open.",
      remediation: "Use a kernel with CONFIG_SECCOMP_FILTER.",
    },
    {
      needs: ["seccomp"],
      evaluate(facts) {
        const { actions } = known(facts.seccomp);
        return [
          result(
            actions.includes("errno"),
            evidence("actions of seccomp", actions.join(" ") || "none", "errno and others"),
          ),
        ];
      },
    },
  ),
  hostCheck(
    "cgroup-version",
    {
      title: "The host uses the second version of control groups alone",
      severity: "medium",
      why: "The first has a way out of privileged containers (release_agent), and no safe limits for containers without root.",
      remediation: "Start the host with systemd.unified_cgroup_hierarchy=1.",
    },
    {
      needs: ["cgroups"],
      evaluate(facts) {
        const { version, controllers } = known(facts.cgroups);
        return [
          {
            state: version === "2" ? "pass" : "fail",
            evidence: [
              evidence("version of control groups", version, "2"),
              evidence("controllers of version 2", controllers.join(" ")),
            ],
          },
        ];
      },
    },
  ),
  hostCheck(
    "cgroup-controllers",
    {
      title: "Limits on memory, processes and processors work",
      severity: "medium",
      why: "A limit whose controller is off is not kept, and nothing says so.",
      remediation:
        "Switch the controllers on: cgroup_enable=memory on the kernel's command line, and no cgroup_disable.",
    },
    {
      needs: ["cgroups", "kernel"],
      evaluate(facts) {
        const { version, controllers } = known(facts.cgroups);
        const disabled = known(facts.kernel).commandLine.filter((word) => word.startsWith("cgroup_disable="));
        if (disabled.length > 0)
          return [result(false, evidence("kernel's command line", disabled.join(" "), "no cgroup_disable"))];
        if (version !== "2") return [result(true, evidence("kernel's command line", "no cgroup_disable"))];
        const missing = ["memory", "pids", "cpu"].filter((name) => !controllers.includes(name));
        return [result(missing.length === 0, evidence("controllers", controllers.join(" "), "memory, pids and cpu"))];
      },
    },
  ),
  hostCheck(
    "user-namespaces",
    {
      title: "User namespaces are there, and not for everybody without limit",
      severity: "medium",
      why: "Containers without root need them; open to every user, they were the way to many of the kernel's flaws.",
      remediation:
        "Keep user.max_user_namespaces above 0 where containers run without root, and restrict it with AppArmor, or set kernel.unprivileged_userns_clone to 0 where none do.",
    },
    { needs: ["userNamespaces", "sysctls"], evaluate: (facts) => [userNamespaces(facts)] },
  ),
  hostCheck(
    "kernel-age",
    {
      title: "The kernel is of a maintained line and has no known way out of a container",
      severity: "high",
      why: "All containers share the kernel: its flaws are theirs.",
      remediation: "Install the newest kernel that the distribution supports, and start the host again.",
    },
    { needs: ["kernel"], evaluate: (facts) => kernelObservations(known(facts.kernel).release) },
  ),
  hostCheck(
    "runtime-vulnerabilities",
    {
      title: "Container runtimes have no known way out of a container",
      severity: "critical",
      why: "These programs run as root and handle what images and containers say; their known flaws give root on the host.",
      remediation:
        "Update the program to the version named, or later; a scan of the host's packages knows more than this short list.",
    },
    { needs: ["runtimes"], evaluate: (facts) => vulnerabilityObservations(known(facts.runtimes)) },
  ),
];

function userNamespaces(facts: HostFacts): Observation {
  const values = known(facts.sysctls);
  const setting = (name: string): string | undefined => {
    const fact = Object.hasOwn(values, name) ? values[name] : undefined;
    return fact && "value" in fact ? fact.value : undefined;
  };
  const most = setting("user.max_user_namespaces");
  const clone = setting("kernel.unprivileged_userns_clone");
  const restricted = setting("kernel.apparmor_restrict_unprivileged_userns");
  const seen = [
    evidence("user namespaces", known(facts.userNamespaces).supported ? "supported" : "not supported", "supported"),
    evidence("user.max_user_namespaces", most),
    evidence("kernel.unprivileged_userns_clone", clone),
    evidence("kernel.apparmor_restrict_unprivileged_userns", restricted),
  ];
  if (!known(facts.userNamespaces).supported) return { state: "fail", evidence: seen };
  const limited = most === "0" || clone === "0" || restricted === "1";
  if (limited) return { state: "pass", evidence: seen };
  const reason =
    "every user may make user namespaces; whether containers without root need that here, only a person can tell";
  return { state: "manual", evidence: seen, reason };
}

function result(passes: boolean, seen: ReturnType<typeof evidence>): Observation {
  return { state: passes ? "pass" : "fail", evidence: [seen] };
}

function notHere(reason: string): Observation {
  return { state: "not-applicable", evidence: [], reason };
}
