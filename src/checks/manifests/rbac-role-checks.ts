import type { Check } from "../check.ts";
import { cis, cwe, mitre, nsa } from "../mappings.ts";
import { objectsAt, textsAt } from "./json-path.ts";
import { manifestCheck } from "./manifest-check.ts";
import type { ManifestFacts } from "./manifest-resource.ts";
import { approveCertificatesCheck } from "./rbac-approve-certificates.ts";
import { isOwnOfKubernetes, isRole } from "./rbac-grants.ts";
import { boundTo, powerCheck, rbac, rbacText, workloads } from "./rbac-powers.ts";

/** What roles grant. */
export const rbacRoleChecks: readonly Check<ManifestFacts>[] = [
  manifestCheck(
    rbacText("wildcard", {
      title: "Roles name what they grant, without wildcards",
      severity: "high",
      why: "A wildcard grants also what is added tomorrow, and nobody can tell from it what was meant.",
      remediation: "Name the groups, the resources and the verbs that are needed.",
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
      title: "No role but the cluster's own grants everything",
      severity: "critical",
      why: "Whoever is bound to it rules the cluster, and through it every node.",
      remediation: "Name the groups, the resources and the verbs that are needed.",
      mappings: [cis("5.1.1"), cis("5.1.3"), nsa("Authentication and authorization"), mitre("T1078"), cwe("250")],
    }),
    [],
    { isAll: true },
  ),
  powerCheck(
    rbacText("secrets", {
      title: "Roles do not let read secrets",
      severity: "high",
      why: "Among secrets are tokens of others: who reads them all acts as any of them. To list is to read.",
      remediation: "Grant get on the secrets that are needed, by resourceNames, or mount them.",
      mappings: [cis("5.1.2"), nsa("Authentication and authorization"), mitre("T1552"), cwe("269")],
    }),
    [{ groups: [""], resources: ["secrets"], verbs: ["get", "list", "watch"] }],
  ),
  powerCheck(
    rbacText("impersonate", {
      title: "Roles do not let act as others",
      severity: "critical",
      why: "Who may impersonate takes on the rights of any user or group, also of system:masters.",
      remediation: "Remove the verb impersonate, or limit it by resourceNames.",
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
      title: "Roles do not let grant more than one has",
      severity: "critical",
      why: "The verbs escalate and bind pass by the rule that nobody grants what he does not have.",
      remediation: "Remove the verbs escalate and bind, or limit them by resourceNames.",
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
      title: "Roles do not let change who has which role",
      severity: "high",
      why: "Who may bind can give away every role that he has himself, to accounts that nobody watches.",
      remediation: "Remove create, update and patch on bindings; let a reviewed pipeline make them.",
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
      title: "Roles do not let change what roles grant",
      severity: "medium",
      why: "A role that is changed changes what all who have it may do.",
      remediation: "Remove create, update and patch on roles; let a reviewed pipeline make them.",
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
      title: "Roles do not let create pods",
      severity: "medium",
      why: "Who may create pods may run them as any service account of the namespace, and mount its secrets.",
      remediation: "Let a controller or a pipeline create pods, in namespaces with a Pod Security Standard.",
      mappings: [cis("5.1.4"), nsa("Authentication and authorization"), mitre("T1610"), cwe("269")],
    }),
    [{ groups: [""], resources: ["pods"], verbs: ["create"] }],
  ),
  powerCheck(
    rbacText("edit-workloads", {
      title: "Roles do not let create or change workloads",
      severity: "medium",
      why: "A workload makes pods: it can run what it likes, as any service account of its namespace.",
      remediation: "Let a pipeline change workloads, in namespaces with a Pod Security Standard.",
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
      title: "Roles do not let run commands in containers",
      severity: "high",
      why: "Who may run a command in a container has its token, its secrets and its place in the network.",
      remediation: "Remove pods/exec and pods/attach; debug with copies of pods.",
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
      title: "Roles do not let add containers to pods that run",
      severity: "high",
      why: "A container that is added sees the processes, the token and the network of the pod.",
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
      title: "Roles do not let forward ports into pods",
      severity: "medium",
      why: "A forwarded port reaches what listens in a pod, past network policies.",
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
      title: "Roles do not let reach kubelets through the API server",
      severity: "high",
      why: "Through nodes/proxy every container of a node can be entered, and neither admission nor the audit log sees it.",
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
      title: "Roles do not let change admission webhooks",
      severity: "high",
      why: "A webhook sees and changes every object that is made, and one that is removed guards no more.",
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
      title: "Roles do not let make tokens of service accounts",
      severity: "high",
      why: "A token that is made lasts as long as one likes, and is as good as the account.",
      remediation: "Remove create on serviceaccounts/token, or limit it by resourceNames.",
      mappings: [cis("5.1.13"), mitre("T1528"), cwe("269")],
    }),
    [{ groups: [""], resources: ["serviceaccounts/token"], verbs: ["create"] }],
  ),
  powerCheck(
    rbacText("create-volumes", {
      title: "Roles do not let create persistent volumes",
      severity: "medium",
      why: "A persistent volume can be a directory of the host, which no Pod Security Standard looks at.",
      remediation: "Remove create on persistentvolumes; let a provisioner make them.",
      mappings: [cis("5.1.9"), mitre("T1611"), cwe("269")],
    }),
    [{ groups: [""], resources: ["persistentvolumes"], verbs: ["create"] }],
  ),
  powerCheck(
    rbacText("delete-events", {
      title: "Roles do not let delete events",
      severity: "low",
      why: "Events tell what happened; who deletes them hides it.",
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
      title: "Roles do not let delete workloads and what they need",
      severity: "low",
      why: "Who may delete them ends the service, and with collections at once.",
      remediation: "Remove delete and deletecollection where nothing has to be deleted.",
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
      title: "Roles do not let change config maps",
      severity: "low",
      why: "Config maps steer programs: that of CoreDNS sends names where one likes.",
      remediation: "Limit update and patch by resourceNames.",
      mappings: [mitre("T1557"), cwe("269")],
    }),
    [{ groups: [""], resources: ["configmaps"], verbs: ["update", "patch"] }],
  ),
  powerCheck(
    rbacText("service-status", {
      title: "Roles do not let change the status of services",
      severity: "medium",
      why: "Who writes the load balancer's address into a service's status draws traffic of others to himself.",
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
