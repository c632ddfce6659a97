import { objectIn, objectsIn, textIn, textsIn } from "../../model/json-members.ts";
import type { KubernetesClusterFacts } from "../../model/kubernetes-facts.ts";
import { certificateSigners } from "../certificate-signers.ts";
import type { Check, Observation } from "../check.ts";
import { resourceTitle } from "../manifests/manifest-resource.ts";
import { allows, type Grant, grantsOf, isOwnGrant, type Right } from "./access-rights.ts";
import { clusterCheck, objectsOf, someOf } from "./cluster-objects.ts";
import { kubectlCommand } from "./kubectl-command.ts";
import type { CheckTexts } from "./setting-check.ts";

/** Groups that whoever makes a cluster makes for its administrators. */
const administrators: ReadonlySet<string> = new Set(["Group system:masters", "Group kubeadm:cluster-admins"]);
const needs = ["roles", "clusterRoles", "roleBindings", "clusterRoleBindings"] as const;

const approvalRights: readonly Right[] = [
  { group: "certificates.k8s.io", resource: "certificatesigningrequests/approval", verbs: ["update", "patch"] },
  { group: "certificates.k8s.io", resource: "signers", verbs: ["approve"], names: certificateSigners },
];

/** Checks of who may do what in a cluster. Rights that Kubernetes gives to its own components are left out. */
export const rbacChecks: readonly Check<KubernetesClusterFacts>[] = [
  clusterCheck(
    {
      name: "rbac-cluster-admin",
      title: "cluster-admin is bound to nobody beside the administrators' group",
      severity: "high",
      why: "Who holds it may do everything, everywhere, and gives it away with every token that is stolen.",
      remediation: "Give roles with the rights that are needed in place of cluster-admin.",
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
              { subject: "subjects", value: someOf(grant.subjects) || "none", expected: "the administrators' group" },
            ],
          };
        }),
  ),
  rightCheck(
    {
      name: "rbac-secrets",
      title: "Nobody beside the system may read secrets at large",
      severity: "high",
      why: "Secrets hold the credentials of service accounts and databases: reading them is having their rights.",
      remediation: "Grant get on single secrets by name.",
    },
    [{ group: "", resource: "secrets", verbs: ["get", "list", "watch"] }],
  ),
  clusterCheck(
    {
      name: "rbac-wildcards",
      title: "Roles name what they allow",
      severity: "medium",
      why: "A wildcard also allows what will be added tomorrow.",
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
      title: "Nobody beside the system may create pods at large",
      severity: "high",
      why: "A pod can mount every secret of its namespace, and without a pod policy also the host.",
      remediation: "Let people create workloads in their own namespaces only, under a Pod Security level.",
    },
    [{ group: "", resource: "pods", verbs: ["create"] }],
  ),
  clusterCheck(
    {
      name: "rbac-default-service-account",
      title: "Default service accounts have no rights and no token in pods",
      severity: "medium",
      why: "Every pod that names no account runs as the default one, and gets what was given to it.",
      remediation:
        "Set automountServiceAccountToken: false on default service accounts, and bind roles to accounts of their own.",
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
              { subject: "automountServiceAccountToken", value: mounts ? "not false" : "false", expected: "false" },
              { subject: "roles", value: someOf(own.map(({ role }) => role)) || "none", expected: "none" },
            ],
          };
        });
    },
  ),
  clusterCheck(
    {
      name: "rbac-system-masters",
      title: "No binding names the group system:masters",
      severity: "high",
      why: "Members of the group are above every check of rights, and nothing can take that away from a certificate.",
      remediation: "Bind roles to groups of people, and keep certificates of system:masters for emergencies.",
    },
    needs,
    (facts) => {
      const others = grantsOf(facts).filter(
        (grant) => !isOwnGrant(grant) && grant.subjects.includes("Group system:masters"),
      );
      if (others.length > 0) return others.map((grant) => grantObservation(grant, "fail"));
      // Who holds a certificate of the group cannot be seen in the cluster.
      const evidence = [{ subject: "bindings of system:masters", value: "none", expected: "none" }];
      return [{ state: "manual", reason: "certificates of the group are issued outside of the cluster", evidence }];
    },
  ),
  rightCheck(
    {
      name: "rbac-escalation",
      title: "Nobody beside the system may give away more rights than they have",
      severity: "high",
      why: "bind, escalate and impersonate lead to every right of the cluster.",
      remediation: "Remove these verbs, or limit them to single names.",
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
      title: "Nobody beside the system may create persistent volumes",
      severity: "medium",
      why: "A persistent volume of type hostPath opens any folder of a node.",
      remediation: "Let a provisioner create volumes, and grant people claims only.",
    },
    [{ group: "", resource: "persistentvolumes", verbs: ["create"] }],
  ),
  rightCheck(
    {
      name: "rbac-nodes-proxy",
      title: "Nobody beside the system may speak to kubelets through the API server",
      severity: "high",
      why: "nodes/proxy runs commands in every container of a node, past admission and past the audit log.",
      remediation: "Grant nodes/metrics or nodes/stats in its place.",
    },
    [{ group: "", resource: "nodes/proxy", verbs: ["get", "create"] }],
  ),
  clusterCheck(
    {
      name: "rbac-certificate-approval",
      title: "Nobody beside the system may approve certificates",
      severity: "high",
      why: "Who approves requests and may create them makes identities for himself.",
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
      title: "Nobody beside the system may change admission webhooks",
      severity: "high",
      why: "A webhook reads every object that is created, and may change it.",
      remediation: "Keep these rights to those who run the cluster.",
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
      title: "Nobody beside the system may make tokens of service accounts",
      severity: "high",
      why: "With a token of an account one has its rights, for as long as one asks for.",
      remediation: "Grant create on serviceaccounts/token for single accounts by name.",
    },
    [{ group: "", resource: "serviceaccounts/token", verbs: ["create"] }],
  ),
  groupCheck("User system:anonymous", {
    name: "rbac-anonymous",
    title: "Nothing is granted to those who did not log in",
    severity: "critical",
    why: "Whoever reaches the API server has these rights.",
    remediation: "Delete the binding.",
  }),
  groupCheck("Group system:unauthenticated", {
    name: "rbac-unauthenticated",
    title: "Nothing is granted to the group of those who did not log in",
    severity: "critical",
    why: "Whoever reaches the API server has these rights.",
    remediation: "Delete the binding.",
  }),
  groupCheck("Group system:authenticated", {
    name: "rbac-authenticated",
    title: "Nothing is granted to everybody who logs in",
    severity: "high",
    why: "With some clouds everybody in the world with an account there can log in.",
    remediation: "Bind the role to a group of your own.",
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
  return [{ state: "pass", evidence: [{ subject: "bindings with this right", value: "none", expected: "none" }] }];
}

function groupCheck(subject: string, texts: CheckTexts): Check<KubernetesClusterFacts> {
  return clusterCheck(texts, needs, (facts) => {
    const found = grantsOf(facts).filter((grant) => !isOwnGrant(grant) && grant.subjects.includes(subject));
    if (found.length > 0) {
      return found.map((grant): Observation => {
        // A binding that others share is changed by hand.
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
