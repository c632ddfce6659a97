import type { ClusterAccess } from "../../engines/kubernetes/cluster-access.ts";
import type { ExecSurroundings } from "../../engines/kubernetes/exec-credential.ts";

/** Where a cluster is found, and what of it is looked at. */
export interface KubernetesAccess {
  /** Kubeconfigs, which are one together. */
  readonly kubeconfigs: readonly string[];
  /** True when the user named the kubeconfig, so that it must exist. */
  readonly named: boolean;
  /** The context to use; else the current one. */
  readonly context?: string;
  /** Only these namespaces; else all. */
  readonly namespaces?: readonly string[];
  /** The variables by which a pod knows its cluster, used when there is no kubeconfig. */
  readonly service?: { readonly host: string | undefined; readonly port: string | undefined };
  /** Where a pod's service account is; else where Kubernetes mounts it. */
  readonly serviceAccount?: string;
  readonly exec: ExecSurroundings;
}

/**
 * How the cluster is reached; undefined when there is neither a kubeconfig nor a pod around the program. Errors:
 * `usage`, `file-malformed`.
 */
export async function findCluster(access: KubernetesAccess): Promise<ClusterAccess | undefined> {
  const { readKubeConfig } = await import("../../engines/kubernetes/read-kube-config.ts");
  const config = await readKubeConfig({ paths: access.kubeconfigs, required: access.named });
  if (config) {
    const isEmpty = config.currentContext === undefined && access.context === undefined && !access.named;
    if (!isEmpty) {
      const { readKubeContext } = await import("../../engines/kubernetes/kube-context.ts");
      return readKubeContext(config, access.context);
    }
  }
  const { inClusterAccess, serviceAccountFolder } = await import("../../engines/kubernetes/in-cluster-access.ts");
  return inClusterAccess({
    host: access.service?.host,
    port: access.service?.port,
    folder: access.serviceAccount ?? serviceAccountFolder,
  });
}
