import { describe, expect, test } from "vitest";
import { clusterFacts } from "../../../tests/setup/kubernetes-facts.ts";
import type { Check, Observation } from "../../checks/check.ts";
import { kubernetesClusterChecks } from "../../checks/kubernetes/kubernetes-checks.ts";
import { openCluster } from "../../engines/kubernetes/cluster-client.ts";
import type { ClusterKind, KubernetesClusterFacts } from "../../model/checks/kubernetes-facts.ts";
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
  const title = { pass: "", fail: "" };
  const texts = { id: "kubernetes/a", title, severity: "low", why: "", remediation: "", mappings: [] } as const;
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
      "warn no pods",
      "warn no more",
    ]);
  });

  test("tells of a namespace where all of them were", () => {
    const pods = { namespaces: ["shop", "till"], gaps: ["no pods in a"] };
    const serviceAccounts = { namespaces: ["shop"], gaps: ["no accounts in till"] };
    expect(told({ pods, serviceAccounts }, "pods", "serviceAccounts")).toEqual([
      ...inShop,
      "fail -",
      "warn no pods in a",
      "warn no accounts in till",
    ]);
  });
});

describe("what is missing for one reason", () => {
  const refused = (namespaces: readonly string[], message: string) => ({ namespaces, message });
  const ofSystem = (resource: string) => refused(["kube-system"], `no ${resource} in kube-system (403)`);

  test("is the same clause for every check that any of it concerns", () => {
    const listedIn = {
      pods: { namespaces: ["shop"], refused: ofSystem("pods"), gaps: [] },
      roles: { namespaces: ["shop"], refused: ofSystem("roles"), gaps: [] },
      roleBindings: { namespaces: ["shop"], refused: ofSystem("rolebindings"), gaps: [] },
    };
    const warned = (...needs: ClusterKind[]) => told(listedIn, ...needs).filter((text) => text.startsWith("warn"));
    const clause =
      "warn pods, roles and rolebindings cannot be listed in the namespace kube-system: no pods in kube-system (403)";
    expect(warned("pods")).toEqual([clause]);
    expect(warned("roles", "roleBindings")).toEqual([clause]);
    expect(warned("pods", "services", "roles")).toEqual([clause]);
    expect(warned("services")).toEqual([]);
    expect(told({ pods: listedIn.pods }, "pods").at(-1)).toBe("warn no pods in kube-system (403)");
  });

  test("is a clause for each set of kinds, and names not all of the namespaces", () => {
    const many = Array.from({ length: 14 }, (_, index) => `n${index}`);
    const listedIn = {
      pods: { namespaces: ["shop"], refused: refused(["till", ...many], "no pods in till"), gaps: ["no more"] },
      services: { namespaces: ["shop"], refused: refused(many, "no services in n0"), gaps: [] },
    };
    expect(told(listedIn, "pods", "services").slice(-3)).toEqual([
      "warn no pods in till",
      `warn pods and services cannot be listed in the namespaces ${many.slice(0, 10).join(", ")} and 4 more`,
      "warn no more",
    ]);
  });

  test("is told once, too, where nobody tells which namespaces there are", () => {
    const only = refused(["shop"], "no pods (403)");
    const listedIn = {
      pods: { namespaces: ["shop"], only, gaps: [] },
      services: { namespaces: ["shop"], only: refused(["shop"], "no services (403)"), gaps: [] },
    };
    const where = "only those in the namespace shop were requested";
    expect(told(listedIn, "pods").at(-1)).toBe(
      `warn pods and services cannot be listed in the whole cluster, and ${where}: no pods (403)`,
    );
    expect(told({ pods: listedIn.pods }, "pods").at(-1)).toBe(`warn no pods (403): ${where}`);
  });
});

test.each([
  ["no object", 7],
  ["a list", []],
  ["a kind of another form", { pods: { namespaces: "shop", gaps: [] } }],
  ["a kind without gaps", { pods: { namespaces: ["shop"] } }],
  ["a kind with refusals of another form", { pods: { namespaces: ["shop"], gaps: [], refused: { namespaces: [7] } } }],
])("facts whose scope is %s pass nothing", (_, listedIn) => {
  expect(told(listedIn as object, "pods")).toEqual([
    ...inShop.slice(1),
    "fail -",
    "warn listedIn in the facts does not contain where pods were listed",
  ]);
});

test("what is written into facts is read again", () => {
  const pods = { namespaces: ["shop"], gaps: ["no"] };
  const facts = scopeFacts(new Map([["serviceaccounts", pods]]));
  expect(readScope(JSON.parse(JSON.stringify(facts)))).toEqual(new Map([["serviceAccounts", pods]]));
  const refused = { namespaces: ["till"], message: "no services in till" };
  const other = scopeFacts(new Map([["services", { ...pods, refused }]]));
  expect(readScope(JSON.parse(JSON.stringify(other))).get("services")?.gaps).toEqual(["no services in till", "no"]);
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
    [...withinScope(one, scope).evaluate(clusterFacts())].some(({ reason }) => reason?.startsWith("listedIn in")),
  );
  const needing = kubernetesClusterChecks.filter(({ needs }) => needs.some((need) => scope.has(need as ClusterKind)));
  expect(needing.length).toBeGreaterThan(30);
  expect(warned.map(({ id }) => id)).toEqual(needing.map(({ id }) => id));
});
