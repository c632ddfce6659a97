import { kubernetesClusterChecks, kubernetesNodeChecks } from "../../checks/kubernetes/kubernetes-checks.ts";
import { readClusterFacts, readNodeFacts } from "../../checks/kubernetes/read-facts.ts";
import { runChecks } from "../../checks/run-checks.ts";
import type { CheckReport } from "../../model/check.ts";
import { PlimsollError } from "../../model/error.ts";
import type { JsonObject } from "../../model/json-object.ts";
import { collectNode } from "../../sources/cluster/collect-node.ts";
import type { FactsBundle } from "../../sources/host/bundle.ts";
import { openHostView } from "../../sources/host/open-host-view.ts";
import { findCluster, type KubernetesAccess } from "../find-cluster.ts";
import { type CheckPolicy, checkReport } from "./check-report.ts";
import { readFactsFile } from "./facts-bundle.ts";
import { requireFolder } from "./require-folder.ts";

/** Which facts of Kubernetes are collected. */
export interface KubernetesFactsOptions {
  /** A file that `--save` wrote; nothing else is looked at then. */
  readonly factsFile?: string;
  /** The root of the node: `/` when absent. */
  readonly root?: string;
  /** The part that is wanted: of this node, of the cluster, or what of both there is. */
  readonly part: "node" | "cluster" | "both";
  readonly cluster: KubernetesAccess;
  readonly now: Date;
  readonly signal: AbortSignal;
}

/**
 * The facts of a node and of its cluster, as far as wanted. With `both`, the node counts when something of Kubernetes runs or lies on it, and the
 * cluster when there is a kubeconfig. Errors: `usage` when there is neither, `target-not-found` for the root, `engine-unreachable`, those of a file of facts.
 */
export async function kubernetesFacts(options: KubernetesFactsOptions): Promise<FactsBundle> {
  const { factsFile, part, now } = options;
  if (factsFile !== undefined) return readFactsFile(factsFile);
  const node = part === "cluster" ? undefined : await nodeFacts(options);
  const cluster = part === "node" ? undefined : await clusterFacts(options);
  if (!node && !cluster) {
    throw new PlimsollError("usage", "there is neither a node of Kubernetes here nor a cluster to ask", {
      hint: "Run it on a node, give --root DIR or --kubeconfig FILE, or check saved facts with --facts.",
    });
  }
  return {
    schemaVersion: 1,
    collectedAt: now.toISOString(),
    ...(node && { node }),
    ...(cluster && { cluster }),
  };
}

/** Checks a node and a cluster by their facts. Error: `facts-malformed` for facts without either. */
export function checkKubernetes({ node, cluster, collectedAt }: FactsBundle, policy: CheckPolicy): CheckReport {
  if (!node && !cluster) {
    throw new PlimsollError("facts-malformed", "the facts hold nothing of Kubernetes", {
      hint: "Collect them with `plimsoll check kubernetes --save FILE`.",
    });
  }
  const results = [
    ...(node ? runChecks(kubernetesNodeChecks, readNodeFacts(node)) : []),
    ...(cluster ? runChecks(kubernetesClusterChecks, readClusterFacts(cluster), { joinsPasses: true }) : []),
  ];
  const parts = [...(node ? ["a node"] : []), ...(cluster ? ["a cluster"] : [])];
  const name = `${parts.join(" and ")} of Kubernetes`;
  return checkReport({ target: { kind: "kubernetes", name }, results, problems: [], collectedAt }, policy);
}

async function nodeFacts({ root = "/", part }: KubernetesFactsOptions): Promise<JsonObject | undefined> {
  requireFolder(root);
  const facts = await collectNode(openHostView(root));
  const runs = "value" in facts.components && facts.components.value.length > 0;
  const lies = "value" in facts.files && facts.files.value.length > 0;
  return part === "node" || runs || lies ? ({ ...facts } as unknown as JsonObject) : undefined;
}

async function clusterFacts({ cluster, signal }: KubernetesFactsOptions): Promise<JsonObject | undefined> {
  const access = await findCluster(cluster);
  if (!access) return undefined;
  const { openCluster } = await import("../../engines/kubernetes/cluster-client.ts");
  const { collectCluster } = await import("../../sources/cluster/collect-cluster.ts");
  using client = openCluster(access, { exec: cluster.exec });
  const { namespace } = cluster;
  const facts = await collectCluster(client, { signal, ...(namespace !== undefined && { namespace }) });
  return { ...facts } as unknown as JsonObject;
}
