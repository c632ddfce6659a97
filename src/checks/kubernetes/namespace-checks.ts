import type { KubernetesClusterFacts } from "../../model/checks/kubernetes-facts.ts";
import { objectIn, objectsIn, textIn } from "../../model/objects/json-members.ts";
import type { Check, Observation } from "../check.ts";
import { resourceTitle } from "../manifests/manifest-resource.ts";
import { clusterCheck, objectsOf, someOf, systemNamespaces } from "./cluster-objects.ts";
import { kubectlCommand } from "./kubectl-command.ts";
import type { CheckTexts } from "./setting-check.ts";

/** Names in webhooks, and groups of policies, of programs that restrict pods. */
const policyEngines = /kyverno|gatekeeper|polic(?:y|ies)|jspolicy|kubewarden|validating-policy|opa\b/i;
const imageEngines =
  /policy\.sigstore|sigstore|cosign|connaisseur|kyverno|ratify|portieris|image-?polic|binary-?authorization/i;

/** Checks of namespaces, network policies and admission of a cluster. */
export const namespaceChecks: readonly Check<KubernetesClusterFacts>[] = [
  clusterCheck(
    {
      name: "admission-pod-policy",
      title: { pass: "Namespace enforces a Pod Security level", fail: "Namespace enforces no Pod Security level" },
      severity: "high",
      why: "Without a policy, everyone who can create a pod can become root on a node.",
      remediation:
        "Label the namespace with pod-security.kubernetes.io/enforce: baseline or restricted, or use a policy engine.",
    },
    ["namespaces", "validatingWebhooks", "validatingPolicies"],
    (facts) => {
      const engines = [...objectsOf(facts, "validatingWebhooks"), ...objectsOf(facts, "validatingPolicies")];
      const engine = engines.find(({ name, kind }) => kind === "ValidatingAdmissionPolicy" || policyEngines.test(name));
      return ownNamespaces(facts).map((namespace): Observation => {
        const labels = objectIn(objectIn(namespace.object, "metadata"), "labels");
        const level = textIn(labels, "pod-security.kubernetes.io/enforce");
        const isEnforced = level === "baseline" || level === "restricted";
        const evidence = [
          {
            subject: "pod-security.kubernetes.io/enforce",
            value: level || "not set",
            expected: "baseline or restricted",
          },
        ];
        const resource = resourceTitle(namespace);
        if (isEnforced) return { state: "pass", resource, evidence };
        if (!engine) return { state: "fail", resource, evidence, commands: labelCommands(namespace.name) };
        const reason = `${resourceTitle(engine)} may restrict pods; review what it enforces`;
        return { state: "manual", resource, reason, evidence };
      });
    },
  ),
  clusterCheck(
    {
      name: "namespace-network-policy",
      title: { pass: "Namespace has a network policy", fail: "Namespace has no network policy" },
      severity: "medium",
      why: "Without a network policy, every pod of the cluster can reach every port in the namespace.",
      remediation: "Create a policy that denies all traffic, and then allow what is needed.",
    },
    ["namespaces", "networkPolicies"],
    (facts) => {
      const policies = objectsOf(facts, "networkPolicies");
      return ownNamespaces(facts).map((namespace): Observation => {
        const own = policies.filter((policy) => policy.namespace === namespace.name);
        const value = someOf(own.map(({ name }) => name)) || "none";
        const evidence = [{ subject: "network policies", value, expected: "at least one" }];
        return { state: own.length > 0 ? "pass" : "fail", resource: resourceTitle(namespace), evidence };
      });
    },
  ),
  clusterCheck(
    {
      name: "network-plugin",
      title: {
        pass: "Network plug-in enforces network policies",
        fail: "Network plug-in does not enforce network policies",
      },
      severity: "high",
      why: "A plug-in without support accepts network policies, but they have no effect.",
      remediation: "Use a plug-in that supports network policies, such as Calico or Cilium.",
    },
    ["pods"],
    (facts) => {
      const names = objectsOf(facts, "pods").map(({ name }) => name);
      const engine = names.find((name) =>
        /^(?:calico-node|cilium|canal|antrea-agent|weave-net|kube-router|ovnkube|azure-npm|anetd|aws-node)/.test(name),
      );
      if (engine === undefined) {
        const reason = "no pod of a known network policy plug-in is running";
        return [{ state: "manual", reason, evidence: [] }];
      }
      if (engine.startsWith("aws-node")) {
        const reason = "the AWS plug-in enforces policies only if this is enabled";
        return [{ state: "manual", reason, evidence: [{ subject: "pod", value: engine }] }];
      }
      return [
        { state: "pass", evidence: [{ subject: "pod", value: engine, expected: "a plug-in with network policies" }] },
      ];
    },
  ),
  clusterCheck(
    {
      name: "admission-image-provenance",
      title: {
        pass: "Image provenance is verified at admission",
        fail: "Image provenance is not verified at admission",
      },
      severity: "medium",
      why: "Everyone who can create a pod can run any image.",
      remediation: "Verify image signatures at admission.",
    },
    ["validatingWebhooks", "mutatingWebhooks"],
    (facts) => {
      const hooks = [...objectsOf(facts, "validatingWebhooks"), ...objectsOf(facts, "mutatingWebhooks")];
      const found = hooks.find(({ name, object }) =>
        [name, ...objectsIn(object, "webhooks").map((hook) => textIn(hook, "name"))].some((text) =>
          imageEngines.test(text),
        ),
      );
      if (found) {
        const reason = `${resourceTitle(found)} may verify images; review which ones`;
        return [{ state: "manual", reason, evidence: [{ subject: "webhook", value: found.name }] }];
      }
      const evidence = [{ subject: "image verification webhooks", value: "none", expected: "at least one" }];
      return [
        {
          state: "manual",
          reason: "the API server may use an image policy webhook that no object shows; review its configuration",
          evidence,
        },
      ];
    },
  ),
  clusterCheck(
    {
      name: "namespace-separation",
      title: {
        pass: "Namespaces separate teams and applications",
        fail: "Namespaces do not separate teams and applications",
      },
      severity: "low",
      why: "Permissions, quotas and network policies apply to namespaces.",
      remediation: "Create a namespace for every team or application.",
    },
    ["namespaces"],
    (facts) => {
      const names = ownNamespaces(facts).map(({ name }) => name);
      const evidence = [{ subject: "namespaces", value: someOf(names, 20) || "none" }];
      return [{ state: "manual", reason: "review who shares the cluster", evidence }];
    },
  ),
  clusterCheck(
    {
      name: "namespace-default-unused",
      title: { pass: "Namespace default has no workloads", fail: "Namespace default has workloads" },
      severity: "low",
      why: "The default namespace usually has no specific permissions and policies.",
      remediation: "Move the workloads to dedicated namespaces.",
    },
    ["pods", "services"],
    (facts) => {
      const found = [...objectsOf(facts, "pods"), ...objectsOf(facts, "services")].filter(
        ({ namespace, name, kind }) => namespace === "default" && !(kind === "Service" && name === "kubernetes"),
      );
      const value = someOf(found.map((resource) => resourceTitle(resource))) || "none";
      const evidence = [{ subject: "pods and services", value, expected: "none" }];
      return [{ state: found.length === 0 ? "pass" : "fail", resource: "Namespace default", evidence }];
    },
  ),
  manual("the Kubernetes API does not show how users authenticate", {
    name: "users-client-certificates",
    title: {
      pass: "Users do not authenticate with client certificates",
      fail: "Users authenticate with client certificates",
    },
    severity: "low",
    why: "A client certificate cannot be revoked before it expires.",
    remediation: "Authenticate users through OpenID Connect or cloud accounts.",
  }),
  manual("the Kubernetes API does not show who has a token", {
    name: "users-service-account-tokens",
    title: {
      pass: "Users do not authenticate with service account tokens",
      fail: "Users authenticate with service account tokens",
    },
    severity: "low",
    why: "The audit log then shows a shared account instead of a person.",
    remediation: "Authenticate users through OpenID Connect or cloud accounts.",
  }),
  manual("the Kubernetes API does not show who has a token", {
    name: "users-bootstrap-tokens",
    title: {
      pass: "Users do not authenticate with bootstrap tokens",
      fail: "Users authenticate with bootstrap tokens",
    },
    severity: "low",
    why: "Bootstrap tokens are for nodes that join the cluster.",
    remediation: "Delete bootstrap tokens that are no longer needed.",
  }),
  manual("review which secrets need an external store", {
    name: "secrets-external-store",
    title: { pass: "External secret store has been considered", fail: "External secret store has not been considered" },
    severity: "low",
    why: "Kubernetes secrets have no versions, approvals or rotation.",
    remediation: "Consider an external secret store with a Kubernetes driver.",
  }),
];

/** The first command is a dry run that lists existing pods that violate the level. */
function labelCommands(name: string): readonly string[] {
  return [["--dry-run=server"], []].flatMap(
    (options) =>
      kubectlCommand(
        ["label", ...options, "--overwrite", "namespace", "NAME", "pod-security.kubernetes.io/enforce=baseline"],
        { NAME: name },
      ) ?? [],
  );
}

function manual(reason: string, texts: CheckTexts): Check<KubernetesClusterFacts> {
  return clusterCheck(texts, [], () => [{ state: "manual", reason, evidence: [] }]);
}

function ownNamespaces(facts: KubernetesClusterFacts): ReturnType<typeof objectsOf> {
  const isSystem = systemNamespaces(facts);
  return objectsOf(facts, "namespaces").filter(({ name }) => !isSystem(name));
}
