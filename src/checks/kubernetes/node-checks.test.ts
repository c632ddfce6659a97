import { describe, expect, test } from "vitest";
import { componentFacts, fileFacts, nodeFacts } from "../../../tests/setup/kubernetes-facts.ts";
import type { CheckResult } from "../../model/checks/check.ts";
import type { KubernetesFileRole, KubernetesNodeFacts } from "../../model/checks/kubernetes-facts.ts";
import { runChecks } from "../run-checks.ts";
import { kubernetesNodeChecks } from "./kubernetes-checks.ts";

const strongSuites = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,TLS_AES_128_GCM_SHA256";
const roles: readonly KubernetesFileRole[] = [
  ...(["apiserver-manifest", "controller-manager-manifest", "scheduler-manifest", "etcd-manifest", "cni"] as const),
  ...(["admin-kubeconfig", "scheduler-kubeconfig", "controller-manager-kubeconfig", "kubelet-unit"] as const),
  ...(["kubelet-kubeconfig", "kubelet-ca", "kubelet-config", "proxy-kubeconfig", "pki", "pki-key"] as const),
  ...(["pki-certificate", "cloud-config", "distribution-config"] as const),
];
/** On OpenShift alone. */
const elsewhere = "kubernetes/apiserver-security-constraint-plugin";

const auditPolicy = { rules: [{ level: "None", users: ["system:kube-proxy"] }, { level: "Metadata" }] };

const good = nodeFacts({
  components: [
    componentFacts(
      "kube-apiserver",
      [
        ...["--anonymous-auth=false", "--authorization-mode=Node,RBAC", "--profiling=false", "--client-ca-file=/ca"],
        "--enable-admission-plugins=NodeRestriction,DenyServiceExternalIPs,EventRateLimit,AlwaysPullImages",
        ...["--kubelet-client-certificate=/c", "--kubelet-client-key=/k", "--kubelet-certificate-authority=/ca"],
        ...["--audit-log-path=/log", "--audit-log-maxage=30", "--audit-log-maxbackup=10", "--audit-log-maxsize=100"],
        ...["--audit-policy-file=/policy", "--service-account-key-file=/k", "--etcd-certfile=/c", "--etcd-keyfile=/k"],
        ...["--etcd-cafile=/ca", "--tls-cert-file=/c", "--tls-private-key-file=/k", "--encryption-provider-config=/e"],
        ...[`--tls-cipher-suites=${strongSuites}`, "--service-account-extend-token-expiration=false"],
      ],
      {
        documents: {
          "audit-policy-file": { value: auditPolicy },
          "encryption-provider-config": {
            value: { resources: [{ resources: ["secrets"], providers: [{ kms: {} }, { identity: {} }] }] },
          },
        },
      },
    ),
    componentFacts("kube-controller-manager", [
      ...["--bind-address=127.0.0.1", "--profiling=false", "--use-service-account-credentials"],
      ...["--service-account-private-key-file=/k", "--root-ca-file=/ca"],
    ]),
    componentFacts("kube-scheduler", ["--bind-address", "::1", "--profiling=false"]),
    componentFacts("etcd", ["--cert-file=/c", "--key-file=/k", "-client-cert-auth=true", "--peer-cert-file=/c"], {
      environment: { ETCD_PEER_KEY_FILE: "/k", ETCD_PEER_CLIENT_CERT_AUTH: "true", ETCD_TRUSTED_CA_FILE: "/etcd-ca" },
    }),
    componentFacts("kubelet", ["--config=/config"], {
      documents: {
        config: {
          value: {
            ...{ rotateCertificates: true, serverTLSBootstrap: true, podPidsLimit: 4096, seccompDefault: true },
            ...{ authentication: { x509: { clientCAFile: "/ca" } }, tlsMinVersion: "VersionTLS13" },
          },
        },
      },
    }),
    componentFacts("kube-proxy", ["--config=/c", "--metrics-bind-address=0.0.0.0"], {
      documents: { config: { value: { metricsBindAddress: "127.0.0.1:10249" } } },
    }),
  ],
  files: [...roles.map((role) => fileFacts(role, "0600")), fileFacts("etcd-data", "0700", "etcd:etcd")],
  kubeletUnit: { value: { "Service.IPAddressDeny": ["any"] } },
});

const bad = nodeFacts({
  components: [
    componentFacts(
      "kube-apiserver",
      [
        ...["--token-auth-file=/t", "--authorization-mode=AlwaysAllow", "--enable-admission-plugins=AlwaysAdmit"],
        ...[
          "--disable-admission-plugins=ServiceAccount,NamespaceLifecycle,PodSecurity",
          "--service-account-lookup=false",
        ],
        ...["--audit-log-path=/log", "--audit-log-maxage=1", "--audit-log-maxbackup=x", "--request-timeout=1h0m0s"],
        ...["--audit-policy-file=/policy", "--encryption-provider-config=/e", "--insecure-port=8080"],
        "--enable-priority-and-fairness=false",
      ],
      {
        documents: {
          "audit-policy-file": {
            value: { rules: [{ level: "None", resources: [{ resources: ["secrets"] }] }, { level: "Metadata" }] },
          },
          "encryption-provider-config": {
            value: { resources: [{ resources: ["secrets"], providers: [{ identity: {} }, { kms: {} }] }] },
          },
        },
      },
    ),
    componentFacts("kube-controller-manager", [
      ...["--terminated-pod-gc-threshold=0", "--feature-gates=A=true,RotateKubeletServerCertificate=false"],
    ]),
    componentFacts("kube-scheduler", []),
    componentFacts("etcd", ["--auto-tls", "--peer-auto-tls=true"]),
    componentFacts("kubelet", [
      ...["--streaming-connection-idle-timeout=0s", "--make-iptables-util-chains=false", "--hostname-override=x"],
      ...[
        "--event-qps=-1",
        "--image-gc-high-threshold=100",
        "--feature-gates=RotateKubeletServerCertificate=false",
        "--tls-cipher-suites=TLS_RSA_WITH_AES_128_CBC_SHA",
      ],
    ]),
    componentFacts("kube-proxy", ["--metrics-bind-address=0.0.0.0:10249"]),
  ],
  files: [...roles, "etcd-data" as const].map((role) => fileFacts(role, "0666", "mallory:users")),
});

function statesOf(facts: KubernetesNodeFacts): Readonly<Record<string, readonly string[]>> {
  const states: Record<string, string[]> = {};
  for (const { id, state } of runChecks(kubernetesNodeChecks, facts)) states[id] = [...(states[id] ?? []), state];
  return states;
}

describe("a node", () => {
  test("that is set up well passes every check", () => {
    const failed = runChecks(kubernetesNodeChecks, good).filter(
      ({ state, id }) => state !== "pass" && id !== elsewhere,
    );
    expect(failed.map(({ id, state, reason }) => [id, state, reason])).toEqual([]);
  });

  test("that is set up badly fails every check, but for 3 that then do not apply or that a person decides", () => {
    const states = statesOf(bad);
    const others = Object.entries(states).filter(
      ([id, all]) => id !== elsewhere && all.some((state) => state !== "fail"),
    );
    expect(others).toEqual(
      [
        ["kubernetes/apiserver-encryption", ["pass"]],
        ["kubernetes/apiserver-audit-log-path", ["pass"]],
        ["kubernetes/apiserver-request-timeout", ["manual"]],
        ["kubernetes/audit-policy", ["pass"]],
        ["kubernetes/kubelet-hostname-override", ["manual"]],
      ].sort(
        (a, b) =>
          kubernetesNodeChecks.findIndex(({ id }) => id === a[0]) -
          kubernetesNodeChecks.findIndex(({ id }) => id === b[0]),
      ),
    );
    expect(Object.keys(states)).toHaveLength(kubernetesNodeChecks.length);
  });

  test("without a component is not judged by its checks", () => {
    const states = statesOf(nodeFacts());
    const applicable = Object.entries(states).filter(([, all]) => all.some((state) => state !== "not-applicable"));
    expect(applicable).toEqual([]);
  });

  test("is judged by the unit of its kubelet where that lies ready or a kubelet runs", () => {
    const state = (facts: KubernetesNodeFacts) => one("kubelet-address-deny", facts)?.state;
    expect(state(nodeFacts({ files: [fileFacts("kubelet-unit", "0600")] }))).toBe("fail");
    const components = [componentFacts("kubelet", [])];
    expect(state(nodeFacts({ components }))).toBe("fail");
    const kubeletUnit = { value: { "Service.IPAddressDeny": ["any"] } };
    expect(state(nodeFacts({ components, kubeletUnit }))).toBe("pass");
  });

  test("whose facts could not be collected is one of which nothing can be told", () => {
    const facts = {
      ...nodeFacts(),
      components: { unavailable: "/proc shows no processes" },
      files: { unavailable: "no" },
    };
    const results = runChecks(kubernetesNodeChecks, facts).filter(({ id }) => id !== "kubernetes/kubelet-address-deny");
    expect(new Set(results.map(({ state }) => state))).toEqual(new Set(["warn"]));
  });
});

function one(id: string, facts: KubernetesNodeFacts): CheckResult | undefined {
  return runChecks(kubernetesNodeChecks, facts).find((result) => result.id === `kubernetes/${id}`);
}

describe("a setting", () => {
  const kubelet = (flags: readonly string[], config?: object) =>
    nodeFacts({
      components: [componentFacts("kubelet", flags, config ? { documents: { config: { value: { ...config } } } } : {})],
    });

  test("on the command line counts before the file, the last of several", () => {
    const facts = kubelet(["--anonymous-auth=false", "--anonymous_auth=true"], {
      authentication: { anonymous: { enabled: false } },
    });
    expect(one("kubelet-anonymous-auth", facts)).toMatchObject({
      state: "fail",
      evidence: [{ subject: "--anonymous-auth (process 1)", value: "true", expected: "false" }],
    });
  });

  test("that stands nowhere has the default of the component, which depends on whether there is a file", () => {
    expect(one("kubelet-anonymous-auth", kubelet([], {}))).toMatchObject({
      state: "pass",
      evidence: [{ value: "not set: false (the default with a configuration file)" }],
    });
    expect(one("kubelet-anonymous-auth", kubelet([]))).toMatchObject({
      state: "fail",
      evidence: [{ value: "not set: true (the default without a configuration file)" }],
    });
  });

  test("that may stand in a file that cannot be read is not known, unless the command line has it", () => {
    const documents = { config: { unavailable: "/config cannot be read by this user" } };
    const facts = (flags: readonly string[]) =>
      nodeFacts({ components: [componentFacts("kubelet", flags, { documents })] });
    expect(one("kubelet-read-only-port", facts([]))).toMatchObject({
      state: "warn",
      reason: "/config cannot be read by this user",
    });
    expect(one("kubelet-read-only-port", facts(["--read-only-port=0"]))?.state).toBe("pass");
  });

  test("of authentication and authorization may stand in files of their own", () => {
    const facts = (documents: Readonly<Record<string, { readonly value: Readonly<Record<string, unknown>> }>>) =>
      nodeFacts({ components: [componentFacts("kube-apiserver", [], { documents })] });
    const authorizers = [{ type: "Node" }, { type: "RBAC" }];
    const modes = facts({ "authorization-config": { value: { authorizers } } });
    expect(one("apiserver-authorization-node", modes)?.state).toBe("pass");
    expect(one("apiserver-authorization-always-allow", modes)?.state).toBe("pass");
    const anonymous = (value: object) => facts({ "authentication-config": { value: { anonymous: value } } });
    expect(one("apiserver-anonymous-auth", anonymous({ enabled: false }))?.state).toBe("pass");
    expect(one("apiserver-anonymous-auth", anonymous({ enabled: true }))?.state).toBe("fail");
    expect(one("apiserver-anonymous-auth", anonymous({ enabled: true, conditions: [{ path: "/livez" }] }))?.state).toBe(
      "manual",
    );
  });

  test("of etcd in a file that the facts do not contain is not known", () => {
    const facts = nodeFacts({ components: [componentFacts("etcd", ["--config-file=/etc/etcd.yaml"])] });
    expect(one("etcd-client-auth", facts)?.state).toBe("warn");
  });
});

test("an audit policy covers what its first rule for everybody logs", () => {
  const state = (rules: readonly object[]) => {
    const documents = { "audit-policy-file": { value: { rules } } };
    const components = [componentFacts("kube-apiserver", [], { documents })];
    return one("audit-policy-coverage", nodeFacts({ components }))?.state;
  };
  const rest = { level: "Metadata" };
  expect(state([{ level: "None", userGroups: ["system:nodes"] }, rest])).toBe("pass");
  expect(state([{ level: "None", namespaces: ["kube-system"] }, rest])).toBe("pass");
  expect(state([{ level: "None", nonResourceURLs: ["/healthz"] }, rest])).toBe("pass");
  expect(state([{ level: "None", userGroups: ["system:authenticated"] }, rest])).toBe("fail");
  expect(state([{ level: "None" }, rest])).toBe("fail");
  expect(state([])).toBe("fail");
});

describe("modes of files", () => {
  test("are masks of bits, and commands for review take away what is too much", () => {
    const facts = nodeFacts({ files: [fileFacts("kubelet-config", "0577")] });
    expect(one("kubelet-config-mode", facts)).toMatchObject({
      state: "fail",
      commands: ["chmod 0400 /kubelet-config"],
      evidence: [{ subject: "mode", value: "0577", expected: "0600 or stricter" }],
    });
  });

  test("may be wider on clusters that a cloud runs", () => {
    const files = [fileFacts("kubelet-config", "0644")];
    expect(one("kubelet-config-mode", nodeFacts({ files }))?.state).toBe("fail");
    expect(one("kubelet-config-mode", nodeFacts({ files, flavour: { value: "eks" } }))?.state).toBe("pass");
  });
});
