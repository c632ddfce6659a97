import { expect, test } from "vitest";
import { runChecks } from "../../run-checks.ts";
import { readManifests } from "../reading/read-manifests.ts";
import { controlPlaneChecks } from "./control-plane-checks.ts";

const clients = ["etcd-tls", "etcd-client-certificates"];
const peers = ["etcd-peer-tls", "etcd-peer-client-certificates"];
const all = [...clients, ...peers];
const local = "--listen-client-urls=http://127.0.0.1:2379";

/** The checks of TLS that fail for an etcd that is started so. */
function failed(args: readonly string[], { spec = {}, container = {} } = {}): string[] {
  const containers = [{ name: "etcd", image: "registry.k8s.io/etcd:3.5", command: ["etcd", ...args], ...container }];
  const pod = { kind: "Pod", metadata: { name: "e" }, spec: { containers, ...spec } };
  const facts = readManifests(JSON.stringify(pod), { path: "e.json", problem: ({ message }) => expect.fail(message) });
  const wrong = new Set(
    runChecks(controlPlaneChecks, facts).flatMap(({ id, state }) => (state === "fail" ? [id.slice(10)] : [])),
  );
  return all.filter((id) => wrong.has(id));
}

test("etcd that only its own pod reaches needs no TLS", () => {
  expect(failed([local])).toEqual([]);
  expect(
    failed(["--listen-client-urls=http://localhost:2379,http://[::1]:2379", "--listen-peer-urls=unix://a"]),
  ).toEqual([]);
});

test("etcd that others reach needs TLS for them, and a single member none for peers", () => {
  expect(failed(["-listen-client-urls", "http://0.0.0.0:2379", "-advertise-client-urls", "http://db:2379"])).toEqual(
    clients,
  );
  expect(failed(["--listen-client-urls=http://127.0.0.1:2379,http://10.0.0.1:2379"])).toEqual(clients);
  expect(failed([local, "--listen-peer-urls=http://0.0.0.0:2380"])).toEqual(peers);
  expect(failed([local, "--initial-cluster=a=http://a:2380"])).toEqual(peers);
  expect(failed(["--listen-client-urls=http://127.0.0.1.example.org:2379"])).toEqual(clients);
});

test("etcd whose addresses are not known needs TLS", () => {
  expect(failed([])).toEqual(all);
  expect(failed([local], { spec: { hostNetwork: true } })).toEqual(all);
  expect(failed([local, "--config-file=/etc/etcd.yaml"])).toEqual(all);
  expect(failed([local], { container: { envFrom: [{ configMapRef: { name: "e" } }] } })).toEqual(all);
});
