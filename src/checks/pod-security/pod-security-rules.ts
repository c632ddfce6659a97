import * as baseline from "./baseline-rules.ts";
import type { PodSecurityPolicy } from "./pod-security-policy.ts";
import * as restricted from "./restricted-rules.ts";
import type { PodRule } from "./violation.ts";

/** The id that Kubernetes gives a check of the Pod Security Standards. */
export type PodSecurityCheckId =
  | "appArmorProfile"
  | "capabilities_baseline"
  | "hostNamespaces"
  | "hostPathVolumes"
  | "hostPorts"
  | "hostProbesAndHostLifecycle"
  | "privileged"
  | "procMount"
  | "seLinuxOptions"
  | "seccompProfile_baseline"
  | "sysctls"
  | "windowsHostProcess"
  | "allowPrivilegeEscalation"
  | "capabilities_restricted"
  | "procMount_restricted"
  | "restrictedVolumes"
  | "runAsNonRoot"
  | "runAsUser"
  | "seccompProfile_restricted";

/** One check of the Pod Security Standards. */
interface PodSecurityRule {
  readonly id: PodSecurityCheckId;
  readonly level: "baseline" | "restricted";
  /** From which minor version of Kubernetes 1 each revision holds, oldest first. */
  readonly revisions: readonly (readonly [since: number, rule: PodRule])[];
  /** The check of the baseline level that the restricted level has it instead of. */
  readonly insteadOf?: PodSecurityCheckId;
}

/** The newest minor version of Kubernetes 1 that changed the standards. */
export const newestPodSecurityVersion = 37;

const sysctls = new Set([
  "kernel.shm_rmid_forced",
  "net.ipv4.ip_local_port_range",
  "net.ipv4.ip_unprivileged_port_start",
  "net.ipv4.ping_group_range",
  "net.ipv4.tcp_syncookies",
]);
const sysctls27 = new Set([...sysctls, "net.ipv4.ip_local_reserved_ports"]);
const sysctls29 = new Set([
  ...sysctls27,
  "net.ipv4.tcp_fin_timeout",
  "net.ipv4.tcp_keepalive_intvl",
  "net.ipv4.tcp_keepalive_probes",
  "net.ipv4.tcp_keepalive_time",
]);
const sysctls32 = new Set([...sysctls29, "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"]);
const sysctls37 = new Set([...sysctls32, "net.ipv4.tcp_notsent_lowat", "net.ipv4.tcp_slow_start_after_idle"]);

const seLinuxTypes = new Set(["container_t", "container_init_t", "container_kvm_t"]);
const seLinuxTypes31 = new Set([...seLinuxTypes, "container_engine_t"]);

const { exceptUserNamespace, exceptWindows } = restricted;

// Baseline before restricted, each in the order of ids: the order in which an API server tells violations.
const rules: readonly PodSecurityRule[] = [
  { id: "appArmorProfile", level: "baseline", revisions: [[0, baseline.appArmorProfile]] },
  { id: "capabilities_baseline", level: "baseline", revisions: [[0, baseline.capabilitiesBaseline]] },
  { id: "hostNamespaces", level: "baseline", revisions: [[0, baseline.hostNamespaces]] },
  { id: "hostPathVolumes", level: "baseline", revisions: [[0, baseline.hostPathVolumes]] },
  { id: "hostPorts", level: "baseline", revisions: [[0, baseline.hostPorts]] },
  { id: "hostProbesAndHostLifecycle", level: "baseline", revisions: [[34, baseline.hostProbesAndLifecycle]] },
  { id: "privileged", level: "baseline", revisions: [[0, baseline.privileged]] },
  {
    id: "procMount",
    level: "baseline",
    revisions: [
      [0, baseline.procMount],
      [35, exceptUserNamespace(baseline.procMount)],
    ],
  },
  {
    id: "seLinuxOptions",
    level: "baseline",
    revisions: [
      [0, baseline.seLinuxOptions(seLinuxTypes)],
      [31, baseline.seLinuxOptions(seLinuxTypes31)],
    ],
  },
  {
    id: "seccompProfile_baseline",
    level: "baseline",
    revisions: [
      [0, baseline.seccompAnnotations],
      [19, baseline.seccompBaseline],
    ],
  },
  {
    id: "sysctls",
    level: "baseline",
    revisions: [
      [0, baseline.sysctls(sysctls)],
      [27, baseline.sysctls(sysctls27)],
      [29, baseline.sysctls(sysctls29)],
      [32, baseline.sysctls(sysctls32)],
      [37, baseline.sysctls(sysctls37)],
    ],
  },
  { id: "windowsHostProcess", level: "baseline", revisions: [[0, baseline.windowsHostProcess]] },
  {
    id: "allowPrivilegeEscalation",
    level: "restricted",
    revisions: [
      [8, restricted.allowPrivilegeEscalation],
      [25, exceptWindows(restricted.allowPrivilegeEscalation)],
    ],
  },
  {
    id: "capabilities_restricted",
    level: "restricted",
    revisions: [
      [22, restricted.capabilitiesRestricted],
      [25, exceptWindows(restricted.capabilitiesRestricted)],
    ],
    insteadOf: "capabilities_baseline",
  },
  { id: "procMount_restricted", level: "restricted", revisions: [[35, baseline.procMount]], insteadOf: "procMount" },
  {
    id: "restrictedVolumes",
    level: "restricted",
    revisions: [[0, restricted.restrictedVolumes]],
    insteadOf: "hostPathVolumes",
  },
  {
    id: "runAsNonRoot",
    level: "restricted",
    revisions: [
      [0, restricted.runAsNonRoot],
      [35, exceptUserNamespace(restricted.runAsNonRoot)],
    ],
  },
  {
    id: "runAsUser",
    level: "restricted",
    revisions: [
      [23, restricted.runAsUser],
      [35, exceptUserNamespace(restricted.runAsUser)],
    ],
  },
  {
    id: "seccompProfile_restricted",
    level: "restricted",
    revisions: [
      [19, restricted.seccompRestricted],
      [25, exceptWindows(restricted.seccompRestricted)],
    ],
    insteadOf: "seccompProfile_baseline",
  },
];

/** The checks that a policy asks for, in the order in which an API server tells what fails; none for `privileged`. */
export function podSecurityRules({
  level,
  version,
}: PodSecurityPolicy): readonly { readonly id: PodSecurityCheckId; readonly rule: PodRule }[] {
  if (level === "privileged") return [];
  const minor = version === "latest" ? newestPodSecurityVersion : version;
  const chosen = rules.flatMap((check) => {
    const rule = check.revisions.findLast(([since]) => since <= minor)?.[1];
    return rule && (check.level === "baseline" || level === "restricted") ? [{ check, rule }] : [];
  });
  const replaced = new Set(chosen.map(({ check }) => check.insteadOf));
  return chosen.filter(({ check }) => !replaced.has(check.id)).map(({ check: { id }, rule }) => ({ id, rule }));
}
