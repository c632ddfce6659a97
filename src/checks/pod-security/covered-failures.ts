import type { CheckResult } from "../../model/checks/check.ts";
import { manifestChecks } from "../manifests/manifest-checks.ts";

/** Checks by id, and the checks of the same subject whose failures say nothing more at the same field. */
export const coveredBy: Readonly<Record<string, readonly string[]>> = {
  "pss/privileged": ["manifests/privileged"],
  "pss/hostNamespaces": ["manifests/host-network", "manifests/host-pid", "manifests/host-ipc"],
  "pss/hostPathVolumes": ["manifests/host-path"],
  "pss/restrictedVolumes": ["manifests/host-path"],
  "pss/hostPorts": ["manifests/host-port"],
  "pss/capabilities_baseline": ["manifests/capability-dangerous", "manifests/capability-added"],
  "pss/capabilities_restricted": [
    "manifests/capability-added",
    "manifests/capability-net-raw",
    "manifests/capabilities-not-dropped",
  ],
  "manifests/capability-sys-admin": ["manifests/capability-dangerous", "manifests/capability-added"],
  "manifests/capability-dangerous": ["manifests/capability-added", "manifests/capability-net-raw"],
  "pss/appArmorProfile": ["manifests/app-armor"],
  "pss/seLinuxOptions": ["manifests/selinux-options"],
  "pss/seccompProfile_baseline": ["manifests/seccomp-profile"],
  "pss/seccompProfile_restricted": ["manifests/seccomp-profile"],
  "pss/allowPrivilegeEscalation": ["manifests/privilege-escalation"],
  "pss/runAsNonRoot": ["manifests/run-as-root"],
  "pss/runAsUser": ["manifests/run-as-root"],
};

const passTitles: ReadonlyMap<string, string> = new Map(manifestChecks.map(({ id, title }) => [id, title.pass]));
const severities: readonly CheckResult["severity"][] = ["low", "medium", "high", "critical"];

/**
 * The results without failures that another failure says already: of the same subject and field of the same resource,
 * and at least as severe. A check all of whose failures were left out is `not-applicable`, with what says it.
 */
export function withoutCovered(results: readonly CheckResult[]): CheckResult[] {
  const covering = Map.groupBy(
    results.filter(({ id, state }) => state === "fail" && coveredBy[id] !== undefined),
    placeOf,
  );
  const kept = new Set<string>();
  const leftOut = new Map<string, { result: CheckResult; by: string }>();
  const rest = results.filter((result) => {
    const by =
      result.state === "fail" ? covering.get(placeOf(result))?.find((other) => covers(other, result)) : undefined;
    if (!by) kept.add(result.id);
    else leftOut.set(result.id, { result, by: by.id });
    return by === undefined;
  });
  for (const [id, { result, by }] of leftOut) {
    if (kept.has(id)) continue;
    const { severity, remediation, mappings } = result;
    const title = passTitles.get(id) ?? result.title;
    const reason = `${by} says the same`;
    rest.push({ id, state: "not-applicable", severity, title, evidence: [], reason, remediation, mappings });
  }
  return rest;
}

/** The resource without its container, in its file. */
function placeOf({ resource = "", location }: CheckResult): string {
  const end = resource.lastIndexOf(" container ");
  return `${location?.path ?? ""}\n${end < 0 ? resource : resource.slice(0, end)}`;
}

function covers(one: CheckResult, other: CheckResult): boolean {
  if (!coveredBy[one.id]?.includes(other.id)) return false;
  if (severities.indexOf(one.severity) < severities.indexOf(other.severity)) return false;
  const [{ subject } = { subject: "" }] = other.evidence;
  return one.evidence.some((evidence) => isWithin(evidence.subject, subject) || isWithin(subject, evidence.subject));
}

/** Whether a field is another one, or lies in it. */
function isWithin(inner: string, outer: string): boolean {
  if (!inner.startsWith(outer)) return false;
  return inner.length === outer.length || inner[outer.length] === "." || inner[outer.length] === "[";
}
