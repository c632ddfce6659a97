import type { HostFacts } from "../../model/checks/host-facts.ts";
import type { Check, Observation } from "../check.ts";
import { evidence } from "../evidence.ts";
import { known } from "../known.ts";
import { hostCheck } from "./host-check.ts";
import { kernelObservations } from "./kernel-age.ts";
import { vulnerabilityObservations } from "./runtime-vulnerabilities.ts";

const confiningModules = ["apparmor", "selinux", "smack", "tomoyo"];

/** Kernel features that isolate containers, and the versions of kernel and runtimes. */
export const isolationChecks: readonly Check<HostFacts>[] = [
  hostCheck(
    "security-module",
    {
      title: {
        pass: "Kernel has AppArmor, SELinux or another security module enabled",
        fail: "Kernel has no mandatory access control module enabled",
      },
      severity: "high",
      why: "AppArmor and SELinux block root in a container from many files of the host.",
      remediation: "Boot the kernel with AppArmor or SELinux: set lsm= or security= on the kernel command line.",
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
      title: { pass: "All AppArmor profiles are enforced", fail: "AppArmor profiles are missing or not enforced" },
      severity: "medium",
      why: "A profile in complain mode logs violations but does not block them.",
      remediation: "Set the profile to enforce mode with aa-enforce.",
      cis: { ubuntu: ["1.3.1.4"] },
    },
    {
      needs: ["securityModules"],
      evaluate(facts) {
        if (!known(facts.securityModules).includes("apparmor")) return [notHere("AppArmor is not enabled")];
        if ("unavailable" in facts.appArmor)
          return [{ state: "warn", evidence: [], reason: facts.appArmor.unavailable }];
        const { profiles } = facts.appArmor.value;
        const lax = profiles.filter(({ mode }) => mode !== "enforce" && mode !== "kill" && mode !== "prompt");
        const counted = evidence("enforced profiles", `${profiles.length - lax.length} of ${profiles.length}`, "all");
        const named = lax.slice(0, 20).map(({ name, mode }) => evidence(`profile ${name}`, mode, "enforce"));
        return [{ state: profiles.length > 0 && lax.length === 0 ? "pass" : "fail", evidence: [counted, ...named] }];
      },
    },
  ),
  hostCheck(
    "selinux-enforcing",
    {
      title: { pass: "SELinux is in enforcing mode", fail: "SELinux is not in enforcing mode" },
      severity: "high",
      why: "In permissive mode, SELinux logs violations but does not block them.",
      remediation: "Set SELINUX=enforcing in /etc/selinux/config.",
      cis: { redHat: ["1.3.1.5"] },
    },
    {
      needs: ["securityModules", "seLinux"],
      evaluate(facts) {
        if (!known(facts.securityModules).includes("selinux")) return [notHere("SELinux is not enabled")];
        const { mode } = known(facts.seLinux);
        return [
          {
            ...result(mode === "enforcing", evidence("SELinux mode", mode, "enforcing")),
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
      title: { pass: "Kernel supports seccomp filters", fail: "Kernel does not support seccomp filters" },
      severity: "critical",
      why: "Seccomp profiles of containers are such filters; without them, every system call is available.",
      remediation: "Use a kernel with CONFIG_SECCOMP_FILTER.",
    },
    {
      needs: ["seccomp"],
      evaluate(facts) {
        const { actions } = known(facts.seccomp);
        return [result(actions.includes("errno"), evidence("seccomp actions", actions.join(" ") || "none", "errno"))];
      },
    },
  ),
  hostCheck(
    "cgroup-version",
    {
      title: { pass: "Host uses only cgroup v2", fail: "Host uses cgroup v1" },
      severity: "medium",
      why: "cgroup v1 allows escape from privileged containers through release_agent, and has no safe limits for rootless containers.",
      remediation: "Boot the host with systemd.unified_cgroup_hierarchy=1.",
    },
    {
      needs: ["cgroups"],
      evaluate(facts) {
        const { version, controllers } = known(facts.cgroups);
        return [
          {
            state: version === "2" ? "pass" : "fail",
            evidence: [
              evidence("cgroup version", version, "2"),
              evidence("cgroup v2 controllers", controllers.join(" ") || "none"),
            ],
          },
        ];
      },
    },
  ),
  hostCheck(
    "cgroup-controllers",
    {
      title: {
        pass: "Memory, PID and CPU cgroup controllers are enabled",
        fail: "Memory, PID or CPU cgroup controller is disabled",
      },
      severity: "medium",
      why: "Limits of a disabled controller have no effect, without any error.",
      remediation:
        "Enable the controllers: set cgroup_enable=memory on the kernel command line, and remove cgroup_disable.",
    },
    {
      needs: ["cgroups", "kernel"],
      evaluate(facts) {
        const { version, controllers } = known(facts.cgroups);
        const disabled = known(facts.kernel).commandLine.filter((word) => word.startsWith("cgroup_disable="));
        if (disabled.length > 0)
          return [result(false, evidence("kernel command line", disabled.join(" "), "no cgroup_disable"))];
        if (version !== "2") return [result(true, evidence("kernel command line", "no cgroup_disable"))];
        const missing = ["memory", "pids", "cpu"].filter((name) => !controllers.includes(name));
        return [
          result(
            missing.length === 0,
            evidence("cgroup controllers", controllers.join(" ") || "none", "memory, pids and cpu"),
          ),
        ];
      },
    },
  ),
  hostCheck(
    "user-namespaces",
    {
      title: { pass: "User namespaces are supported and restricted", fail: "User namespaces are not supported" },
      severity: "medium",
      why: "Rootless containers need user namespaces, but unprivileged user namespaces also expose many kernel vulnerabilities.",
      remediation:
        "Keep user.max_user_namespaces above 0 where rootless containers run, and restrict user namespaces with AppArmor. Set kernel.unprivileged_userns_clone to 0 elsewhere.",
    },
    { needs: ["userNamespaces", "sysctls"], evaluate: (facts) => [userNamespaces(facts)] },
  ),
  hostCheck(
    "kernel-age",
    {
      title: {
        pass: "Kernel is maintained and has no known container escape",
        fail: "Kernel is unmaintained or has a known container escape",
      },
      severity: "high",
      why: "All containers share the kernel, so its vulnerabilities affect every container.",
      remediation: "Install the newest kernel that the distribution supports, and reboot.",
    },
    { needs: ["kernel"], evaluate: (facts) => kernelObservations(known(facts.kernel).release) },
  ),
  hostCheck(
    "runtime-vulnerabilities",
    {
      title: {
        pass: "Container runtimes have no known container escape",
        fail: "Container runtime has a known container escape",
      },
      severity: "critical",
      why: "Runtimes run as root and process untrusted images and containers; their vulnerabilities give root on the host.",
      remediation:
        "Update the program to the given version or later. A scan of the host packages covers more vulnerabilities than this list.",
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
  const reason = "every user can create user namespaces; review whether rootless containers need them";
  return { state: "manual", evidence: seen, reason };
}

function result(passes: boolean, seen: ReturnType<typeof evidence>): Observation {
  return { state: passes ? "pass" : "fail", evidence: [seen] };
}

function notHere(reason: string): Observation {
  return { state: "not-applicable", evidence: [], reason };
}
