import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type NodeFiles, processFiles, writeNodeTree } from "../../../tests/setup/node-tree.ts";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import type { KubernetesComponent, KubernetesNodeFacts } from "../../model/checks/kubernetes-facts.ts";
import { openHostView } from "../host/open-host-view.ts";
import { type CollectNodeOptions, collectNode } from "./collect-node.ts";

const folder = temporaryFolder();
const marker = "s3cr3t-marker-value";
let hosts = 0;

async function collect(files: NodeFiles, options?: CollectNodeOptions): Promise<KubernetesNodeFacts> {
  const root = join(folder, String(++hosts));
  writeNodeTree(root, files);
  return await collectNode(openHostView(root), options);
}

function componentsOf({ components }: KubernetesNodeFacts): readonly KubernetesComponent[] {
  return "value" in components ? components.value : [];
}

/** As its installer writes it. */
const unit = [
  ...["[Service]", "EnvironmentFile=-/etc/systemd/system/k3s.service.env"],
  ...["ExecStartPre=-/sbin/modprobe overlay", "ExecStart=/usr/local/bin/k3s \\", "    server \\"],
  ...[
    "\t'--kube-apiserver-arg' \\",
    "\t'profiling=true' \\",
    `\t'--token=${marker}' \\`,
    "\t'--secrets-encryption' \\",
    "",
  ],
].join("\n");
const server = processFiles(10, ["/usr/local/bin/k3s server"], [`K3S_TOKEN=${marker}`]);

describe("k3s", () => {
  test("holds the components inside itself, with the arguments of its unit, its configuration and its drop-ins", async () => {
    const facts = await collect({
      ...server,
      "/etc/systemd/system/k3s.service": unit,
      "/etc/rancher/k3s/config.yaml": `token: ${marker}\nkube-apiserver-arg: [anonymous-auth=true]\nkubelet-arg: pod-max-pids=100\ndisable-kube-proxy: true\n`,
      "/etc/rancher/k3s/config.yaml.d/10-a.yaml":
        "kube-apiserver-arg: [anonymous-auth=false]\nkubelet-arg+: [seccomp-default=true]\n",
      "/etc/rancher/k3s/config.yaml.d/20-b.yaml": "kube-apiserver-arg+: [enable-admission-plugins+=EventRateLimit]\n",
      "/var/lib/rancher/k3s/server/cred/encryption-config.json": JSON.stringify({
        resources: [{ resources: ["secrets"], providers: [{ aescbc: { keys: [{ name: "k", secret: marker }] } }] }],
      }),
    });
    expect(facts.flavour).toEqual({ value: "k3s" });
    const components = componentsOf(facts);
    expect(components.map(({ name, source, argv }) => [name, source, ...argv.slice(1)])).toEqual([
      [
        ...["kube-apiserver", "embedded"],
        "--encryption-provider-config=/var/lib/rancher/k3s/server/cred/encryption-config.json",
        ...["--anonymous-auth=false", "--enable-admission-plugins+=EventRateLimit", "--profiling=true"],
      ],
      ["kube-controller-manager", "embedded"],
      ["kube-scheduler", "embedded"],
      ["kubelet", "embedded", "--pod-max-pids=100", "--seccomp-default=true"],
    ]);
    expect(components[0]?.place).toBe(
      "process 10 (k3s), /etc/systemd/system/k3s.service, /etc/rancher/k3s/config.yaml, /etc/rancher/k3s/config.yaml.d/10-a.yaml, /etc/rancher/k3s/config.yaml.d/20-b.yaml",
    );
    expect(components[0]?.documents["encryption-provider-config"]).toHaveProperty("value.resources");
    expect(components.every(({ incomplete }) => incomplete === undefined)).toBe(true);
    expect(JSON.stringify(facts)).not.toContain(marker);
    const files = "value" in facts.files ? facts.files.value : [];
    expect(files.filter(({ role }) => role === "distribution-config").map(({ path }) => path)).toEqual([
      "/etc/rancher/k3s/config.yaml",
      "/etc/rancher/k3s/config.yaml.d/10-a.yaml",
      "/etc/rancher/k3s/config.yaml.d/20-b.yaml",
    ]);
  });

  test("whose arguments nothing tells may have more of them", async () => {
    const hidden = componentsOf(await collect(server));
    expect(hidden.map(({ incomplete }) => incomplete)).toEqual(
      Array(5).fill("k3s hides its arguments, and k3s.service does not exist"),
    );
    const plain = componentsOf(await collect(processFiles(10, ["k3s", "server", "--kubelet-arg", "--pod-max-pids=9"])));
    expect(plain.map(({ incomplete }) => incomplete)).toEqual(Array(5).fill(undefined));
    expect(plain.find(({ name }) => name === "kubelet")?.argv).toEqual(["kubelet", "--pod-max-pids=9"]);
    const broken = { ...server, "/etc/systemd/system/k3s.service": unit, "/etc/rancher/k3s/config.yaml": "a: [" };
    const [first] = componentsOf(await collect(broken));
    expect(first?.incomplete).toContain("/etc/rancher/k3s/config.yaml cannot be read");
  });

  test("is told more by drop-ins of its unit, wherever they lie, and perhaps by variables", async () => {
    const start = (flag: string) =>
      `[Service]\nExecStart=\nExecStart=/usr/local/bin/k3s server --kubelet-arg=${flag}\n`;
    const files = {
      ...server,
      "/usr/lib/systemd/system/k3s.service": start("pod-max-pids=1"),
      "/usr/lib/systemd/system/k3s.service.d/20-a.conf": start("pod-max-pids=2"),
      "/etc/systemd/system/k3s.service.d/30-b.conf": start("pod-max-pids=3"),
      "/usr/lib/systemd/system/k3s.service.d/30-b.conf": start("pod-max-pids=4"),
    };
    const kubelet = async (more: NodeFiles = {}) =>
      componentsOf(await collect({ ...files, ...more })).find(({ name }) => name === "kubelet");
    expect(await kubelet()).toMatchObject({ argv: ["kubelet", "--pod-max-pids=3"] });
    expect(await kubelet()).not.toHaveProperty("incomplete");
    const variables = await kubelet({
      "/etc/systemd/system/k3s.service.d/40-c.conf": start("pod-max-pids=5 $OPTIONS"),
    });
    expect(variables?.incomplete).toBe("the command of k3s.service has variables, which are not resolved");
  });

  test("takes the place of its store from its variables where no option says it", async () => {
    const environ = ["K3S_DATASTORE_ENDPOINT=https://e:2379", "K3S_DATASTORE_CAFILE=/ca"];
    const plain = await collect(processFiles(10, ["k3s", "server"], environ));
    expect(componentsOf(plain)[0]?.argv.slice(1)).toEqual(["--etcd-servers=https://e:2379", "--etcd-cafile=/ca"]);
    const told = await collect(processFiles(10, ["k3s", "server", "--datastore-endpoint=https://f:1"], environ));
    expect(componentsOf(told)[0]?.argv).toContain("--etcd-servers=https://f:1");
  });

  test("as an agent runs no control plane", async () => {
    const components = componentsOf(await collect(processFiles(10, ["/usr/local/bin/k3s", "agent"])));
    expect(components.map(({ name }) => name)).toEqual(["kubelet", "kube-proxy"]);
  });

  test("keeps the settings of etcd and of the kubelet in files of its own", async () => {
    const facts = await collect({
      ...processFiles(10, ["k3s", "server", "--data-dir=/data/k3s", "--kubelet-arg=config=/mine.yaml"]),
      "/data/k3s/server/db/etcd/config":
        "data-dir: /data/k3s/server/db/etcd\nclient-transport-security:\n  client-cert-auth: true\n",
      "/data/k3s/agent/etc/kubelet.conf.d/00-k3s-defaults.conf": "readOnlyPort: 1\n",
      "/data/k3s/agent/etc/kubelet.conf.d/20-cli-config-dir/a.conf": "readOnlyPort: 0\n",
      "/data/k3s/agent/etc/kubelet.conf.d/10-cli-config.conf": "readOnlyPort: 2\n",
    });
    const components = componentsOf(facts);
    expect(components.find(({ name }) => name === "etcd")).toMatchObject({
      documents: { "config-file": { value: { "client-transport-security": { "client-cert-auth": true } } } },
    });
    expect(components.find(({ name }) => name === "kubelet")).toMatchObject({
      argv: ["kubelet", "--config-dir=/data/k3s/agent/etc/kubelet.conf.d"],
      documents: { config: { value: { readOnlyPort: 0 } } },
    });
    const files = "value" in facts.files ? facts.files.value : [];
    expect(files.find(({ role }) => role === "etcd-data")?.path).toBe("/data/k3s/server/db/etcd");
  });

  test("without systemd logs what it starts, and its version", async () => {
    const facts = await collect({
      ...server,
      "/var/log/k3s.log": [
        'time="t" level=info msg="Starting k3s v1.28.1+k3s1 (a)"',
        'time="t" level=info msg="Running kube-apiserver --anonymous-auth=true"',
        'time="t" level=info msg="Starting k3s v1.29.3+k3s1 (b)"',
        `time="t" level=info msg="Running kube-apiserver --anonymous-auth=false --etcd-password=${marker} --profiling=false"`,
      ].join("\n"),
    });
    const [server1, manager] = componentsOf(facts);
    expect(server1).toMatchObject({ source: "log", place: "/var/log/k3s.log", version: "1.29.3" });
    expect(server1?.argv.slice(1)).toEqual([
      "--anonymous-auth=false",
      `--etcd-password=<${marker.length} characters>`,
      "--profiling=false",
    ]);
    expect(manager?.source).toBe("embedded");
    expect(facts.version).toEqual({ value: "1.29.3" });
  });

  test("under systemd is asked for its version, as the process that runs", async () => {
    const asked: number[] = [];
    const k3sVersion = async (pid: number): Promise<string> => {
      asked.push(pid);
      return "1.31.2";
    };
    const files = { ...server, "/etc/systemd/system/k3s.service": unit, "/var/lib/rancher/k3s/x": "" };
    const facts = await collect(files, { k3sVersion });
    expect(facts.version).toEqual({ value: "1.31.2" });
    expect(componentsOf(facts).map(({ version }) => version)).toEqual(Array(5).fill("1.31.2"));
    expect(asked).toEqual([10]);
    expect((await collect(files)).version).toHaveProperty("unavailable");
  });

  test("is not asked where its log tells its version, and where it does not run", async () => {
    const k3sVersion = async (): Promise<never> => await Promise.reject(new Error("asked"));
    const log = 'msg="Starting k3s v1.29.3+k3s1 (b)"';
    expect((await collect({ ...server, "/var/log/k3s.log": log }, { k3sVersion })).version).toEqual({
      value: "1.29.3",
    });
    expect(await collect({ "/var/lib/rancher/k3s/x": "" }, { k3sVersion })).toHaveProperty("version.unavailable");
  });
});

test("RKE2 runs components of its own, whose settings lie in files that only it has", async () => {
  const facts = await collect({
    ...processFiles(20, [
      "kubelet",
      "--config-dir=/var/lib/rancher/rke2/agent/etc/kubelet.conf.d",
      "--read-only-port=0",
    ]),
    ...processFiles(21, ["etcd", "--config-file=/var/lib/rancher/rke2/server/db/etcd/config"]),
    "/var/lib/rancher/rke2/agent/etc/kubelet.conf.d/00-rke2-defaults.conf": "0600 serverTLSBootstrap: true\n",
    "/var/lib/rancher/rke2/server/db/etcd/config":
      "data-dir: /var/lib/rancher/rke2/server/db/etcd\npeer-transport-security: {client-cert-auth: true}\n",
    "/var/lib/rancher/rke2/agent/pod-manifests/kube-apiserver.yaml":
      "0600 spec:\n  containers:\n  - image: index.docker.io/rancher/hardened-kubernetes:v1.33.1-rke2r1-build20250515\n    command: [kube-apiserver, --profiling=false]\n",
    "/var/lib/rancher/rke2/server/cred/admin.kubeconfig": "0600 x",
    "/etc/rancher/rke2/config.yaml": `0600 token: ${marker}\n`,
  });
  expect(facts.flavour).toEqual({ value: "rke2" });
  expect(facts.version).toEqual({ value: "1.33.1" });
  expect(componentsOf(facts).map(({ name, source, documents }) => [name, source, Object.keys(documents)])).toEqual([
    ["kubelet", "process", ["config"]],
    ["etcd", "process", ["config-file"]],
    ["kube-apiserver", "manifest", []],
  ]);
  const files = "value" in facts.files ? facts.files.value : [];
  expect(files.map(({ role, path }) => `${role} ${path.replace("/var/lib/rancher/rke2", "~")}`)).toEqual([
    "admin-kubeconfig ~/server/cred/admin.kubeconfig",
    "apiserver-manifest ~/agent/pod-manifests/kube-apiserver.yaml",
    "distribution-config /etc/rancher/rke2/config.yaml",
    "etcd-data ~/server/db/etcd",
    "kubelet-config ~/agent/etc/kubelet.conf.d/00-rke2-defaults.conf",
  ]);
  expect(JSON.stringify(facts)).not.toContain(marker);
});

test("OpenShift gives its control plane a configuration file, in the folder of one revision of the pod", async () => {
  const config = {
    apiServerArguments: { "authorization-mode": ["Scope", "RBAC"], "anonymous-auth": ["true"] },
    servingInfo: { clientCA: "/ca.crt", minTLSVersion: "VersionTLS12" },
    oauthConfig: { clientSecret: marker },
  };
  const facts = await collect({
    ...processFiles(30, [
      "kube-apiserver",
      "--openshift-config=/etc/kubernetes/static-pod-resources/configmaps/config/config.yaml",
      "--audit-policy-file=/etc/kubernetes/static-pod-resources/configmaps/policies/policy.yaml",
    ]),
    ...processFiles(31, ["kube-controller-manager", "--openshift-config=/etc/kubernetes/static-pod-resources/none"]),
    "/etc/os-release": 'NAME="Red Hat Enterprise Linux CoreOS"\nOPENSHIFT_VERSION="4.16"\n',
    "/etc/kubernetes/manifests/kube-apiserver-pod.yaml":
      '{"spec":{"volumes":[{"hostPath":{"path":"/etc/kubernetes/static-pod-resources/kube-apiserver-pod-12"}}]}}',
    "/etc/kubernetes/static-pod-resources/kube-apiserver-pod-11/configmaps/config/config.yaml": "{}",
    "/etc/kubernetes/static-pod-resources/kube-apiserver-pod-12/configmaps/config/config.yaml": JSON.stringify(config),
    "/etc/kubernetes/static-pod-resources/kube-apiserver-pod-12/configmaps/policies/policy.yaml": "rules: []",
    "/etc/kubernetes/static-pod-resources/kube-apiserver-pod-12/secrets/a/tls.key": "0600 k",
  });
  expect(facts.flavour).toEqual({ value: "openshift" });
  expect(facts.version).toEqual({ value: "1.29" });
  const [apiServer, manager] = componentsOf(facts);
  expect(apiServer?.argv.slice(3)).toEqual([
    ...["--authorization-mode=Scope", "--authorization-mode=RBAC", "--anonymous-auth=true"],
    ...["--client-ca-file=/ca.crt", "--tls-min-version=VersionTLS12"],
  ]);
  expect(apiServer?.documents["audit-policy-file"]).toEqual({ value: { rules: [] } });
  expect(manager?.incomplete).toContain("does not exist");
  const files = "value" in facts.files ? facts.files.value : [];
  expect(
    files.filter(({ role }) => role === "pki-key" || role === "apiserver-manifest").map(({ path }) => path),
  ).toEqual([
    "/etc/kubernetes/manifests/kube-apiserver-pod.yaml",
    "/etc/kubernetes/static-pod-resources/kube-apiserver-pod-12/secrets/a/tls.key",
  ]);
  expect(JSON.stringify(facts)).not.toContain(marker);
});
