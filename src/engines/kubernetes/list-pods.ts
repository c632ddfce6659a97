import { oneLine } from "../../io/one-line.ts";
import { PlimsollError } from "../../model/error.ts";
import type { ClusterClient } from "./cluster-client.ts";
import { affectsWholeCluster } from "./cluster-failure.ts";
import { listPages } from "./list-pages.ts";
import { type Pod, readPod } from "./read-pod.ts";
import { requireNamespace } from "./require-namespace.ts";

/** The pods of a cluster that have not ended. */
export interface ListedPods {
  readonly pods: readonly Pod[];
  /** The namespaces that could be asked; undefined when the whole cluster was. */
  readonly namespaces: readonly string[] | undefined;
  /** Why namespaces are not among these, or whether there are any. */
  readonly gaps: readonly PlimsollError[];
}

/** Pods that ended run nothing. */
const notEnded = { fieldSelector: "status.phase!=Succeeded,status.phase!=Failed" };

/**
 * Lists pods, of all namespaces or of some. When there are several, one that cannot be asked is a gap. A namespace
 * without pods that does not exist, or may not exist, is a gap too: an API server has an empty list for every name.
 * After a failure that is not of one namespace alone ({@link affectsWholeCluster}) the others are not asked, and are
 * one gap together.
 *
 * Errors: those of {@link ClusterClient} when no pods can be listed at all, or the connection is lost.
 */
export async function listPods(
  client: ClusterClient,
  { namespaces, signal }: { readonly namespaces?: readonly string[]; readonly signal: AbortSignal },
): Promise<ListedPods> {
  const request = { path: "/api/v1/pods", query: notEnded, signal };
  if (!namespaces) return { pods: await listPages(client, request, readPod), namespaces, gaps: [] };
  const pods: Pod[] = [];
  const listed: string[] = [];
  const gaps: PlimsollError[] = [];
  const wanted = [...new Set(namespaces)];
  for (const [index, namespace] of wanted.entries()) {
    try {
      const own = await listPages(client, { ...request, namespaces: [namespace] }, readPod);
      for (const pod of own) pods.push(pod);
      listed.push(namespace);
      if (own.length === 0) await requireNamespace(client, namespace, { what: "pods", signal });
    } catch (error) {
      if (!(error instanceof PlimsollError) || error.code !== "engine-failed") throw error;
      gaps.push(error);
      if (!affectsWholeCluster(error)) continue;
      const others = wanted.slice(index + 1);
      if (others.length > 0) gaps.push(notAsked(client.name, others));
      break;
    }
  }
  const [first] = gaps;
  if (first && listed.length === 0) throw first;
  return { pods, namespaces: listed, gaps };
}

function notAsked(cluster: string, namespaces: readonly string[]): PlimsollError {
  const which = `the namespace${namespaces.length > 1 ? "s" : ""} ${namespaces.map(oneLine).join(", ")}`;
  const message = `the pods in ${which} were not requested from the cluster ${oneLine(cluster)} after that`;
  return new PlimsollError("engine-failed", message, { hint: "Try again later." });
}
