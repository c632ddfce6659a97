import { expect, test } from "vitest";
import { clusterFacts, componentFacts, fileFacts, nodeFacts } from "../../../tests/setup/kubernetes-facts.ts";
import type { JsonObject } from "../../model/objects/json-object.ts";
import { runChecks } from "../run-checks.ts";
import { kubernetesClusterChecks, kubernetesNodeChecks } from "./kubernetes-checks.ts";
import { readClusterFacts, readNodeFacts } from "./read-facts.ts";

function copy(facts: object): JsonObject {
  return JSON.parse(JSON.stringify(facts)) as JsonObject;
}

test("facts that were written are read as they were", () => {
  const node = nodeFacts({
    components: [componentFacts("kubelet", ["--x"], { documents: { config: { value: {} } }, version: "1.33.1" })],
    files: [fileFacts("pki", "0755")],
  });
  expect(readNodeFacts(copy(node))).toEqual(node);
  const cluster = clusterFacts({ pods: [{ kind: "Pod" }] });
  expect(readClusterFacts(copy(cluster))).toEqual(cluster);
  const openShift = {
    components: { value: [componentFacts("etcd", ["--x"], { source: "api", incomplete: "some are missing" })] },
    overrides: { value: { etcds: null, kubeapiservers: { a: 1 } } },
    constraints: { unavailable: "forbidden" },
  };
  expect(readClusterFacts(copy({ ...cluster, openShift }))).toEqual({ ...cluster, openShift });
});

test("what is missing or of another form is unavailable, and no check stumbles over it", () => {
  const node = readNodeFacts({
    components: { value: [{ name: "kubelet", argv: "x" }] },
    files: { value: [null] },
    version: 3,
  });
  expect(node.components).toEqual({ unavailable: "components in the facts is not valid" });
  expect(node.flavour).toEqual({ unavailable: "the facts do not contain flavour" });
  expect(runChecks(kubernetesNodeChecks, node).every(({ state }) => state === "warn")).toBe(true);
  const strange = [null, 1, [], "x", { spec: 1, metadata: [] }, { rules: { a: 1 }, subjects: "x", roleRef: 1 }];
  const objects = strange.filter((one) => typeof one === "object" && one !== null && !Array.isArray(one));
  const cluster = readClusterFacts({
    ...copy(Object.fromEntries(Object.keys(clusterFacts()).map((kind) => [kind, { value: objects }]))),
    nodes: { value: strange },
    serverVersion: { value: "v1" },
  });
  expect(cluster.nodes).toHaveProperty("unavailable");
  expect(runChecks(kubernetesClusterChecks, cluster).length).toBeGreaterThan(30);
});
