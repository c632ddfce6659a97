import { describe, expect, test } from "vitest";
import { componentFacts, fileFacts, nodeFacts } from "../../../tests/setup/kubernetes-facts.ts";
import type { CheckResult } from "../../model/checks/check.ts";
import type { KubernetesComponent, KubernetesComponentName } from "../../model/checks/kubernetes-facts.ts";
import { runChecks } from "../run-checks.ts";
import { kubernetesNodeChecks } from "./kubernetes-checks.ts";

const names = ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy"] as const;

/** A node of k3s on which `flags` are passed to the components. */
function k3s(
  flags: Partial<Record<KubernetesComponentName, readonly string[]>> = {},
  others: readonly KubernetesComponent[] = [],
): readonly CheckResult[] {
  const components = names.map((name) => componentFacts(name, flags[name] ?? [], { source: "embedded", place: "k3s" }));
  return runChecks(
    kubernetesNodeChecks,
    nodeFacts({ flavour: { value: "k3s" }, components: [...components, ...others] }),
  );
}

function one(id: string, results: readonly CheckResult[]): CheckResult | undefined {
  return results.find((result) => result.id === `kubernetes/${id}`);
}

const etcd = componentFacts("etcd", ["--config-file=/e"], {
  documents: {
    "config-file": {
      value: {
        "client-transport-security": {
          ...{ "cert-file": "/c", "key-file": "/k", "client-cert-auth": true, "trusted-ca-file": "/etcd-ca" },
        },
        "peer-transport-security": { "cert-file": "/c", "key-file": "/k", "client-cert-auth": true, "auto-tls": true },
      },
    },
  },
});

describe("k3s without any settings", () => {
  test("passes what it sets itself, and fails what it leaves to its users", () => {
    const states = Map.groupBy(k3s(), ({ state }) => state);
    const ids = (state: CheckResult["state"]): readonly string[] =>
      (states.get(state) ?? []).map(({ id }) => id.slice("kubernetes/".length));
    expect(ids("fail")).toEqual([
      ...["apiserver-deny-service-external-ips", "apiserver-event-rate-limit", "apiserver-always-pull-images"],
      ...["apiserver-audit-log-path", "apiserver-token-expiration", "apiserver-encryption", "audit-policy"],
      ...["kubelet-ciphers", "kubelet-pod-pids", "kubelet-seccomp-default"],
    ]);
    expect(ids("warn")).toEqual(["apiserver-ciphers"]);
    expect(ids("manual")).toEqual([]);
    expect(ids("pass")).toEqual([
      ...["apiserver-anonymous-auth", "apiserver-plain-text", "apiserver-authorization-always-allow"],
      ...["apiserver-authorization-node", "apiserver-authorization-rbac", "apiserver-token-file"],
      ...["apiserver-kubelet-client-certificate", "apiserver-kubelet-ca", "apiserver-flow-control"],
      ...["apiserver-always-admit", "apiserver-security-context-deny", "apiserver-service-account-plugin"],
      ...["apiserver-namespace-lifecycle", "apiserver-node-restriction", "apiserver-profiling"],
      ...["apiserver-request-timeout", "apiserver-service-account-lookup", "apiserver-service-account-key"],
      ...["apiserver-tls-certificate", "apiserver-client-ca", "controller-manager-pod-gc"],
      ...["controller-manager-profiling", "controller-manager-service-account-credentials"],
      ...["controller-manager-service-account-key", "controller-manager-root-ca"],
      ...["controller-manager-kubelet-certificate-rotation", "controller-manager-bind-address"],
      ...["scheduler-profiling", "scheduler-bind-address", "kubelet-anonymous-auth", "kubelet-authorization"],
      ...["kubelet-client-ca", "kubelet-read-only-port", "kubelet-streaming-timeout", "kubelet-iptables-chains"],
      ...["kubelet-event-rate", "kubelet-certificate", "kubelet-server-certificate-rotation"],
      ...["kubelet-garbage-collection", "proxy-metrics-address"],
    ]);
  });

  test("passes what only some releases set where its version is known to be one of them", () => {
    const ciphers = (version: string): CheckResult["state"] | undefined => {
      const component = componentFacts("kube-apiserver", [], { source: "embedded", place: "k3s", version });
      const facts = nodeFacts({ flavour: { value: "k3s" }, components: [component] });
      return one("apiserver-ciphers", runChecks(kubernetesNodeChecks, facts))?.state;
    };
    expect(["1.25.16", "1.26.0", "1.26.1", "1.31.4"].map(ciphers)).toEqual(["warn", "warn", "pass", "pass"]);
  });

  test("shows as evidence that k3s sets it", () => {
    expect(one("apiserver-profiling", k3s())?.evidence).toEqual([
      { subject: "--profiling (set by k3s)", value: "false", expected: "false" },
    ]);
  });
});

describe("settings of k3s", () => {
  test("take the place of what it sets itself", () => {
    const results = k3s({
      "kube-apiserver": ["--profiling=true", "--enable-admission-plugins=EventRateLimit"],
      kubelet: ["--anonymous-auth=true"],
    });
    expect(one("apiserver-profiling", results)?.state).toBe("fail");
    expect(one("apiserver-event-rate-limit", results)?.state).toBe("pass");
    expect(one("apiserver-node-restriction", results)?.state).toBe("fail");
    expect(one("kubelet-anonymous-auth", results)?.state).toBe("fail");
  });

  test("add to it when their name ends with a sign", () => {
    const results = k3s({ "kube-apiserver": ["--enable-admission-plugins+=EventRateLimit"] });
    expect(one("apiserver-event-rate-limit", results)?.state).toBe("pass");
    expect(one("apiserver-node-restriction", results)).toMatchObject({
      state: "pass",
      evidence: [{ value: "NodeRestriction,EventRateLimit" }],
    });
  });

  test("that may be missing leave open what is not among them", () => {
    const component = componentFacts("kube-apiserver", ["--profiling=false"], {
      ...{ source: "embedded", incomplete: "k3s hides its arguments" },
    });
    const results = runChecks(kubernetesNodeChecks, nodeFacts({ components: [component] }));
    expect(one("apiserver-profiling", results)?.state).toBe("pass");
    expect(one("apiserver-anonymous-auth", results)).toMatchObject({
      state: "warn",
      reason: "k3s hides its arguments",
    });
    expect(one("apiserver-etcd-ca", results)?.state).toBe("warn");
    const plugins = ["node-restriction", "security-context-deny", "namespace-lifecycle", "always-admit"];
    expect(plugins.map((name) => one(`apiserver-${name}`, results)?.state)).toEqual(Array(4).fill("warn"));
  });

  test("of the connection to etcd are its own when it runs etcd, and of no use without", () => {
    const ids = ["apiserver-etcd-client-certificate", "apiserver-etcd-ca"];
    const states = (results: readonly CheckResult[]) => ids.map((id) => one(id, results)?.state);
    expect(states(k3s())).toEqual(["not-applicable", "not-applicable"]);
    expect(states(k3s({}, [etcd]))).toEqual(["pass", "pass"]);
    const elsewhere = { "kube-apiserver": ["--etcd-servers=https://e:2379", "--etcd-cafile=/ca"] };
    expect(states(k3s(elsewhere))).toEqual(["fail", "pass"]);
  });
});

test("the file of etcd decides alone when there is one", () => {
  const results = k3s({}, [{ ...etcd, argv: ["etcd", "--config-file=/e", "--auto-tls=true"] }]);
  const states = [
    "certificate",
    "client-auth",
    "auto-tls",
    "peer-certificate",
    "peer-client-auth",
    "peer-auto-tls",
  ].map((name) => one(`etcd-${name}`, results)?.state);
  expect(states).toEqual(["pass", "pass", "pass", "pass", "pass", "fail"]);
  expect(one("etcd-own-ca", results)).toMatchObject({
    state: "pass",
    evidence: [{ value: "/etcd-ca" }, { value: "tls/client-ca.crt" }],
  });
});

describe("commands for review", () => {
  const facts = (flags: readonly string[], flavour: "kubeadm" | "k3s" | "rke2" | "openshift", path = "/m.yaml") =>
    nodeFacts({
      flavour: { value: flavour },
      components: [componentFacts("kube-scheduler", flags)],
      files: [{ ...fileFacts("scheduler-manifest", "0600"), path }],
    });
  const commands = (...given: Parameters<typeof facts>) =>
    one("scheduler-profiling", runChecks(kubernetesNodeChecks, facts(...given)))?.commands;

  test("write a flag into the very static pod that was found", () => {
    expect(commands([], "kubeadm")).toEqual([
      "sed -i 's|^\\( *- \\)kube-scheduler$|&\\n\\1--profiling=false|' /m.yaml",
    ]);
    expect(commands(["--profiling=true"], "kubeadm")).toEqual([
      `sed -i 's|--profiling=[^"[:space:]]*|--profiling=false|' /m.yaml`,
    ]);
    expect(commands(["--profiling", "true"], "kubeadm")).toBeUndefined();
    expect(commands(["--profiling=false"], "kubeadm")).toBeUndefined();
  });

  test("quote a hostile path", () => {
    expect(commands([], "kubeadm", "/a'; touch /tmp/x; '/m.yaml")?.[0]).toMatch(
      / '\/a'\\''; touch \/tmp\/x; '\\''\/m\.yaml'$/,
    );
  });

  test("go into a file of settings where the distribution writes static pods itself, and nowhere on OpenShift", () => {
    expect(commands([], "rke2")).toEqual([
      "mkdir -p /etc/rancher/rke2/config.yaml.d",
      "printf '%s\\n' kube-scheduler-arg+: '- profiling=false' > /etc/rancher/rke2/config.yaml.d/50-kube-scheduler-profiling.yaml",
      "# systemctl restart rke2-server",
    ]);
    expect(commands([], "openshift")).toBeUndefined();
  });

  test("are a hint where k3s was told otherwise, perhaps on its command line, which counts before its files", () => {
    const results = k3s({ "kube-scheduler": ["--profiling=true"] });
    expect(one("scheduler-profiling", results)?.commands).toEqual(["# set profiling=false for kube-scheduler in k3s"]);
  });
});
