import type { KubernetesNodeFacts } from "../../model/checks/kubernetes-facts.ts";

/** The minor version of a node's Kubernetes, 29 for 1.29.3; undefined when it is not known. */
export function minorOf({ version }: KubernetesNodeFacts): number | undefined {
  const minor = "value" in version ? /^v?1\.(\d{1,4})/.exec(version.value)?.[1] : undefined;
  return minor === undefined ? undefined : Number(minor);
}
