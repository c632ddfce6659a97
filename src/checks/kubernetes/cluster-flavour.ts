import type { KubernetesClusterFacts, KubernetesFlavour } from "../../model/checks/kubernetes-facts.ts";
import { objectIn, textIn } from "../../model/objects/json-members.ts";

/** What in the version of an API server tells who made it. */
const versionMarks: readonly (readonly [mark: RegExp, flavour: KubernetesFlavour])[] = [
  [/\+k3s\d/, "k3s"],
  [/\+rke2r\d/, "rke2"],
  [/-eks-/, "eks"],
  [/-gke\./, "gke"],
];

/** The distribution of a cluster, as its API shows it; `unknown` when no fact identifies it. */
export function clusterFlavour({ openShift, serverVersion, nodes }: KubernetesClusterFacts): KubernetesFlavour {
  if (openShift) return "openshift";
  const version = "value" in serverVersion ? serverVersion.value : "";
  const marked = versionMarks.find(([mark]) => mark.test(version))?.[1];
  if (marked !== undefined) return marked;
  const isAzure = ("value" in nodes ? nodes.value : []).some(
    (node) => textIn(objectIn(objectIn(node, "metadata"), "labels"), "kubernetes.azure.com/cluster") !== "",
  );
  return isAzure ? "aks" : "unknown";
}
