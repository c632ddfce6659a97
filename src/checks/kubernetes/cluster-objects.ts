import type { ClusterKind, KubernetesClusterFacts, KubernetesFlavour } from "../../model/checks/kubernetes-facts.ts";
import type { Check, Observation } from "../check.ts";
import { type ManifestResource, manifestResource } from "../manifests/manifest-resource.ts";
import { cisMappings } from "./cis-ids.ts";
import { clusterFlavour } from "./cluster-flavour.ts";
import type { CheckTexts } from "./setting-check.ts";

/** A check over the objects of a cluster, with its mappings; it needs all of the kinds. */
export function clusterCheck(
  { name, title, severity, why, remediation }: CheckTexts,
  needs: readonly ClusterKind[],
  evaluate: (facts: KubernetesClusterFacts) => Iterable<Observation>,
): Check<KubernetesClusterFacts> {
  return { id: `kubernetes/${name}`, title, severity, why, remediation, mappings: cisMappings(name), needs, evaluate };
}

/** The objects of a kind; none where they could not be listed. */
export function objectsOf(facts: KubernetesClusterFacts, kind: ClusterKind): readonly ManifestResource[] {
  const fact = facts[kind];
  return "value" in fact ? fact.value.map((object) => manifestResource(object)) : [];
}

/**
 * Beside those of Kubernetes itself. Everybody may choose a name like these elsewhere, where it is an ordinary
 * namespace.
 */
const namespacesOfMakers: Readonly<Partial<Record<KubernetesFlavour, RegExp>>> = {
  gke: /^(?:gke-(?:managed-[\w-]+|mcs|connect|gmp-system)|gmp-(?:system|public))$/,
  aks: /^aks-(?:command|istio-[\w-]+)$/,
  openshift: /^openshift(?:-|$)/,
};

/**
 * Tells namespaces of Kubernetes, of who made the cluster, and of Rancher where it manages the cluster: what runs there
 * is theirs. With the namespaces unknown none is taken for Rancher's.
 */
export function systemNamespaces(facts: KubernetesClusterFacts): (name: string) => boolean {
  const ofMaker = namespacesOfMakers[clusterFlavour(facts)];
  const hasRancher = objectsOf(facts, "namespaces").some(({ name }) => name === "cattle-system");
  return (name) =>
    ["kube-system", "kube-public", "kube-node-lease", "local-path-storage"].includes(name) ||
    (ofMaker?.test(name) ?? false) ||
    (hasRancher && name.startsWith("cattle-"));
}

/** Some of a list as one text: `a, b and 3 more`. */
export function someOf(items: readonly string[], most = 10): string {
  if (items.length <= most) return items.join(", ");
  return `${items.slice(0, most).join(", ")} and ${items.length - most} more`;
}
