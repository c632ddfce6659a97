import { oneLine } from "../../io/one-line.ts";
import { PlimsollError } from "../../model/error.ts";
import type { ClusterClient } from "./cluster-client.ts";
import { ClusterRefusal } from "./cluster-failure.ts";

/**
 * Verifies that a namespace with an empty list exists: an API server has an empty list for every name. `what` is what
 * was listed. Errors: those of {@link ClusterClient}, and `engine-failed` when there is no such namespace, or it is not
 * told whether there is.
 */
export async function requireNamespace(
  client: ClusterClient,
  namespace: string,
  { what, signal }: { readonly what: string; readonly signal: AbortSignal },
): Promise<void> {
  try {
    await client.get(`/api/v1/namespaces/${encodeURIComponent(namespace)}`, { signal });
  } catch (error) {
    if (!(error instanceof ClusterRefusal) || !error.affectsOnePath) throw error;
    throw error.status === 404
      ? noNamespace(client.name, namespace)
      : unknownNamespace(client.name, { namespace, what });
  }
}

function noNamespace(cluster: string, namespace: string): PlimsollError {
  return new PlimsollError("engine-failed", `the cluster ${oneLine(cluster)} has no namespace ${namespace}`, {
    hint: "Check the name with: kubectl get namespaces.",
  });
}

function unknownNamespace(
  cluster: string,
  { namespace, what }: { readonly namespace: string; readonly what: string },
): PlimsollError {
  const message = `the cluster ${oneLine(cluster)} lists no ${what} in the namespace ${namespace}, and does not report whether the namespace exists`;
  return new PlimsollError("engine-failed", message, {
    hint: `Check the name, or request a role that can get namespaces: kubectl auth can-i get namespaces --namespace ${namespace}.`,
  });
}
