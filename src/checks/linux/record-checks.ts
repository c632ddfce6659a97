import type { HostFacts } from "../../model/checks/host-facts.ts";
import type { Check, Observation } from "../check.ts";
import { evidence } from "../evidence.ts";
import { appendLine, hint, watchCommands } from "../fix-commands.ts";
import { known } from "../known.ts";
import { watchOf } from "./audit-watch.ts";
import { hostCheck } from "./host-check.ts";

// docker/ has separate checks for the paths of Docker.
const containerPaths = [
  ...[
    "/usr/bin/runc",
    "/usr/sbin/runc",
    "/usr/bin/crun",
    "/usr/bin/containerd",
    "/usr/bin/podman",
    "/usr/bin/crio",
    "/usr/bin/kubelet",
  ],
  ...["/etc/containerd", "/etc/containers", "/etc/crio", "/etc/kubernetes", "/etc/cni/net.d"],
  ...["/var/lib/containerd", "/var/lib/containers", "/var/lib/kubelet", "/run/containerd/containerd.sock"],
];
const accountPaths = ["/etc/passwd", "/etc/group", "/etc/shadow", "/etc/gshadow"];

const mountRules: readonly { readonly path: string; readonly options: readonly string[]; readonly ubuntu: string }[] = [
  { path: "/tmp", options: ["nodev", "nosuid", "noexec"], ubuntu: "1.1.2.1" },
  { path: "/dev/shm", options: ["nodev", "nosuid", "noexec"], ubuntu: "1.1.2.2" },
  { path: "/var", options: ["nodev", "nosuid"], ubuntu: "1.1.2.4" },
  { path: "/var/tmp", options: ["nodev", "nosuid", "noexec"], ubuntu: "1.1.2.5" },
];

/** Audit settings of the host, and mount options of shared directories. */
export const recordChecks: readonly Check<HostFacts>[] = [
  hostCheck(
    "audit-daemon",
    {
      title: { pass: "Audit daemon is running", fail: "Audit daemon is not running" },
      severity: "medium",
      why: "Without the audit daemon, changes cannot be traced.",
      remediation: "Install auditd (package audit on Red Hat systems), and start it.",
      cis: { ubuntu: ["6.2.1.1", "6.2.1.2"], redHat: ["6.3.1.1", "6.3.1.4"] },
    },
    {
      needs: ["processes"],
      evaluate(facts) {
        const runs = known(facts.processes).some(({ name }) => name === "auditd");
        return [
          {
            state: runs ? "pass" : "fail",
            evidence: [evidence("process auditd", runs ? "running" : "not running", "running")],
          },
        ];
      },
    },
  ),
  hostCheck(
    "audit-container-paths",
    {
      title: {
        pass: "Audit rules watch the files of container runtimes",
        fail: "Audit rules do not watch the files of container runtimes",
      },
      severity: "low",
      why: "An attacker who changes these files controls every container; without an audit record, the change cannot be traced.",
      remediation: "In a file in /etc/audit/rules.d, add a watch for each path; then run augenrules --load.",
    },
    {
      needs: ["auditRules", "files"],
      evaluate: (facts) => watched(facts, { paths: containerPaths, key: "containers" }),
    },
  ),
  hostCheck(
    "audit-accounts",
    {
      title: { pass: "Audit rules watch the account files", fail: "Audit rules do not watch the account files" },
      severity: "low",
      why: "Attackers add accounts or group members to keep their access.",
      remediation: "In a file in /etc/audit/rules.d, add a watch for each path; then run augenrules --load.",
      cis: { ubuntu: ["6.2.3.8"], redHat: ["6.3.3.8"] },
    },
    { needs: ["auditRules", "files"], evaluate: (facts) => watched(facts, { paths: accountPaths, key: "identity" }) },
  ),
  hostCheck(
    "audit-immutable",
    {
      title: { pass: "Audit rules are immutable until reboot", fail: "Audit rules can be changed without a reboot" },
      severity: "low",
      why: "An attacker who becomes root can disable auditing first.",
      remediation: "End the rules with a file 99-finalize.rules that contains -e 2.",
      cis: { ubuntu: ["6.2.3.20"], redHat: ["6.3.3.20"] },
    },
    {
      needs: ["auditRules"],
      evaluate(facts) {
        const last = known(facts.auditRules).findLast((rule) => rule.startsWith("-e "));
        return [
          {
            state: last === "-e 2" ? "pass" : "fail",
            evidence: [evidence("last -e option in the rules on disk", last, "-e 2")],
            ...(last !== "-e 2" && {
              commands: [
                appendLine("/etc/audit/rules.d/99-finalize.rules", "-e 2"),
                hint("rules cannot be changed after loading until the host reboots: add all other rules first"),
              ],
            }),
          },
        ];
      },
    },
  ),
  ...mountRules.map(({ path, options, ubuntu }) => {
    const ids = options.map((_, index) => `${ubuntu}.${index + 2}`);
    return hostCheck(
      `mount-${path.slice(1).replaceAll("/", "-")}`,
      {
        title: {
          pass: `${path} is mounted with ${options.join(", ")}`,
          fail: `${path} is mounted without ${disjunction(options)}`,
        },
        severity: "low",
        why: "On a file system that many users can write to, these options prevent device files, set-uid programs or the execution of programs.",
        remediation: `Add the options to the line of ${path} in /etc/fstab, or to its mount unit.`,
        cis: { ubuntu: ids, ...(path !== "/var" && path !== "/var/tmp" && { redHat: ids }) },
      },
      { needs: ["mounts"], evaluate: (facts) => [mounted(known(facts.mounts), path, { options })] },
    );
  }),
];

function disjunction(options: readonly string[]): string {
  return `${options.slice(0, -1).join(", ")} or ${options.at(-1)}`;
}

function watched(facts: HostFacts, { paths, key }: { paths: readonly string[]; key: string }): Observation[] {
  const files = known(facts.files);
  const rules = known(facts.auditRules);
  return paths.flatMap((path): Observation[] => {
    const file = Object.hasOwn(files, path) ? files[path] : undefined;
    if (file && "unavailable" in file)
      return [{ resource: path, state: "warn", evidence: [], reason: file.unavailable }];
    if (!file || file.value === null) return [];
    const rule = watchOf(rules, path);
    const wanted = `-w ${path} -p wa -k ${key}`;
    if (rule) return [{ resource: path, state: "pass", evidence: [evidence(`audit rule for ${path}`, rule)] }];
    return [
      {
        resource: path,
        state: "fail",
        evidence: [evidence(`audit rule for ${path}`, undefined, wanted)],
        reason: `no audit rule on disk covers ${path}`,
        commands: watchCommands(path, { rule: wanted, file: `${key}.rules` }),
      },
    ];
  });
}

function mounted(
  mounts: Extract<HostFacts["mounts"], { value: unknown }>["value"],
  path: string,
  { options }: { readonly options: readonly string[] },
): Observation {
  const mount = mounts.findLast((one) => one.path === path);
  if (!mount) return { state: "not-applicable", evidence: [], reason: `${path} is not a separate mount` };
  const missing = options.filter((option) => !mount.options.includes(option));
  const seen = [evidence(`mount options of ${path}`, mount.options.join(","), options.join(","))];
  if (missing.length === 0) return { state: "pass", evidence: seen };
  const lasting = hint(`for the next boot: add ${missing.join(",")} to ${path} in /etc/fstab, or to its mount unit`);
  return { state: "fail", evidence: seen, commands: [`mount -o remount,${missing.join(",")} ${path}`, lasting] };
}
