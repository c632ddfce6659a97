import { describe, expect, test } from "vitest";
import { clusterFacts } from "../../../tests/setup/kubernetes-facts.ts";
import type { Check, Observation } from "../../checks/check.ts";
import { kubernetesClusterChecks } from "../../checks/kubernetes/kubernetes-checks.ts";
import { openCluster } from "../../engines/kubernetes/cluster-client.ts";
import type { ClusterKind, KubernetesClusterFacts } from "../../model/kubernetes-facts.ts";
import { collectCluster } from "../../sources/cluster/collect-cluster.ts";
import { namespacedResources, readScope, scopeFacts, withinScope } from "./check-kubernetes-scope.ts";

const seen: readonly Observation[] = [
  { state: "pass", resource: "Deployment shop/api", evidence: [] },
  { state: "fail", resource: "Pod till/app", evidence: [] },
  { state: "fail", resource: "Namespace till", evidence: [] },
  { state: "fail", resource: "ClusterRole a/b", evidence: [] },
  { state: "pass", resource: "Node a", evidence: [] },
  { state: "pass", evidence: [] },
  { state: "manual", reason: "only a person knows", evidence: [] },
  { state: "fail", evidence: [] },
];

function check(...needs: readonly ClusterKind[]): Check<KubernetesClusterFacts> {
  const texts = { id: "kubernetes/a", title: "", severity: "low", why: "", remediation: "", mappings: [] } as const;
  return { ...texts, needs, evaluate: () => seen };
}

function told(listedIn: object, ...needs: readonly ClusterKind[]): readonly string[] {
  const scope = readScope({ listedIn });
  return [...withinScope(check(...needs), scope).evaluate(clusterFacts())].map(
    ({ state, resource, reason }) => `${state} ${resource ?? reason ?? "-"}`,
  );
}

const everything = seen.map(({ state, resource, reason }) => `${state} ${resource ?? reason ?? "-"}`);
const inShop = ["pass Deployment shop/api", "fail ClusterRole a/b", "pass Node a"];
const ofAll = ["pass -", "manual only a person knows", "fail -"];

describe("a check whose kinds were listed", () => {
  test("in the whole cluster tells all that it sees", () => {
    const listedIn = { pods: { namespaces: ["shop"], gaps: ["no"] } };
    expect(told(listedIn, "nodes", "services")).toEqual(everything);
    const one = check("pods");
    expect(withinScope(one, readScope({}))).toBe(one);
  });

  test("in the namespaces that were wanted tells of these alone, and of the whole what it sees", () => {
    expect(told({ pods: { namespaces: ["shop"], gaps: [] } }, "pods")).toEqual([...inShop, ...ofAll]);
    expect(told({ pods: { namespaces: ["shop", "till"], gaps: [] } }, "pods")).toEqual(everything);
  });

  test("and are missing elsewhere warns, and tells of the whole only what failed", () => {
    expect(told({ pods: { namespaces: ["shop"], gaps: ["no pods", "no more"] } }, "pods")).toEqual([
      ...inShop,
      "fail -",
      "warn no pods; no more",
    ]);
  });

  test("tells of a namespace where all of them were", () => {
    const pods = { namespaces: ["shop", "till"], gaps: ["no pods in a"] };
    const serviceAccounts = { namespaces: ["shop"], gaps: ["no accounts in till"] };
    expect(told({ pods, serviceAccounts }, "pods", "serviceAccounts")).toEqual([
      ...inShop,
      "fail -",
      "warn no pods in a; no accounts in till",
    ]);
  });
});

test.each([
  ["no object", 7],
  ["a list", []],
  ["a kind of another form", { pods: { namespaces: "shop", gaps: [] } }],
  ["a kind without gaps", { pods: { namespaces: ["shop"] } }],
])("facts whose scope is %s pass nothing", (_, listedIn) => {
  expect(told(listedIn as object, "pods")).toEqual([
    ...inShop.slice(1),
    "fail -",
    "warn listedIn of the facts does not tell where pods were listed",
  ]);
});

test("what is written into facts is read again", () => {
  const pods = { namespaces: ["shop"], gaps: ["no"] };
  const facts = scopeFacts(new Map([["serviceaccounts", pods]]));
  expect(readScope(JSON.parse(JSON.stringify(facts)))).toEqual(new Map([["serviceAccounts", pods]]));
  expect(scopeFacts(new Map())).toEqual({});
});

test("every kind of object that is listed by namespace has a scope", async () => {
  const asked = new Set<string>();
  const access = { name: "test", server: new URL("http://127.0.0.1:1"), tls: { verify: true }, user: {} };
  using client = openCluster(access, { exec: { environment: {}, searchPath: "" } });
  const get = async (path: string) => {
    const [, resource] = /\/namespaces\/a\/([a-z]+)\?/.exec(path) ?? [];
    if (resource !== undefined) asked.add(resource);
    return { items: [], gitVersion: "v1.33.1" };
  };
  await collectCluster({ ...client, get }, { namespaces: ["a"], signal: AbortSignal.timeout(10_000) });
  expect([...asked].sort()).toEqual([...namespacedResources].sort());
});

test("every check of a cluster that needs such a kind is one", () => {
  const scope = readScope({ listedIn: 7 });
  const warned = kubernetesClusterChecks.filter((one) =>
    [...withinScope(one, scope).evaluate(clusterFacts())].some(({ reason }) => reason?.startsWith("listedIn of")),
  );
  const needing = kubernetesClusterChecks.filter(({ needs }) => needs.some((need) => scope.has(need as ClusterKind)));
  expect(needing.length).toBeGreaterThan(30);
  expect(warned.map(({ id }) => id)).toEqual(needing.map(({ id }) => id));
});
