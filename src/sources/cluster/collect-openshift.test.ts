import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openCluster } from "../../engines/kubernetes/cluster-client.ts";
import { collectCluster } from "./collect-cluster.ts";

const marker = "s3cr3t-marker-value";
const serverConfig = {
  apiServerArguments: {
    "authorization-mode": ["Scope", "SystemMasters", "RBAC", "Node"],
    "audit-log-maxsize": ["200"],
  },
  servingInfo: { clientCA: "/ca.crt", cipherSuites: ["TLS_AES_128_GCM_SHA256"] },
  authConfig: { password: marker },
};
const answers: Readonly<Record<string, object>> = {
  "/version": { gitVersion: "v1.26.5+7d22122" },
  "/api/v1/namespaces": { items: [{ metadata: { name: "openshift-kube-apiserver" } }] },
  "/api/v1/pods": {
    items: [
      {
        metadata: { name: "etcd-a", namespace: "openshift-etcd" },
        spec: {
          containers: [
            {
              name: "etcd",
              command: ["/bin/sh", "-c", 'exec etcd \\\n  --client-cert-auth=true \\\n  --cert-file="/c.crt" --x\n'],
            },
          ],
        },
      },
    ],
  },
  "/api/v1/namespaces/openshift-kube-apiserver/configmaps/config": {
    data: { "config.yaml": JSON.stringify(serverConfig) },
  },
  "/api/v1/namespaces/openshift-kube-apiserver/configmaps/kube-apiserver-audit-policies": {
    data: { "policy.yaml": "rules: [{level: Metadata}]" },
  },
  "/api/v1/namespaces/openshift-kube-controller-manager/configmaps/config": {
    data: { "config.yaml": JSON.stringify({ extendedArguments: { "root-ca-file": ["/ca"] } }) },
  },
  ...Object.fromEntries(
    ["kubeapiservers", "kubecontrollermanagers", "kubeschedulers", "etcds", "openshiftapiservers"].map((name) => [
      `/apis/operator.openshift.io/v1/${name}/cluster`,
      { spec: name === "etcds" ? { unsupportedConfigOverrides: { token: marker, on: true } } : {} },
    ]),
  ),
  "/apis/security.openshift.io/v1/securitycontextconstraints": { items: [{ metadata: { name: "privileged" } }] },
};
let missing = "";
const requests: string[] = [];
const server = createServer((request, response) => {
  const { pathname } = new URL(request.url ?? "", "http://cluster");
  requests.push(pathname);
  const answer = pathname.includes(missing || "//") ? undefined : answers[pathname];
  response.writeHead(answer ? 200 : 404, { "content-type": "application/json" }).end(JSON.stringify(answer ?? {}));
});

beforeAll(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
afterAll(() => void server.close());

async function collect(without = "") {
  missing = without;
  requests.length = 0;
  const { port } = server.address() as AddressInfo;
  const access = { name: "test", server: new URL(`http://127.0.0.1:${port}`), tls: { verify: true }, user: {} };
  using client = openCluster(access, { exec: { environment: {}, searchPath: "" } });
  return await collectCluster(client, { signal: AbortSignal.timeout(10_000) });
}

test("the control plane of OpenShift is read from the objects of its operators, without secrets", async () => {
  const { openShift } = await collect();
  const components = openShift && "value" in openShift.components ? openShift.components.value : [];
  expect(components.map(({ place, argv }) => [place, ...argv.slice(1)])).toEqual([
    [
      "ConfigMap openshift-kube-apiserver/config",
      ...["Scope", "SystemMasters", "RBAC", "Node"].map((mode) => `--authorization-mode=${mode}`),
      ...["--audit-log-maxsize=200", "--client-ca-file=/ca.crt", "--tls-cipher-suites=TLS_AES_128_GCM_SHA256"],
    ],
    ["ConfigMap openshift-kube-controller-manager/config", "--root-ca-file=/ca"],
    ["Pod openshift-etcd/etcd-a", "--client-cert-auth=true", "--cert-file=/c.crt"],
  ]);
  expect(components[0]?.documents["audit-policy-file"]).toEqual({ value: { rules: [{ level: "Metadata" }] } });
  expect(openShift?.overrides).toMatchObject({ value: { kubeapiservers: null, etcds: { on: true } } });
  expect(openShift?.constraints).toMatchObject({ value: [{ metadata: { name: "privileged" } }] });
  expect(JSON.stringify(openShift)).not.toContain(marker);
});

test("what cannot be read of it is unavailable, and the rest is there", async () => {
  const { openShift } = await collect("openshift-kube-controller-manager");
  expect(openShift?.components).toHaveProperty("unavailable");
  expect(openShift?.constraints).toHaveProperty("value");
});

test("of another cluster none of these objects is asked for", async () => {
  const facts = await collect("/api/v1/namespaces");
  expect(facts.openShift).toBeUndefined();
  expect(requests.filter((path) => /configmaps|openshift/.test(path))).toEqual([]);
});
