import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type NodeFiles, processFiles, writeNodeTree } from "../../../tests/setup/node-tree.ts";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { openHostView } from "../host/open-host-view.ts";
import { collectNode } from "./collect-node.ts";

const folder = temporaryFolder();
const marker = "s3cr3t-marker-value";
let hosts = 0;

function hostOf(files: NodeFiles): ReturnType<typeof openHostView> {
  const root = join(folder, String(++hosts));
  writeNodeTree(root, files);
  return openHostView(root);
}

test("components that run are found with their arguments, and files with owner and mode", async () => {
  const facts = await collectNode(
    hostOf({
      ...processFiles(10, [
        "/usr/bin/kubelet",
        "--config=/var/lib/kubelet/config.yaml",
        "--kubeconfig",
        "/etc/kubernetes/kubelet.conf",
      ]),
      ...processFiles(11, ["kube-apiserver", "--anonymous-auth=false", `--etcd-password=${marker}`]),
      ...processFiles(12, ["nginx", "--config=/x"]),
      "/var/lib/kubelet/config.yaml": "0600 authentication:\n  anonymous:\n    enabled: false\n",
      "/etc/kubernetes/kubelet.conf": "0640 x",
      "/etc/kubernetes/manifests/kube-apiserver.yaml":
        "0600 spec:\n  containers:\n  - image: registry.k8s.io/kube-apiserver:v1.33.1\n    command: [kube-apiserver, --profiling=true]\n",
      "/etc/kubernetes/pki/ca.key": "0600 k",
      "/etc/kubernetes/pki/ca.crt": "c",
    }),
  );
  expect(facts.flavour).toEqual({ value: "kubeadm" });
  expect(facts.version).toEqual({ value: "1.33.1" });
  const components = "value" in facts.components ? facts.components.value : [];
  expect(components.map(({ name, source, place }) => [name, source, place])).toEqual([
    ["kubelet", "process", "process 10"],
    ["kube-apiserver", "process", "process 11"],
  ]);
  expect(components[0]?.documents["config"]).toEqual({ value: { authentication: { anonymous: { enabled: false } } } });
  expect(JSON.stringify(facts)).not.toContain(marker);
  const files = "value" in facts.files ? facts.files.value : [];
  expect(files.map(({ role, path, mode }) => [role, path, mode])).toEqual([
    ["apiserver-manifest", "/etc/kubernetes/manifests/kube-apiserver.yaml", "0600"],
    ["kubelet-ca", "/etc/kubernetes/pki/ca.crt", "0644"],
    ["kubelet-config", "/var/lib/kubelet/config.yaml", "0600"],
    ["kubelet-kubeconfig", "/etc/kubernetes/kubelet.conf", "0640"],
    ["pki", "/etc/kubernetes/pki", expect.any(String)],
    ["pki", "/etc/kubernetes/pki/ca.crt", "0644"],
    ["pki", "/etc/kubernetes/pki/ca.key", "0600"],
    ["pki-certificate", "/etc/kubernetes/pki/ca.crt", "0644"],
    ["pki-key", "/etc/kubernetes/pki/ca.key", "0600"],
  ]);
});

test("where no process is seen, static pods tell", async () => {
  const facts = await collectNode(
    hostOf({
      "/etc/kubernetes/manifests/etcd.yaml":
        "spec:\n  containers:\n  - image: registry.k8s.io/etcd:3.5.21-0\n    command: [etcd, --data-dir=/data/etcd]\n",
      "/etc/kubernetes/manifests/bomb.yaml": `a: ${"[".repeat(100_000)}`,
      "/data/etcd/member": "x",
    }),
  );
  expect(facts.components).toEqual({
    value: [
      {
        ...{ name: "etcd", source: "manifest", place: "/etc/kubernetes/manifests/etcd.yaml" },
        ...{ argv: ["etcd", "--data-dir=/data/etcd"], environment: {}, documents: {} },
      },
    ],
  });
  expect("value" in facts.files && facts.files.value.find(({ role }) => role === "etcd-data")?.path).toBe("/data/etcd");
});

test("drop-ins of the kubelet are merged over its file", async () => {
  const facts = await collectNode(
    hostOf({
      ...processFiles(10, ["kubelet", "--config=/k/config.yaml", "--config-dir=/k/drop"]),
      "/k/config.yaml": "readOnlyPort: 1\nauthentication: {webhook: {enabled: true}}\n",
      "/k/drop/20-b.conf": "readOnlyPort: 3\n",
      "/k/drop/10-a.conf": "readOnlyPort: 2\nauthentication: {anonymous: {enabled: false}}\n",
      "/k/drop/notes.txt": "readOnlyPort: 4\n",
    }),
  );
  const [kubelet] = "value" in facts.components ? facts.components.value : [];
  expect(kubelet?.documents["config"]).toEqual({
    value: { readOnlyPort: 3, authentication: { webhook: { enabled: true }, anonymous: { enabled: false } } },
  });
});

test("keys of encryption and secrets of etcd are not among the facts, their providers are", async () => {
  const facts = await collectNode(
    hostOf({
      ...processFiles(10, ["kube-apiserver", "--encryption-provider-config=/e.yaml"]),
      ...processFiles(11, ["etcd"], ["ETCD_CERT_FILE=/c", `ETCD_ROOT_PASSWORD=${marker}`, `OTHER=${marker}`]),
      "/e.yaml": `resources:\n- resources: [secrets]\n  providers:\n  - aescbc: {keys: [{name: k, secret: ${marker}}]}\n  - identity: {}\n`,
    }),
  );
  const text = JSON.stringify(facts);
  expect(text).not.toContain(marker);
  expect(text).toContain('"aescbc"');
  expect(text).toContain('"ETCD_CERT_FILE":"/c"');
});

test("a file that a flag names and that is not there, or no settings, is unavailable", async () => {
  const facts = await collectNode(
    hostOf({
      ...processFiles(10, ["kubelet", "--config=/no"]),
      ...processFiles(11, ["kube-proxy", "--config=/text"]),
      "/text": "x",
    }),
  );
  const [kubelet, proxy] = "value" in facts.components ? facts.components.value : [];
  expect(kubelet?.documents["config"]).toEqual({ unavailable: expect.stringContaining("/no does not exist") });
  expect(proxy?.documents["config"]).toEqual({ unavailable: "/text has no settings" });
});

test("the configuration of kube-proxy is found among the volumes of its pod", async () => {
  const facts = await collectNode(
    hostOf({
      ...processFiles(11, ["kube-proxy", "--config=/var/lib/kube-proxy/config.conf"]),
      "/var/lib/kubelet/pods/u-1/volumes/kubernetes.io~configmap/kube-proxy/config.conf":
        "metricsBindAddress: 0.0.0.0\n",
    }),
  );
  const [proxy] = "value" in facts.components ? facts.components.value : [];
  expect(proxy?.documents["config"]).toEqual({ value: { metricsBindAddress: "0.0.0.0" } });
});

test("a host without Kubernetes and without processes is unavailable, and nothing is thrown", async () => {
  const facts = await collectNode(hostOf({}));
  expect(facts.components).toEqual({ unavailable: expect.any(String) });
  expect(facts.files).toEqual({ value: [] });
  expect(facts.flavour).toEqual({ value: "unknown" });
});

test("rings of links are unavailable and end nothing", async () => {
  const root = join(folder, "ring");
  mkdirSync(join(root, "etc/kubernetes"), { recursive: true });
  symlinkSync("/etc/kubernetes/pki", join(root, "etc/kubernetes/pki"));
  const facts = await collectNode(openHostView(root));
  expect(facts.files).toEqual({ unavailable: expect.stringContaining("cycle of symbolic links") });
});
