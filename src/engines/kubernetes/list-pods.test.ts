import { expect, test } from "vitest";
import { PlimsollError } from "../../model/error.ts";
import type { ClusterClient } from "./cluster-client.ts";
import { ClusterRefusal, ClusterSilence } from "./cluster-failure.ts";
import { listPods } from "./list-pods.ts";

const { signal } = new AbortController();
const namespaces = ["a", "b", "c", "d"];

/** A cluster of which the namespace `b` fails, and what it was asked for. */
function clusterWhere(failure: PlimsollError): { readonly client: ClusterClient; readonly asked: readonly string[] } {
  const asked: string[] = [];
  const get = async (path: string): Promise<{ items: object[] }> => {
    const namespace = /namespaces\/([^/?]+)/.exec(path)?.[1] ?? "";
    asked.push(namespace);
    if (namespace === "b") throw failure;
    return { items: [{ metadata: { name: "pod", namespace }, spec: {}, status: { phase: "Running" } }] };
  };
  return { client: { name: "dev", get, [Symbol.dispose]: () => undefined }, asked };
}

function refusal(status: number): ClusterRefusal {
  return new ClusterRefusal("dev", { status, what: `answers ${status}`, hint: "" });
}

test.each([
  ["a server that does not answer", new ClusterSilence("dev", 60)],
  ["a server that has too much to do", refusal(503)],
  ["credentials that have expired", refusal(401)],
])("after %s no further namespace is asked, and the rest is one gap", async (_, failure) => {
  const { client, asked } = clusterWhere(failure);
  const { pods, gaps } = await listPods(client, { namespaces, signal });
  expect(asked).toEqual(["a", "b"]);
  expect(pods.map(({ namespace }) => namespace)).toEqual(["a"]);
  expect(gaps.map(({ message }) => message)).toEqual([
    failure.message,
    "the pods in the namespaces c, d were not requested from the cluster dev after that",
  ]);
});

test.each([
  ["one that may not be listed", refusal(403)],
  ["one that is not there", refusal(404)],
  ["an answer of another form", new PlimsollError("engine-failed", "it did not respond with JSON", {})],
])("after %s the others are asked", async (_, failure) => {
  const { client, asked } = clusterWhere(failure);
  const { gaps } = await listPods(client, { namespaces, signal });
  expect(asked).toEqual(namespaces);
  expect(gaps).toEqual([failure]);
});
