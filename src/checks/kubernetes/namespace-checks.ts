import { objectIn, objectsIn, textIn } from "../../model/json-members.ts";
import type { KubernetesClusterFacts } from "../../model/kubernetes-facts.ts";
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
      title: "Pods of every namespace are restricted when they are created",
      severity: "high",
      why: "Without a policy everybody who may create a pod may become root on a node.",
      remediation:
        "Label namespaces with pod-security.kubernetes.io/enforce: baseline or restricted, or run a policy engine.",
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
        const reason = `${resourceTitle(engine)} may restrict it: what it enforces is not known here`;
        return { state: "manual", resource, reason, evidence };
      });
    },
  ),
  clusterCheck(
    {
      name: "namespace-network-policy",
      title: "Every namespace with pods has a network policy",
      severity: "medium",
      why: "Without one every pod of the cluster reaches every port there.",
      remediation: "Begin with a policy that denies all, and allow what is needed.",
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
      title: "The network plug-in enforces network policies",
      severity: "high",
      why: "A plug-in that does not know them takes policies and does nothing.",
      remediation: "Use a plug-in with support for network policies, such as Calico or Cilium.",
    },
    ["pods"],
    (facts) => {
      const names = objectsOf(facts, "pods").map(({ name }) => name);
      const engine = names.find((name) =>
        /^(?:calico-node|cilium|canal|antrea-agent|weave-net|kube-router|ovnkube|azure-npm|anetd|aws-node)/.test(name),
      );
      if (engine === undefined) {
        const reason = "no pod of a plug-in that is known to enforce policies runs";
        return [{ state: "manual", reason, evidence: [] }];
      }
      if (engine.startsWith("aws-node")) {
        const reason = "the plug-in of AWS enforces policies only when it is told to";
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
      title: "Images are admitted only when their origin is proven",
      severity: "medium",
      why: "Otherwise whoever may create a pod may run any image.",
      remediation: "Verify signatures at admission.",
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
        const reason = `${resourceTitle(found)} may verify images: which ones is not known here`;
        return [{ state: "manual", reason, evidence: [{ subject: "webhook", value: found.name }] }];
      }
      const evidence = [{ subject: "webhooks that verify images", value: "none", expected: "one" }];
      return [{ state: "manual", reason: "the API server may ask an image policy that objects do not show", evidence }];
    },
  ),
  clusterCheck(
    {
      name: "namespace-separation",
      title: "Namespaces separate those who share the cluster",
      severity: "low",
      why: "Rights, quotas and network policies hold for namespaces.",
      remediation: "Give every team or application a namespace.",
    },
    ["namespaces"],
    (facts) => {
      const names = ownNamespaces(facts).map(({ name }) => name);
      const evidence = [{ subject: "namespaces", value: someOf(names, 20) || "none" }];
      return [{ state: "manual", reason: "only a person knows who shares the cluster", evidence }];
    },
  ),
  clusterCheck(
    {
      name: "namespace-default-unused",
      title: "Nothing runs in the namespace default",
      severity: "low",
      why: "What lies there was put nowhere on purpose, and gets no rights and policies of its own.",
      remediation: "Move workloads to namespaces of their own.",
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
  manual("nothing in the API tells how people log in", {
    name: "users-client-certificates",
    title: "People do not log in with client certificates",
    severity: "low",
    why: "A client certificate cannot be taken back before it ends.",
    remediation: "Let people log in through OpenID Connect or the cloud's accounts.",
  }),
  manual("nothing in the API tells who holds a token", {
    name: "users-service-account-tokens",
    title: "People do not log in with tokens of service accounts",
    severity: "low",
    why: "The audit log then names an account that many share.",
    remediation: "Let people log in through OpenID Connect or the cloud's accounts.",
  }),
  manual("nothing in the API tells who holds a token", {
    name: "users-bootstrap-tokens",
    title: "People do not log in with bootstrap tokens",
    severity: "low",
    why: "These tokens are for nodes that join, and belong to no person.",
    remediation: "Delete bootstrap tokens that no node needs any more.",
  }),
  manual("only a person can tell what is worth a store of its own", {
    name: "secrets-external-store",
    title: "An external store for secrets was considered",
    severity: "low",
    why: "Secrets of Kubernetes have no versions, no approval and no rotation.",
    remediation: "Consider a secret store with a driver for Kubernetes.",
  }),
];

/** The first says which pods of today would not be admitted, and changes nothing. */
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
