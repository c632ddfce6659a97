import { objectIn, textIn, textsIn } from "../../model/json-members.ts";
import type { JsonObject } from "../../model/json-object.ts";
import type { KubernetesClusterFacts } from "../../model/kubernetes-facts.ts";
import type { Check, Observation } from "../check.ts";
import { grantsOf } from "./access-rights.ts";
import { clusterFlavour } from "./cluster-flavour.ts";
import { clusterCheck, someOf, systemNamespaces } from "./cluster-objects.ts";
import type { CheckTexts } from "./setting-check.ts";

const group = "security.openshift.io";
const needs = ["roles", "clusterRoles", "roleBindings", "clusterRoleBindings"] as const;

/**
 * Checks of what only OpenShift has, and what of other clouds' clusters no API shows. They do not apply to other
 * clusters.
 */
export const openShiftChecks: readonly Check<KubernetesClusterFacts>[] = [
  clusterCheck(
    {
      name: "openshift-unsupported-overrides",
      title: "No operator of the control plane has settings that nobody supports",
      severity: "medium",
      why: "Overrides replace settings that the operators keep safe, and are kept through every update.",
      remediation: "Remove spec.unsupportedConfigOverrides from the operator's object.",
    },
    [],
    ({ openShift }) => {
      if (!openShift) return [];
      const { overrides } = openShift;
      if ("unavailable" in overrides) return [{ state: "warn", reason: overrides.unavailable, evidence: [] }];
      return Object.entries(overrides.value).map(
        ([operator, value]): Observation => ({
          state: value === null ? "pass" : "fail",
          resource: `${operator}/cluster`,
          evidence: [
            {
              subject: "spec.unsupportedConfigOverrides",
              value: value === null ? "none" : JSON.stringify(value).slice(0, 500),
              expected: "none",
            },
          ],
        }),
      );
    },
  ),
  clusterCheck(
    {
      name: "openshift-privileged-constraints",
      title: "Nobody beside the system may use security context constraints that give the host away",
      severity: "high",
      why: "Who may use privileged constraints becomes root on a node with one pod.",
      remediation: "Take the account off the constraints, or make constraints with what it needs and no more.",
    },
    needs,
    (facts) => {
      const { openShift } = facts;
      if (!openShift) return [];
      const { constraints } = openShift;
      if ("unavailable" in constraints) return [{ state: "warn", reason: constraints.unavailable, evidence: [] }];
      return constraints.value.filter(givesHostAway).map((constraint) => observeConstraint(facts, constraint));
    },
  ),
  manual({
    name: "openshift-component-endpoints",
    title: "Health and metrics of the control plane are shown to those with a right only",
    severity: "low",
    why: "They tell what runs, in which version, and how busy it is.",
    remediation:
      "Ask /metrics of the API server, the controller manager and the scheduler with the token of an account without rights: each must refuse with 403.",
    flavour: "openshift",
    reason: "nothing tells without asking the components themselves",
  }),
  manual({
    name: "openshift-audit-forwarding",
    title: "Audit logs are kept outside of the cluster",
    severity: "medium",
    why: "Who takes over the cluster can delete what lies in it.",
    remediation: "Forward audit logs with a ClusterLogForwarder, or collect them from the nodes.",
    flavour: "openshift",
    reason: "logs may be collected in ways that no object shows",
  }),
  manual({
    name: "audit-log-collection",
    title: "Audit logs are collected and looked at",
    severity: "medium",
    why: "A log that nobody reads finds no intruder.",
    remediation: "Send the logs of the control plane to a store with alerts on them.",
    flavour: "eks",
    reason: "what becomes of logs is set with the cloud, not in the cluster",
  }),
];

function manual({
  flavour,
  reason,
  ...texts
}: CheckTexts & {
  readonly flavour: "openshift" | "eks";
  readonly reason: string;
}): Check<KubernetesClusterFacts> {
  return clusterCheck(texts, [], (facts) =>
    clusterFlavour(facts) === flavour ? [{ state: "manual", reason, evidence: [] }] : [],
  );
}

function givesHostAway(constraint: JsonObject): boolean {
  const open = [
    "allowPrivilegedContainer",
    "allowHostPID",
    "allowHostIPC",
    "allowHostNetwork",
    "allowHostDirVolumePlugin",
  ];
  return open.some((key) => constraint[key] === true) || textsIn(constraint, "allowedCapabilities").includes("*");
}

/**
 * Constraints are used by those whom they name, and by those with the verb `use` on them. Source: OpenShift, "Managing
 * SCCs".
 */
function observeConstraint(facts: KubernetesClusterFacts, constraint: JsonObject): Observation {
  const name = textIn(objectIn(constraint, "metadata"), "name");
  const users = textsIn(constraint, "users").map(userText);
  const groups = textsIn(constraint, "groups").map((one) => `Group ${one}`);
  const granted = grantsOf(facts)
    .filter(({ role, rules }) => role !== "ClusterRole cluster-admin" && rules.some((rule) => mayUse(rule, name)))
    .flatMap(({ subjects }) => subjects);
  const isSystem = systemNamespaces(facts);
  const others = [...new Set([...users, ...groups, ...granted])]
    .filter((subject) => !isSystemSubject(subject, isSystem))
    .sort();
  return {
    state: others.length === 0 ? "pass" : "fail",
    resource: `SecurityContextConstraints ${name}`,
    evidence: [{ subject: "who may use it", value: someOf(others) || "the system", expected: "the system" }],
  };
}

function mayUse(rule: JsonObject, name: string): boolean {
  const has = (key: string, wanted: string): boolean => {
    const values = textsIn(rule, key);
    return values.includes("*") || values.includes(wanted);
  };
  const names = textsIn(rule, "resourceNames");
  const isNamed = names.length === 0 || names.includes(name);
  return isNamed && has("apiGroups", group) && has("resources", "securitycontextconstraints") && has("verbs", "use");
}

function userText(user: string): string {
  const [, namespace, account] = /^system:serviceaccount:([^:]+):(.+)$/.exec(user) ?? [];
  return namespace === undefined ? `User ${user}` : `ServiceAccount ${namespace}/${account}`;
}

function isSystemSubject(subject: string, isSystem: (namespace: string) => boolean): boolean {
  const namespace = /^ServiceAccount ([^/]+)\//.exec(subject)?.[1];
  if (namespace !== undefined) return isSystem(namespace);
  return (
    /^User system:(?!anonymous$)/.test(subject) ||
    /^Group system:(?:masters|nodes|cluster-admins|node.*|serviceaccounts:openshift-.*)$/.test(subject)
  );
}
