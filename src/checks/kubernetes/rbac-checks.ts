import type { KubernetesClusterFacts } from "../../model/checks/kubernetes-facts.ts";
import { objectIn, objectsIn, textIn, textsIn } from "../../model/objects/json-members.ts";
import { certificateSigners } from "../certificate-signers.ts";
import type { Check, Observation } from "../check.ts";
import { resourceTitle } from "../manifests/manifest-resource.ts";
import { allows, type Grant, grantsOf, isOwnGrant, type Right } from "./access-rights.ts";
import { clusterCheck, objectsOf, someOf } from "./cluster-objects.ts";
import { kubectlCommand } from "./kubectl-command.ts";
import type { CheckTexts } from "./setting-check.ts";

/** Groups that cluster installers create for administrators. */
const administrators: ReadonlySet<string> = new Set(["Group system:masters", "Group kubeadm:cluster-admins"]);
const needs = ["roles", "clusterRoles", "roleBindings", "clusterRoleBindings"] as const;

const approvalRights: readonly Right[] = [
  { group: "certificates.k8s.io", resource: "certificatesigningrequests/approval", verbs: ["update", "patch"] },
  { group: "certificates.k8s.io", resource: "signers", verbs: ["approve"], names: certificateSigners },
];

/** Checks of RBAC grants. Grants of Kubernetes to its own components are excluded. */
export const rbacChecks: readonly Check<KubernetesClusterFacts>[] = [
  clusterCheck(
    {
      name: "rbac-cluster-admin",
      title: {
        pass: "cluster-admin is bound only to the administrators group",
        fail: "cluster-admin is bound to other subjects",
      },
      severity: "high",
      why: "Subjects with cluster-admin can do everything, and so can an attacker who steals one of their tokens.",
      remediation: "Replace cluster-admin with roles that grant only the permissions that are needed.",
    },
    needs,
    (facts) =>
      grantsOf(facts)
        .filter(({ role }) => role === "ClusterRole cluster-admin")
        .map((grant): Observation => {
          const others = grant.subjects.filter((subject) => !administrators.has(subject));
          return {
            state: others.length === 0 ? "pass" : "fail",
            resource: resourceTitle(grant.binding),
            evidence: [
              {
                subject: "subjects",
                value: someOf(grant.subjects) || "none",
                expected: "only the administrators group",
              },
            ],
          };
        }),
  ),
  rightCheck(
    {
      name: "rbac-secrets",
      title: {
        pass: "Only system accounts can read all secrets",
        fail: "Other accounts can read secrets without restriction to names",
      },
      severity: "high",
      why: "Secrets contain credentials of service accounts and databases, so read access grants their permissions.",
      remediation: "Grant get on individual secrets by name.",
    },
    [{ group: "", resource: "secrets", verbs: ["get", "list", "watch"] }],
  ),
  clusterCheck(
    {
      name: "rbac-wildcards",
      title: { pass: "Role uses no wildcards", fail: "Role uses wildcards" },
      severity: "medium",
      why: "A wildcard also grants access to resources and verbs that are added later.",
      remediation: "List the resources and verbs that are needed.",
    },
    needs,
    (facts) =>
      [...objectsOf(facts, "roles"), ...objectsOf(facts, "clusterRoles")]
        .filter(({ name, object }) => !isBuiltInRole(name, objectIn(object, "metadata")))
        .map((role): Observation => {
          const wide = objectsIn(role.object, "rules").filter((rule) =>
            ["apiGroups", "resources", "verbs"].some((key) => textsIn(rule, key).includes("*")),
          );
          const shown = wide.map(
            (rule) => `${textsIn(rule, "verbs").join("|")} on ${textsIn(rule, "resources").join("|")}`,
          );
          return {
            state: wide.length === 0 ? "pass" : "fail",
            resource: resourceTitle(role),
            evidence: [{ subject: "rules with *", value: someOf(shown, 3) || "none", expected: "none" }],
          };
        }),
  ),
  rightCheck(
    {
      name: "rbac-create-pods",
      title: { pass: "Only system accounts can create pods directly", fail: "Other accounts can create pods directly" },
      severity: "high",
      why: "A pod can mount every secret of its namespace and, without a pod policy, directories of the host.",
      remediation: "Allow users to create workloads only in their own namespaces, under a Pod Security level.",
    },
    [{ group: "", resource: "pods", verbs: ["create"] }],
  ),
  clusterCheck(
    {
      name: "rbac-default-service-account",
      title: {
        pass: "Default service account has no roles and no automatic token mount",
        fail: "Default service account has roles or an automatic token mount",
      },
      severity: "medium",
      why: "Every pod without a named service account uses the default one, with all its permissions.",
      remediation:
        "Set automountServiceAccountToken: false on default service accounts, and bind roles to dedicated service accounts.",
    },
    [...needs, "serviceAccounts"],
    (facts) => {
      const grants = grantsOf(facts);
      return objectsOf(facts, "serviceAccounts")
        .filter(({ name }) => name === "default")
        .map((account): Observation => {
          const own = grants.filter(({ subjects }) => subjects.includes(`ServiceAccount ${account.namespace}/default`));
          const mounts = account.object["automountServiceAccountToken"] !== false;
          const patch = ["patch", "serviceaccount", "default", "--namespace", "NAMESPACE", "--patch"];
          const command = kubectlCommand([...patch, JSON.stringify({ automountServiceAccountToken: false })], {
            NAMESPACE: account.namespace,
          });
          return {
            ...(mounts && command !== undefined && { commands: [command] }),
            state: own.length > 0 || mounts ? "fail" : "pass",
            resource: resourceTitle(account),
            evidence: [
              {
                subject: "automountServiceAccountToken",
                value: mounts ? "not set to false" : "false",
                expected: "false",
              },
              { subject: "roles", value: someOf(own.map(({ role }) => role)) || "none", expected: "none" },
            ],
          };
        });
    },
  ),
  clusterCheck(
    {
      name: "rbac-system-masters",
      title: { pass: "Group system:masters has no bindings", fail: "Group system:masters has bindings" },
      severity: "high",
      why: "Members of the group bypass all authorization, and their certificates cannot be revoked.",
      remediation: "Bind roles to groups of users, and keep system:masters certificates for emergencies.",
    },
    needs,
    (facts) => {
      const others = grantsOf(facts).filter(
        (grant) => !isOwnGrant(grant) && grant.subjects.includes("Group system:masters"),
      );
      if (others.length > 0) return others.map((grant) => grantObservation(grant, "fail"));
      // The cluster does not show who has a certificate of the group.
      const evidence = [{ subject: "bindings of system:masters", value: "none", expected: "none" }];
      return [
        {
          state: "manual",
          reason: "certificates of the group can be issued outside the cluster; review who has one",
          evidence,
        },
      ];
    },
  ),
  rightCheck(
    {
      name: "rbac-escalation",
      title: {
        pass: "Only system accounts can bind, escalate or impersonate",
        fail: "Other accounts can bind, escalate or impersonate",
      },
      severity: "high",
      why: "The verbs bind, escalate and impersonate lead to every permission of the cluster.",
      remediation: "Remove these verbs, or limit them to specific names.",
    },
    [
      { group: "rbac.authorization.k8s.io", resource: "clusterroles", verbs: ["bind", "escalate"] },
      { group: "rbac.authorization.k8s.io", resource: "roles", verbs: ["bind", "escalate"] },
      { group: "", resource: "users", verbs: ["impersonate"] },
      { group: "", resource: "groups", verbs: ["impersonate"] },
      { group: "", resource: "serviceaccounts", verbs: ["impersonate"] },
    ],
  ),
  rightCheck(
    {
      name: "rbac-persistent-volumes",
      title: {
        pass: "Only system accounts can create persistent volumes",
        fail: "Other accounts can create persistent volumes",
      },
      severity: "medium",
      why: "A persistent volume of type hostPath gives access to any directory of a node.",
      remediation: "Use a provisioner to create volumes, and grant users access to claims only.",
    },
    [{ group: "", resource: "persistentvolumes", verbs: ["create"] }],
  ),
  rightCheck(
    {
      name: "rbac-nodes-proxy",
      title: {
        pass: "Only system accounts can access the kubelet API through nodes/proxy",
        fail: "Other accounts can access the kubelet API through nodes/proxy",
      },
      severity: "high",
      why: "nodes/proxy allows commands in every container of a node, and bypasses admission and the audit log.",
      remediation: "Grant nodes/metrics or nodes/stats instead.",
    },
    [{ group: "", resource: "nodes/proxy", verbs: ["get", "create"] }],
  ),
  clusterCheck(
    {
      name: "rbac-certificate-approval",
      title: { pass: "Only system accounts can approve certificates", fail: "Other accounts can approve certificates" },
      severity: "high",
      why: "A subject that can create and approve certificate requests can issue identities for itself.",
      remediation: "Leave approval to the controllers of the cluster.",
    },
    needs,
    (facts) => {
      const grants = foreignGrants(facts);
      const [changing = [], approving = []] = approvalRights.map((right) =>
        grants.filter((grant) => gives(grant, right)),
      );
      const approvers = new Set(approving.flatMap(({ subjects }) => subjects));
      // An API server asks for both rights, which two bindings can give.
      return grantsResult(changing.filter(({ subjects }) => subjects.some((subject) => approvers.has(subject))));
    },
  ),
  rightCheck(
    {
      name: "rbac-webhooks",
      title: {
        pass: "Only system accounts can change admission webhooks",
        fail: "Other accounts can change admission webhooks",
      },
      severity: "high",
      why: "A webhook can read and change every object that is created.",
      remediation: "Grant these permissions only to cluster administrators.",
    },
    [
      {
        group: "admissionregistration.k8s.io",
        resource: "validatingwebhookconfigurations",
        verbs: ["create", "update", "patch"],
      },
      {
        group: "admissionregistration.k8s.io",
        resource: "mutatingwebhookconfigurations",
        verbs: ["create", "update", "patch"],
      },
    ],
  ),
  rightCheck(
    {
      name: "rbac-token-creation",
      title: {
        pass: "Only system accounts can create service account tokens",
        fail: "Other accounts can create service account tokens",
      },
      severity: "high",
      why: "A token grants all permissions of its service account, for as long as the request specifies.",
      remediation: "Grant create on serviceaccounts/token for individual accounts by name.",
    },
    [{ group: "", resource: "serviceaccounts/token", verbs: ["create"] }],
  ),
  groupCheck("User system:anonymous", {
    name: "rbac-anonymous",
    title: { pass: "User system:anonymous has no roles", fail: "User system:anonymous has roles" },
    severity: "critical",
    why: "Every client that can reach the API server has these permissions.",
    remediation: "Delete the binding.",
  }),
  groupCheck("Group system:unauthenticated", {
    name: "rbac-unauthenticated",
    title: { pass: "Group system:unauthenticated has no roles", fail: "Group system:unauthenticated has roles" },
    severity: "critical",
    why: "Every client that can reach the API server has these permissions.",
    remediation: "Delete the binding.",
  }),
  groupCheck("Group system:authenticated", {
    name: "rbac-authenticated",
    title: { pass: "Group system:authenticated has no roles", fail: "Group system:authenticated has roles" },
    severity: "high",
    why: "On some clouds, everyone with an account of the provider can authenticate.",
    remediation: "Bind the role to a specific group.",
  }),
];

function rightCheck(texts: CheckTexts, rights: readonly Right[]): Check<KubernetesClusterFacts> {
  return clusterCheck(texts, needs, (facts) =>
    grantsResult(foreignGrants(facts).filter((grant) => rights.some((right) => gives(grant, right)))),
  );
}

/** Grants to others than the system; cluster-admin is a finding of its own, and has every right. */
function foreignGrants(facts: KubernetesClusterFacts): readonly Grant[] {
  return grantsOf(facts).filter(
    (grant) => !isOwnGrant(grant) && grant.role !== "ClusterRole cluster-admin" && grant.subjects.length > 0,
  );
}

function gives({ rules }: Grant, right: Right): boolean {
  return rules.some((rule) => allows(rule, right));
}

function grantsResult(found: readonly Grant[]): Observation[] {
  if (found.length > 0) return found.map((grant) => grantObservation(grant, "fail"));
  return [{ state: "pass", evidence: [{ subject: "bindings with this permission", value: "none", expected: "none" }] }];
}

function groupCheck(subject: string, texts: CheckTexts): Check<KubernetesClusterFacts> {
  return clusterCheck(texts, needs, (facts) => {
    const found = grantsOf(facts).filter((grant) => !isOwnGrant(grant) && grant.subjects.includes(subject));
    if (found.length > 0) {
      return found.map((grant): Observation => {
        // A binding with other subjects must be edited manually.
        const command = grant.subjects.length === 1 ? deleteCommand(grant) : undefined;
        return { ...grantObservation(grant, "fail"), ...(command !== undefined && { commands: [command] }) };
      });
    }
    return [{ state: "pass", evidence: [{ subject: `bindings of ${subject}`, value: "none", expected: "none" }] }];
  });
}

function deleteCommand({ binding: { kind, name, namespace } }: Grant): string | undefined {
  const where = kind === "RoleBinding" ? ["--namespace", "NAMESPACE"] : [];
  const names = { NAME: name, ...(kind === "RoleBinding" && { NAMESPACE: namespace }) };
  return kubectlCommand(["delete", kind.toLowerCase(), "NAME", ...where], names);
}

function grantObservation(grant: Grant, state: "fail" | "pass"): Observation {
  const where = grant.namespace === undefined ? "in all namespaces" : `in ${grant.namespace}`;
  return {
    state,
    resource: resourceTitle(grant.binding),
    evidence: [
      { subject: "subjects", value: someOf(grant.subjects) },
      { subject: "role", value: `${grant.role} ${where}` },
    ],
  };
}

function isBuiltInRole(name: string, metadata: Parameters<typeof textIn>[0]): boolean {
  return (
    textIn(objectIn(metadata, "labels"), "kubernetes.io/bootstrapping") === "rbac-defaults" ||
    name.startsWith("system:")
  );
}
