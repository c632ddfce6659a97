import { PlimsollError } from "../../model/error.ts";
import { findCluster, type KubernetesAccess } from "../targets/find-cluster.ts";
import type { EngineListing, ListWorkloadsOptions } from "./list-workloads.ts";

/**
 * What runs in a cluster; undefined when there is neither a kubeconfig nor a pod around the program.
 *
 * Errors: `usage`, also when a cluster may not be asked, `file-malformed`, `engine-unreachable`, `engine-failed`,
 * `cancelled`.
 */
export async function listKubernetes(
  access: KubernetesAccess,
  { offline, signal }: ListWorkloadsOptions,
): Promise<EngineListing | undefined> {
  const cluster = await findCluster(access);
  if (!cluster) return undefined;
  if (offline) {
    throw new PlimsollError("usage", "listing a cluster needs the network, which --offline forbids", {
      hint: "Remove --offline, or exclude the cluster with --engine.",
    });
  }
  const { openCluster } = await import("../../engines/kubernetes/cluster-client.ts");
  const { listClusterWorkloads } = await import("../../engines/kubernetes/list-cluster-workloads.ts");
  using client = openCluster(cluster, { exec: access.exec });
  const { namespaces } = access;
  const { workloads, gaps } = await listClusterWorkloads(client, { signal, ...(namespaces && { namespaces }) });
  return { place: client.name, workloads, gaps: gaps.map((error) => ({ error })) };
}
