import type { HostFacts } from "../../model/host-facts.ts";
import type { Check, Observation } from "../check.ts";
import { evidence } from "../evidence.ts";
import { appendLine, hint, watchCommands } from "../fix-commands.ts";
import { known } from "../known.ts";
import { watchOf } from "./audit-watch.ts";
import { hostCheck } from "./host-check.ts";

// What Docker consists of has checks of its own under docker/.
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

/** What is recorded about the host, and how its folders are mounted. */
export const recordChecks: readonly Check<HostFacts>[] = [
  hostCheck(
    "audit-daemon",
    {
      title: "The audit daemon is installed and runs",
      severity: "medium",
      why: "Without it nobody can tell later who changed what.",
      remediation: "Install auditd (audit on Red Hat's systems), and start it.",
      cis: { ubuntu: ["6.2.1.1", "6.2.1.2"], redHat: ["6.3.1.1", "6.3.1.4"] },
    },
    {
      needs: ["processes"],
      evaluate(facts) {
        const runs = known(facts.processes).some(({ name }) => name === "auditd");
        return [
          { state: runs ? "pass" : "fail", evidence: [evidence("process auditd", runs ? "runs" : undefined, "runs")] },
        ];
      },
    },
  ),
  hostCheck(
    "audit-container-paths",
    {
      title: "Audit rules watch the container runtimes' programs, settings and data",
      severity: "low",
      why: "Whoever changes them controls every container; without a record nobody can tell later who did.",
      remediation: "Add a watch for each of them to a file in /etc/audit/rules.d, and load the rules.",
    },
    {
      needs: ["auditRules", "files"],
      evaluate: (facts) => watched(facts, { paths: containerPaths, key: "containers" }),
    },
  ),
  hostCheck(
    "audit-accounts",
    {
      title: "Audit rules watch the files of accounts",
      severity: "low",
      why: "A new account, or a new member of a group, is how somebody stays.",
      remediation: "Add a watch for each of them to a file in /etc/audit/rules.d, and load the rules.",
      cis: { ubuntu: ["6.2.3.8"], redHat: ["6.3.3.8"] },
    },
    { needs: ["auditRules", "files"], evaluate: (facts) => watched(facts, { paths: accountPaths, key: "identity" }) },
  ),
  hostCheck(
    "audit-immutable",
    {
      title: "Audit rules cannot be changed until the next start",
      severity: "low",
      why: "Whoever becomes root would otherwise switch the record off first.",
      remediation: "End the rules with a file 99-finalize.rules that holds -e 2.",
      cis: { ubuntu: ["6.2.3.20"], redHat: ["6.3.3.20"] },
    },
    {
      needs: ["auditRules"],
      evaluate(facts) {
        const last = known(facts.auditRules).findLast((rule) => rule.startsWith("-e "));
        return [
          {
            state: last === "-e 2" ? "pass" : "fail",
            evidence: [evidence("last -e of the rules on disk", last, "-e 2")],
            ...(last !== "-e 2" && {
              commands: [
                appendLine("/etc/audit/rules.d/99-finalize.rules", "-e 2"),
                hint(
                  "once they are loaded, rules cannot be changed until the host starts again: have all of them first",
                ),
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
        title: `${path} is mounted with ${options.join(", ")}`,
        severity: "low",
        why: "Files that anybody may put there should be neither devices, nor run as another user, nor run at all.",
        remediation: `Add the options to the line of ${path} in /etc/fstab, or to its mount unit.`,
        cis: { ubuntu: ids, ...(path !== "/var" && path !== "/var/tmp" && { redHat: ids }) },
      },
      { needs: ["mounts"], evaluate: (facts) => [mounted(known(facts.mounts), path, { options })] },
    );
  }),
];

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
    if (rule) return [{ resource: path, state: "pass", evidence: [evidence(`rule for ${path}`, rule)] }];
    return [
      {
        resource: path,
        state: "fail",
        evidence: [evidence(`rule for ${path}`, undefined, wanted)],
        reason: `none of the ${rules.length} rules on disk covers it`,
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
  if (!mount) return { state: "not-applicable", evidence: [], reason: `${path} is no mount of its own` };
  const missing = options.filter((option) => !mount.options.includes(option));
  const seen = [evidence(`options of ${path}`, mount.options.join(","), options.join(","))];
  if (missing.length === 0) return { state: "pass", evidence: seen };
  const lasting = hint(`for the next start: add ${missing.join(",")} to ${path} in /etc/fstab, or to its mount unit`);
  return { state: "fail", evidence: seen, commands: [`mount -o remount,${missing.join(",")} ${path}`, lasting] };
}
