import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openCluster } from "../../engines/kubernetes/cluster-client.ts";
import { collectCluster, versionOf } from "./collect-cluster.ts";

const marker = "s3cr3t-marker-value";

/** Lists by their path; every other path that is asked for is not found. */
const lists: Readonly<Record<string, readonly object[]>> = {
  "/api/v1/namespaces": [{ metadata: { name: "shop" } }],
  "/api/v1/nodes": [{ metadata: { name: "a" }, status: { nodeInfo: { kubeletVersion: "v1.33.1" }, images: ["x"] } }],
  "/api/v1/pods": [
    {
      metadata: {
        ...{ name: "api", namespace: "shop", managedFields: [{ manager: "kubectl" }] },
        annotations: { "kubectl.kubernetes.io/last-applied-configuration": marker, owner: "a" },
      },
      spec: {
        containers: [
          {
            name: "api",
            command: ["run", `--password=${marker}`, "--port=80"],
            env: [
              { name: "MODE", value: marker },
              { name: "KEY", valueFrom: { secretKeyRef: { name: "k", key: "v" } } },
            ],
            livenessProbe: { httpGet: { httpHeaders: [{ name: "Authorization", value: marker }] } },
          },
        ],
      },
      status: { podIP: "10.0.0.1" },
    },
  ],
  "/api/v1/serviceaccounts": [],
  "/api/v1/namespaces/shop/serviceaccounts": [{ metadata: { name: "default", namespace: "shop" } }],
  "/api/v1/namespaces/till/serviceaccounts": [{ metadata: { name: "default", namespace: "till" } }],
  "/apis/rbac.authorization.k8s.io/v1/clusterroles": Array.from({ length: 600 }, (_, index) => ({
    metadata: { name: `role-${index}` },
  })),
};
const requests: string[] = [];
const server = createServer((request, response) => {
  const url = new URL(request.url ?? "", "http://cluster");
  requests.push(`${request.method} ${url.pathname}`);
  const send = (code: number, body: object): void => {
    response.writeHead(code, { "content-type": "application/json" }).end(JSON.stringify(body));
  };
  if (url.pathname === "/version") return send(200, { gitVersion: "v1.33.1-eks-036c24b", major: "1", minor: "33+" });
  if (url.pathname.endsWith("/roles")) return send(403, { message: "roles is forbidden" });
  const all = lists[url.pathname];
  if (!all) return send(404, { message: "the server could not find the requested resource" });
  const start = Number(url.searchParams.get("continue") ?? 0);
  const end = start + Number(url.searchParams.get("limit"));
  send(200, { items: all.slice(start, end), metadata: { continue: end < all.length ? String(end) : "" } });
});

beforeAll(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
afterAll(() => void server.close());

async function collect(namespaces?: readonly string[]) {
  const { port } = server.address() as AddressInfo;
  const access = { name: "test", server: new URL(`http://127.0.0.1:${port}`), tls: { verify: true }, user: {} };
  using client = openCluster(access, { exec: { environment: {}, searchPath: "" } });
  return await collectCluster(client, { signal: AbortSignal.timeout(10_000), ...(namespaces && { namespaces }) });
}

test("objects of a cluster are read in pages, and what may not be listed is unavailable", async () => {
  const facts = await collect();
  expect(facts.serverVersion).toEqual({ value: "v1.33.1-eks-036c24b" });
  expect(facts.namespaces).toEqual({
    value: [{ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } }],
  });
  expect("value" in facts.clusterRoles && facts.clusterRoles.value.length).toBe(600);
  expect(facts.serviceAccounts).toEqual({ value: [] });
  expect(facts.roles).toEqual({ unavailable: expect.stringContaining("does not allow listing roles") });
  expect(facts.validatingPolicies).toEqual({ unavailable: expect.stringContaining("404") });
});

test("nothing is read of Secrets and ConfigMaps, and nothing is written", async () => {
  requests.length = 0;
  await collect();
  expect(requests.filter((request) => /secrets|configmaps/.test(request))).toEqual([]);
  expect(requests.every((request) => request.startsWith("GET "))).toBe(true);
  expect(requests.length).toBeGreaterThan(14);
});

test("values that may be secrets are shown as their shape, and what the server adds is left out", async () => {
  const facts = await collect();
  const text = JSON.stringify(facts);
  expect(text).not.toContain(marker);
  expect(text).not.toContain("managedFields");
  expect(text).not.toContain("podIP");
  expect(text).toContain(`"MODE","value":"<${marker.length} characters>"`);
  expect(text).toContain('"secretKeyRef"');
  expect(text).toContain('"--port=80"');
  expect(facts.nodes).toEqual({
    value: [expect.objectContaining({ status: { nodeInfo: { kubeletVersion: "v1.33.1" } } })],
  });
});

test("a server without a version in words has one in numbers", () => {
  expect(versionOf({ major: "1", minor: "8+" })).toBe("v1.8");
  expect(() => versionOf({})).toThrow("does not report its version");
});

test("a cluster that cannot be reached is an error", async () => {
  const access = { name: "test", server: new URL("http://127.0.0.1:1"), tls: { verify: true }, user: {} };
  using client = openCluster(access, { exec: { environment: {}, searchPath: "" } });
  await expect(collectCluster(client, { signal: AbortSignal.timeout(10_000) })).rejects.toMatchObject({
    code: "engine-unreachable",
  });
});

test("of several namespaces the objects are joined, and what belongs to none is read all the same", async () => {
  const { serviceAccounts, nodes } = await collect(["shop", "till"]);
  const found = "value" in serviceAccounts ? serviceAccounts.value : [];
  expect(found.map(({ metadata }) => metadata)).toEqual([
    { name: "default", namespace: "shop" },
    { name: "default", namespace: "till" },
  ]);
  expect("value" in nodes && nodes.value.length).toBe(1);
});
