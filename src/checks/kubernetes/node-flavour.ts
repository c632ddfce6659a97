import type { KubernetesFlavour, KubernetesNodeFacts } from "../../model/checks/kubernetes-facts.ts";

/** The distribution of the cluster of a node; `unknown` also where that could not be read. */
export function nodeFlavour({ flavour }: KubernetesNodeFacts): KubernetesFlavour {
  return "value" in flavour ? flavour.value : "unknown";
}
