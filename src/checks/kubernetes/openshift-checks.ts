import type { KubernetesClusterFacts } from "../../model/checks/kubernetes-facts.ts";
import { objectIn, textIn, textsIn } from "../../model/objects/json-members.ts";
import type { JsonObject } from "../../model/objects/json-object.ts";
import type { Check, Observation } from "../check.ts";
import { grantsOf } from "./access-rights.ts";
import { clusterFlavour } from "./cluster-flavour.ts";
import { clusterCheck, someOf, systemNamespaces } from "./cluster-objects.ts";
import type { CheckTexts } from "./setting-check.ts";

const group = "security.openshift.io";
const needs = ["roles", "clusterRoles", "roleBindings", "clusterRoleBindings"] as const;

/** Checks that apply only to OpenShift, or to a cloud whose API does not show a setting. */
export const openShiftChecks: readonly Check<KubernetesClusterFacts>[] = [
  clusterCheck(
    {
      name: "openshift-unsupported-overrides",
      title: {
        pass: "Control plane operator has no unsupported overrides",
        fail: "Control plane operator has unsupported overrides",
      },
      severity: "medium",
      why: "Overrides replace safe settings of the operator, and persist through every update.",
      remediation: "Remove spec.unsupportedConfigOverrides from the operator object.",
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
      title: {
        pass: "Only system accounts can use privileged security context constraints",
        fail: "Other accounts can use privileged security context constraints",
      },
      severity: "high",
      why: "An account with privileged constraints can become root on a node with one pod.",
      remediation:
        "Remove the account from the constraints, or create constraints with only the permissions that it needs.",
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
    title: {
      pass: "Control plane endpoints require authorization",
      fail: "Control plane endpoints do not require authorization",
    },
    severity: "low",
    why: "Health and metrics show which components run, in which version, and under which load.",
    remediation:
      "Request /metrics of the API server, the controller manager and the scheduler with the token of an account without permissions: each must respond with 403.",
    flavour: "openshift",
    reason: "the check does not send requests to the components; review their responses",
  }),
  manual({
    name: "openshift-audit-forwarding",
    title: { pass: "Audit logs are stored outside the cluster", fail: "Audit logs are not stored outside the cluster" },
    severity: "medium",
    why: "An attacker who takes over the cluster can delete logs that are stored in it.",
    remediation: "Forward audit logs with a ClusterLogForwarder, or collect them from the nodes.",
    flavour: "openshift",
    reason: "logs may be collected in ways that the Kubernetes API does not show; review the log collection",
  }),
  manual({
    name: "audit-log-collection",
    title: { pass: "Audit logs are collected and monitored", fail: "Audit logs are not collected or not monitored" },
    severity: "medium",
    why: "An intrusion is found only if logs are monitored.",
    remediation: "Send the control plane logs to a store that raises alerts.",
    flavour: "eks",
    reason: "the cloud manages log collection; review it in the cloud console",
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
 * Constraints apply to the subjects that they name, and to those with the verb `use` on them. Source: OpenShift,
 * "Managing SCCs".
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
    evidence: [
      {
        subject: "accounts that can use it",
        value: someOf(others) || "system accounts",
        expected: "only system accounts",
      },
    ],
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
