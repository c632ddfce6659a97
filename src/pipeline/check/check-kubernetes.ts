import { type Benchmark, chooseBenchmark, withBenchmark } from "../../checks/kubernetes/choose-benchmark.ts";
import { clusterFlavour } from "../../checks/kubernetes/cluster-flavour.ts";
import {
  kubernetesClusterChecks,
  kubernetesComponentChecks,
  kubernetesNodeChecks,
} from "../../checks/kubernetes/kubernetes-checks.ts";
import { readClusterFacts, readNodeFacts } from "../../checks/kubernetes/read-facts.ts";
import { runChecks } from "../../checks/run-checks.ts";
import type { CheckReport, CheckResult } from "../../model/checks/check.ts";
import type {
  KubernetesClusterFacts,
  KubernetesFlavour,
  KubernetesNodeFacts,
} from "../../model/checks/kubernetes-facts.ts";
import { PlimsollError } from "../../model/error.ts";
import type { JsonObject } from "../../model/objects/json-object.ts";
import type { Problem } from "../../model/reports/problem.ts";
import { collectNode } from "../../sources/cluster/collect-node.ts";
import { runningK3sVersion } from "../../sources/cluster/running-k3s-version.ts";
import type { FactsBundle } from "../../sources/host/bundle.ts";
import { openHostView } from "../../sources/host/open-host-view.ts";
import { findCluster, type KubernetesAccess } from "../targets/find-cluster.ts";
import { namespacedResources, readScope, scopeFacts, withinScope } from "./check-kubernetes-scope.ts";
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
 * The facts of a node and of its cluster, as far as wanted. With `both`, the node counts when something of Kubernetes
 * runs or lies on it, and the cluster when there is a kubeconfig. Errors: `usage` when there is neither,
 * `target-not-found` for the root, `engine-unreachable`, those of a file of facts.
 */
export async function kubernetesFacts(options: KubernetesFactsOptions): Promise<FactsBundle> {
  const { factsFile, part, now } = options;
  if (factsFile !== undefined) return readFactsFile(factsFile);
  const node = part === "cluster" ? undefined : await nodeFacts(options);
  const cluster = part === "node" ? undefined : await clusterFacts(options);
  if (!node && !cluster) {
    throw new PlimsollError("usage", "no Kubernetes node or cluster found", {
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

/**
 * Checks a node and a cluster by their facts. Results have the ids of the benchmark that fits who made the cluster and
 * its version, as far as facts or `version` tell them; else those of all. Errors: `facts-malformed` for facts without
 * either, `usage` for a version without a benchmark.
 */
export function checkKubernetes(
  { node, cluster, collectedAt }: FactsBundle,
  policy: CheckPolicy,
  { version }: { readonly version?: string } = {},
): CheckReport {
  if (!node && !cluster) {
    throw new PlimsollError("facts-malformed", "the facts do not contain Kubernetes data", {
      hint: "Collect them with `plimsoll check kubernetes --save FILE`.",
    });
  }
  const nodeFacts = node && readNodeFacts(node);
  const problems = nodeFacts && isBare(nodeFacts) ? [bareNode] : [];
  const clusterFacts = cluster && readClusterFacts(cluster);
  const scope = readScope(cluster ?? {});
  const clusterChecks = kubernetesClusterChecks.map((check) => withinScope(check, scope));
  const all = [
    ...(nodeFacts ? runChecks(kubernetesNodeChecks, nodeFacts) : []),
    ...openShiftResults(clusterFacts, nodeFacts),
    ...(clusterFacts ? runChecks(clusterChecks, clusterFacts, { joinsPasses: true }) : []),
  ];
  const benchmark = benchmarkOf({ nodeFacts, clusterFacts, version });
  if (version !== undefined && !benchmark) throw noBenchmark(version);
  const results = benchmark ? withBenchmark(all, benchmark) : all;
  const parts = [...(node ? ["a node"] : []), ...(cluster ? ["a cluster"] : [])];
  const told = benchmark === undefined ? "" : ` (${benchmark.framework} ${benchmark.version})`;
  const name = `${parts.join(" and ")} of Kubernetes${told}`;
  return checkReport({ target: { kind: "kubernetes", name }, results, problems, collectedAt }, policy);
}

const bareNode: Problem = { code: "not-examined", message: "no Kubernetes components found on this node" };

/**
 * True for a machine that is not a node, as far as it could be read. Networks of containers lie there without
 * Kubernetes, too.
 */
function isBare({ components, files }: KubernetesNodeFacts): boolean {
  const runsNothing = "value" in components && components.value.length === 0;
  return runsNothing && "value" in files && files.value.every(({ role }) => role === "cni");
}

function noBenchmark(version: string): PlimsollError {
  return new PlimsollError("usage", `no benchmark is known for Kubernetes ${version}`, {
    hint: "Give a version such as 1.31; without one, results have the ids of all benchmarks.",
  });
}

/** The components of OpenShift that no node here shows, as its API shows them. */
function openShiftResults(
  facts: KubernetesClusterFacts | undefined,
  nodeFacts: KubernetesNodeFacts | undefined,
): readonly CheckResult[] {
  if (!facts?.openShift) return [];
  const seen = new Set(
    nodeFacts && "value" in nodeFacts.components ? nodeFacts.components.value.map(({ name }) => name) : [],
  );
  const { components: all } = facts.openShift;
  const components = "value" in all ? { value: all.value.filter(({ name }) => !seen.has(name)) } : all;
  const unseen = { unavailable: "the API does not show the files of a node" };
  const flavour = { value: "openshift" as const };
  const node = { flavour, version: facts.serverVersion, components, files: unseen, kubeletUnit: unseen };
  const results = runChecks(kubernetesComponentChecks, node);
  // What runs on nodes only is not missing here.
  return results.filter(({ state }) => state !== "not-applicable");
}

function benchmarkOf({
  nodeFacts,
  clusterFacts,
  version,
}: {
  readonly nodeFacts: KubernetesNodeFacts | undefined;
  readonly clusterFacts: KubernetesClusterFacts | undefined;
  readonly version: string | undefined;
}): Benchmark | undefined {
  const onNode = nodeFacts && "value" in nodeFacts.flavour ? nodeFacts.flavour.value : "unknown";
  const flavour: KubernetesFlavour = onNode === "unknown" && clusterFacts ? clusterFlavour(clusterFacts) : onNode;
  const known = [nodeFacts?.version, clusterFacts?.serverVersion].flatMap((fact) =>
    fact && "value" in fact ? [fact.value] : [],
  );
  const [first] = version === undefined ? known : [version];
  return first === undefined ? undefined : chooseBenchmark(flavour, first);
}

async function nodeFacts({ root = "/", part, signal }: KubernetesFactsOptions): Promise<JsonObject | undefined> {
  requireFolder(root);
  // The programs of a copied tree are not run.
  const isHere = root === "/";
  const k3sVersion = (pid: number): Promise<string | undefined> => runningK3sVersion(pid, { signal });
  const facts = await collectNode(openHostView(root), isHere ? { k3sVersion } : {});
  const runs = "value" in facts.components && facts.components.value.length > 0;
  const lies = "value" in facts.files && facts.files.value.some(({ role }) => role !== "cni");
  return part === "node" || runs || lies ? ({ ...facts } as unknown as JsonObject) : undefined;
}

async function clusterFacts({ cluster, signal }: KubernetesFactsOptions): Promise<JsonObject | undefined> {
  const access = await findCluster(cluster);
  if (!access) return undefined;
  const { openCluster } = await import("../../engines/kubernetes/cluster-client.ts");
  const { PartialLists } = await import("../../engines/kubernetes/partial-lists.ts");
  const { collectCluster } = await import("../../sources/cluster/collect-cluster.ts");
  const partial = new PartialLists({ resources: namespacedResources, usual: access.namespace ?? "default" });
  using client = openCluster(access, { exec: cluster.exec, partial });
  const { namespaces } = cluster;
  const facts = await collectCluster(client, { signal, ...(namespaces && { namespaces }) });
  await partial.requireNamespaces(client, { signal });
  return { ...facts, ...scopeFacts(partial.listedIn) } as unknown as JsonObject;
}
