import type { ClusterKind, KubernetesClusterFacts } from "../../model/kubernetes-facts.ts";
import type { Check, Observation } from "../check.ts";
import { type ManifestResource, manifestResource } from "../manifests/manifest-resource.ts";
import { cisMappings } from "./cis-ids.ts";
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

/** Namespaces of Kubernetes itself and of those who make clusters: what runs there is theirs. */
export function isSystemNamespace(name: string): boolean {
  return /^(?:kube-system|kube-public|kube-node-lease|gke-[\w-]*|gmp-system|aks-[\w-]*|cattle-[\w-]*|openshift(?:-[\w-]*)?|local-path-storage)$/.test(
    name,
  );
}

/** Some of a list as one text: `a, b and 3 more`. */
export function someOf(items: readonly string[], most = 10): string {
  if (items.length <= most) return items.join(", ");
  return `${items.slice(0, most).join(", ")} and ${items.length - most} more`;
}
