import { expect, test } from "vitest";
import { runChecks } from "../../run-checks.ts";
import { readManifests } from "../reading/read-manifests.ts";
import { controlPlaneChecks } from "./control-plane-checks.ts";

type Found = Record<string, { state: string; subject: string | undefined; value: string | undefined }>;

function kubeletResults(text: string): Found {
  const facts = readManifests(text, { path: "k.yaml", problem: ({ message }) => expect.fail(message) });
  const results = runChecks(controlPlaneChecks, facts).filter(({ id }) => id.startsWith("manifests/kubelet-"));
  return Object.fromEntries(
    results
      .filter(({ state }) => state === "fail" || state === "manual")
      .map(({ id, state, evidence: [first] }) => [
        id.slice("manifests/kubelet-".length),
        { state, subject: first?.subject, value: first?.value },
      ]),
  );
}

const bad = `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication: {anonymous: {enabled: true}}
authorization: {mode: AlwaysAllow}
readOnlyPort: 10255
streamingConnectionIdleTimeout: 0s
makeIPTablesUtilChains: false
eventRecordQPS: 0
featureGates: {RotateKubeletServerCertificate: false}
tlsCipherSuites: [TLS_RSA_WITH_RC4_128_SHA]
`;
const good = `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication: {anonymous: {enabled: false}, x509: {clientCAFile: /etc/kubernetes/pki/ca.crt}}
authorization: {mode: Webhook}
protectKernelDefaults: true
rotateCertificates: true
serverTLSBootstrap: true
tlsMinVersion: VersionTLS13
`;

test("every wrong setting of a KubeletConfiguration fails, and one that is set up well passes", () => {
  const found = kubeletResults(bad);
  expect(Object.keys(found).sort()).toEqual([
    "anonymous-auth",
    "authorization",
    "certificate",
    "ciphers",
    "client-ca",
    "client-certificate-rotation",
    "event-rate",
    "iptables-chains",
    "protect-kernel-defaults",
    "read-only-port",
    "server-certificate-rotation",
    "streaming-timeout",
  ]);
  expect(found["anonymous-auth"]).toEqual({
    state: "fail",
    subject: "authentication.anonymous.enabled",
    value: "true",
  });
  expect(kubeletResults(good)).toEqual({});
});

test("a KubeletConfiguration in a ConfigMap is checked, as kubeadm has it", () => {
  const within = (text: string): string =>
    `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: kubelet-config, namespace: kube-system}\ndata:\n  kubelet: |\n${text.replace(/^/gm, "    ")}\n`;
  const found = kubeletResults(within(bad));
  expect(Object.keys(found)).toHaveLength(12);
  expect(found["anonymous-auth"]).toEqual({
    state: "fail",
    subject: "data.kubelet",
    value: "authentication.anonymous.enabled: true",
  });
  expect(kubeletResults(within(good))).toEqual({});
  expect(kubeletResults(within('kind: KubeletConfiguration\n"'))["ciphers"]?.state).toBe("manual");
});

test("what a configuration file may set is not decided by the flags alone", () => {
  const pod = (...flags: string[]): string =>
    `kind: Pod\nmetadata: {name: k}\nspec: {containers: [{name: k, image: a, command: ${JSON.stringify(["kubelet", ...flags])}}]}\n`;
  expect(kubeletResults(pod())["anonymous-auth"]?.state).toBe("fail");
  expect(kubeletResults(pod())["read-only-port"]?.state).toBe("fail");
  const withFile = kubeletResults(pod("--config=/a", "--read-only-port=1"));
  expect(withFile["anonymous-auth"]?.state).toBe("manual");
  expect(withFile["read-only-port"]?.state).toBe("fail");
});
