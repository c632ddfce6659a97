import type { Check } from "../../check.ts";
import { cis, cwe, mitre, nsa } from "../../mappings.ts";
import { objectsAt, textsAt } from "../kustomize/json-path.ts";
import { manifestCheck } from "../manifest-check.ts";
import type { ManifestFacts } from "../manifest-resource.ts";
import { approveCertificatesCheck } from "./rbac-approve-certificates.ts";
import { isOwnOfKubernetes, isRole } from "./rbac-grants.ts";
import { boundTo, powerCheck, rbac, rbacText, workloads } from "./rbac-powers.ts";

/** What roles grant. */
export const rbacRoleChecks: readonly Check<ManifestFacts>[] = [
  manifestCheck(
    rbacText("wildcard", {
      title: { pass: "Role has no wildcards", fail: "Role has wildcards" },
      severity: "high",
      why: "A wildcard also grants access to resources and verbs that are added later.",
      remediation: "List the groups, resources and verbs that are needed.",
      mappings: [cis("5.1.3"), nsa("Authentication and authorization"), mitre("T1078"), cwe("269")],
    }),
    {
      isAbout: isRole,
      *examine(resource, facts) {
        if (isOwnOfKubernetes(resource)) return;
        for (const [index, rule] of objectsAt(resource.object, "rules")) {
          const places = ["resources", "verbs", "apiGroups", "nonResourceURLs"].flatMap((key) =>
            textsAt(rule, key).flatMap((text, at) => (text === "*" ? [{ path: ["rules", index, key, at] }] : [])),
          );
          if (places.length > 0) yield { places, ...boundTo(resource, facts) };
        }
      },
    },
  ),
  powerCheck(
    rbacText("all-powers", {
      title: { pass: "Role does not grant full access", fail: "Role grants full access" },
      severity: "critical",
      why: "Every subject with the role controls the cluster and all of its nodes.",
      remediation: "List the groups, resources and verbs that are needed.",
      mappings: [cis("5.1.1"), cis("5.1.3"), nsa("Authentication and authorization"), mitre("T1078"), cwe("250")],
    }),
    [],
    { isAll: true },
  ),
  powerCheck(
    rbacText("secrets", {
      title: { pass: "Role cannot read Secrets", fail: "Role can read Secrets" },
      severity: "high",
      why: "Secrets contain service account tokens, so a reader can act as these accounts. The verb list also returns the values of Secrets.",
      remediation: "Grant get on the Secrets that are needed with resourceNames, or mount them.",
      mappings: [cis("5.1.2"), nsa("Authentication and authorization"), mitre("T1552"), cwe("269")],
    }),
    [{ groups: [""], resources: ["secrets"], verbs: ["get", "list", "watch"] }],
  ),
  powerCheck(
    rbacText("impersonate", {
      title: { pass: "Role cannot impersonate users", fail: "Role can impersonate users" },
      severity: "critical",
      why: "Impersonation gives the permissions of any user or group, including system:masters.",
      remediation: "Remove the verb impersonate, or limit it with resourceNames.",
      mappings: [cis("5.1.8"), mitre("T1078"), cwe("269")],
    }),
    [
      {
        groups: ["", "authentication.k8s.io", rbac],
        resources: ["users", "groups", "serviceaccounts", "uids", "userextras"],
        verbs: ["impersonate"],
      },
    ],
  ),
  powerCheck(
    rbacText("escalate", {
      title: { pass: "Role cannot escalate or bind roles", fail: "Role can escalate or bind roles" },
      severity: "critical",
      why: "The verbs escalate and bind bypass the rule that users can grant only the permissions that they have.",
      remediation: "Remove the verbs escalate and bind, or limit them with resourceNames.",
      mappings: [cis("5.1.8"), mitre("T1098"), cwe("269")],
    }),
    [
      {
        groups: [rbac],
        resources: ["roles", "clusterroles", "rolebindings", "clusterrolebindings"],
        verbs: ["escalate", "bind"],
      },
    ],
  ),
  powerCheck(
    rbacText("edit-bindings", {
      title: { pass: "Role cannot change role bindings", fail: "Role can change role bindings" },
      severity: "high",
      why: "A user can then grant each of their own roles to other accounts without review.",
      remediation: "Remove create, update and patch on bindings; use a reviewed pipeline to change them.",
      mappings: [cis("5.1.8"), mitre("T1098"), cwe("269")],
    }),
    [
      {
        groups: [rbac],
        resources: ["rolebindings", "clusterrolebindings"],
        verbs: ["create", "update", "patch"],
      },
    ],
  ),
  powerCheck(
    rbacText("edit-roles", {
      title: { pass: "Role cannot change roles", fail: "Role can change roles" },
      severity: "medium",
      why: "A change of a role changes the permissions of all its subjects.",
      remediation: "Remove create, update and patch on roles; use a reviewed pipeline to change them.",
      mappings: [cis("5.1.8"), mitre("T1098"), cwe("269")],
    }),
    [
      {
        groups: [rbac],
        resources: ["roles", "clusterroles"],
        verbs: ["create", "update", "patch"],
      },
    ],
  ),
  powerCheck(
    rbacText("create-pods", {
      title: { pass: "Role cannot create pods", fail: "Role can create pods" },
      severity: "medium",
      why: "A new pod can use any service account of the namespace, and mount its Secrets.",
      remediation: "Use a controller or a pipeline to create pods, in namespaces that enforce a Pod Security Standard.",
      mappings: [cis("5.1.4"), nsa("Authentication and authorization"), mitre("T1610"), cwe("269")],
    }),
    [{ groups: [""], resources: ["pods"], verbs: ["create"] }],
  ),
  powerCheck(
    rbacText("edit-workloads", {
      title: { pass: "Role cannot create or change workloads", fail: "Role can create or change workloads" },
      severity: "medium",
      why: "The pods of a workload can run any code with any service account of the namespace.",
      remediation: "Use a pipeline to change workloads, in namespaces that enforce a Pod Security Standard.",
      mappings: [cis("5.1.4"), mitre("T1610"), cwe("269")],
    }),
    [
      {
        groups: ["apps", "extensions"],
        resources: workloads,
        verbs: ["create", "update", "patch"],
      },
      {
        groups: ["batch"],
        resources: ["jobs", "cronjobs"],
        verbs: ["create", "update", "patch"],
      },
      {
        groups: [""],
        resources: ["replicationcontrollers"],
        verbs: ["create", "update", "patch"],
      },
    ],
  ),
  powerCheck(
    rbacText("exec", {
      title: { pass: "Role cannot run commands in containers", fail: "Role can run commands in containers" },
      severity: "high",
      why: "A command in a container has the token, the Secrets and the network access of the pod.",
      remediation: "Remove pods/exec and pods/attach; use kubectl debug with copies of pods.",
      mappings: [mitre("T1609"), nsa("Authentication and authorization"), cwe("269")],
    }),
    [
      {
        groups: [""],
        resources: ["pods/exec", "pods/attach"],
        verbs: ["create", "get"],
      },
    ],
  ),
  powerCheck(
    rbacText("ephemeral-containers", {
      title: { pass: "Role cannot add ephemeral containers", fail: "Role can add ephemeral containers" },
      severity: "high",
      why: "An ephemeral container has access to the processes, the token and the network of the pod.",
      remediation: "Remove pods/ephemeralcontainers.",
      mappings: [mitre("T1610"), cwe("269")],
    }),
    [
      {
        groups: [""],
        resources: ["pods/ephemeralcontainers"],
        verbs: ["update", "patch"],
      },
    ],
  ),
  powerCheck(
    rbacText("port-forward", {
      title: { pass: "Role cannot forward ports to pods", fail: "Role can forward ports to pods" },
      severity: "medium",
      why: "A forwarded port bypasses network policies.",
      remediation: "Remove pods/portforward.",
      mappings: [mitre("T1090"), cwe("269")],
    }),
    [
      {
        groups: [""],
        resources: ["pods/portforward"],
        verbs: ["create", "get"],
      },
    ],
  ),
  powerCheck(
    rbacText("nodes-proxy", {
      title: { pass: "Role has no access to nodes/proxy", fail: "Role has access to nodes/proxy" },
      severity: "high",
      why: "With nodes/proxy, a user can run commands in every container of a node, without admission control or audit logging.",
      remediation: "Remove nodes/proxy; for metrics, grant nodes/metrics and nodes/stats.",
      mappings: [cis("5.1.10"), mitre("T1609"), cwe("269")],
    }),
    [
      {
        groups: [""],
        resources: ["nodes/proxy"],
        verbs: ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection", "deletecollection"],
      },
    ],
  ),
  powerCheck(
    rbacText("webhooks", {
      title: { pass: "Role cannot change admission webhooks", fail: "Role can change admission webhooks" },
      severity: "high",
      why: "A webhook can read and change every new object, and deleting a webhook removes its protection.",
      remediation: "Remove create, update and patch on webhook configurations.",
      mappings: [cis("5.1.12"), mitre("T1562"), cwe("269")],
    }),
    [
      {
        groups: ["admissionregistration.k8s.io"],
        resources: ["mutatingwebhookconfigurations", "validatingwebhookconfigurations"],
        verbs: ["create", "update", "patch", "delete", "deletecollection"],
      },
    ],
  ),
  approveCertificatesCheck,
  powerCheck(
    rbacText("create-tokens", {
      title: { pass: "Role cannot create service account tokens", fail: "Role can create service account tokens" },
      severity: "high",
      why: "A token gives all permissions of the account, with a lifetime of the requester's choice.",
      remediation: "Remove create on serviceaccounts/token, or limit it with resourceNames.",
      mappings: [cis("5.1.13"), mitre("T1528"), cwe("269")],
    }),
    [{ groups: [""], resources: ["serviceaccounts/token"], verbs: ["create"] }],
  ),
  powerCheck(
    rbacText("create-volumes", {
      title: { pass: "Role cannot create persistent volumes", fail: "Role can create persistent volumes" },
      severity: "medium",
      why: "A persistent volume can be a host directory, which Pod Security Standards do not cover.",
      remediation: "Remove create on persistentvolumes; use a provisioner to create volumes.",
      mappings: [cis("5.1.9"), mitre("T1611"), cwe("269")],
    }),
    [{ groups: [""], resources: ["persistentvolumes"], verbs: ["create"] }],
  ),
  powerCheck(
    rbacText("delete-events", {
      title: { pass: "Role cannot delete events", fail: "Role can delete events" },
      severity: "low",
      why: "Deleting events hides the traces of an attack.",
      remediation: "Remove delete and deletecollection on events.",
      mappings: [mitre("T1070"), cwe("269")],
    }),
    [
      {
        groups: ["", "events.k8s.io"],
        resources: ["events"],
        verbs: ["delete", "deletecollection"],
      },
    ],
  ),
  powerCheck(
    rbacText("delete", {
      title: {
        pass: "Role cannot delete workloads and their resources",
        fail: "Role can delete workloads and their resources",
      },
      severity: "low",
      why: "Deletion stops the service; deletecollection stops many at once.",
      remediation: "Remove delete and deletecollection, unless they are needed.",
      mappings: [mitre("T1485"), cwe("269")],
    }),
    [
      {
        groups: ["", "apps", "batch", "extensions"],
        resources: [
          "secrets",
          "pods",
          "services",
          "deployments",
          "replicasets",
          "daemonsets",
          "statefulsets",
          "jobs",
          "cronjobs",
        ],
        verbs: ["delete", "deletecollection"],
      },
    ],
  ),
  powerCheck(
    rbacText("edit-config-maps", {
      title: { pass: "Role cannot change ConfigMaps", fail: "Role can change ConfigMaps" },
      severity: "low",
      why: "ConfigMaps control programs: a change to the CoreDNS ConfigMap can redirect names to any address.",
      remediation: "Limit update and patch with resourceNames.",
      mappings: [mitre("T1557"), cwe("269")],
    }),
    [{ groups: [""], resources: ["configmaps"], verbs: ["update", "patch"] }],
  ),
  powerCheck(
    rbacText("service-status", {
      title: { pass: "Role cannot change the status of services", fail: "Role can change the status of services" },
      severity: "medium",
      why: "A user who sets the load balancer address in the status can intercept traffic of others.",
      remediation: "Remove update and patch on services/status.",
      mappings: [mitre("T1557"), cwe("269")],
    }),
    [
      {
        groups: ["", rbac],
        resources: ["services/status"],
        verbs: ["update", "patch"],
      },
    ],
  ),
];
