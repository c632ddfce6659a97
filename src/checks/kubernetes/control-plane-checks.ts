import type { KubernetesNodeFacts } from "../../model/checks/kubernetes-facts.ts";
import type { Check } from "../check.ts";
import { componentOf, findSetting, isFalse, isLoopback, isTrue } from "./find-setting.ts";
import { requiredSettings } from "./required-settings.ts";
import { nodeCheck, type SettingDescription, settingCheck } from "./setting-check.ts";

/** Sections of the configuration file of etcd. */
const clients = "client-transport-security";
const peers = "peer-transport-security";

const anyAddress: NonNullable<SettingDescription["otherwise"]> = () => ({ value: "0.0.0.0" });

/** Checks of the controller manager, the scheduler and etcd. */
export const controlPlaneChecks: readonly Check<KubernetesNodeFacts>[] = [
  settingCheck({
    name: "controller-manager-pod-gc",
    title: { pass: "Terminated pods are garbage collected", fail: "Terminated pods are not garbage collected" },
    severity: "low",
    why: "Without a limit, terminated pods fill etcd and slow down list requests.",
    remediation: "Set --terminated-pod-gc-threshold to a positive number, or remove it to use the default.",
    component: "kube-controller-manager",
    place: { flag: "terminated-pod-gc-threshold" },
    expected: "a number above 0",
    passes: (value) => /^[1-9]\d{0,8}$/.test(value),
    otherwise: () => ({ value: "12500" }),
  }),
  settingCheck({
    name: "controller-manager-profiling",
    title: { pass: "Controller manager profiling is disabled", fail: "Controller manager profiling is enabled" },
    severity: "low",
    why: "Profiles reveal internals of the program to every client that can reach its port.",
    remediation: "Set --profiling=false.",
    component: "kube-controller-manager",
    place: { flag: "profiling" },
    expected: "false",
    fix: "false",
    passes: isFalse,
    otherwise: () => ({ value: "true" }),
  }),
  settingCheck({
    name: "controller-manager-service-account-credentials",
    title: { pass: "Each controller uses its own service account", fail: "Controllers share one set of credentials" },
    severity: "medium",
    why: "All controllers have the permissions of the most powerful one.",
    remediation: "Set --use-service-account-credentials=true.",
    component: "kube-controller-manager",
    place: { flag: "use-service-account-credentials" },
    expected: "true",
    fix: "true",
    passes: isTrue,
    otherwise: () => ({ value: "false" }),
  }),
  requiredSettings("kube-controller-manager", [{ flag: "service-account-private-key-file" }], {
    name: "controller-manager-service-account-key",
    title: {
      pass: "Service account tokens are signed with a dedicated key",
      fail: "Service account tokens have no dedicated signing key",
    },
    severity: "medium",
    why: "A dedicated key can be rotated without changing a certificate.",
    remediation: "Set --service-account-private-key-file.",
  }),
  requiredSettings("kube-controller-manager", [{ flag: "root-ca-file" }], {
    name: "controller-manager-root-ca",
    title: { pass: "Pods receive the CA of the API server", fail: "Pods do not receive the CA of the API server" },
    severity: "medium",
    why: "Pods that cannot verify the API server can send their token to an attacker.",
    remediation: "Set --root-ca-file.",
  }),
  settingCheck({
    name: "controller-manager-kubelet-certificate-rotation",
    title: {
      pass: "Kubelet serving certificate rotation is enabled in the controller manager",
      fail: "Kubelet serving certificate rotation is disabled in the controller manager",
    },
    severity: "low",
    why: "Clients stop verifying certificates that expire without rotation.",
    remediation: "Remove RotateKubeletServerCertificate=false from --feature-gates.",
    component: "kube-controller-manager",
    place: { gate: "RotateKubeletServerCertificate" },
    expected: "true",
    passes: isTrue,
    otherwise: () => ({ value: "true", note: "the default since 1.12" }),
  }),
  settingCheck({
    name: "controller-manager-bind-address",
    title: {
      pass: "Controller manager listens only on localhost",
      fail: "Controller manager listens on a network address",
    },
    severity: "medium",
    why: "The port serves health and metrics, which only the local host needs.",
    remediation: "Set --bind-address=127.0.0.1.",
    component: "kube-controller-manager",
    place: { flag: "bind-address" },
    expected: "127.0.0.1",
    fix: "127.0.0.1",
    passes: isLoopback,
    otherwise: anyAddress,
  }),
  settingCheck({
    name: "scheduler-profiling",
    title: { pass: "Scheduler profiling is disabled", fail: "Scheduler profiling is enabled" },
    severity: "low",
    why: "Profiles reveal internals of the program to every client that can reach its port.",
    remediation: "Set --profiling=false, or enableProfiling: false in the file of --config if there is one.",
    component: "kube-scheduler",
    place: { flag: "profiling", path: ["enableProfiling"], fileFirst: true },
    expected: "false",
    fix: "false",
    passes: isFalse,
    otherwise: () => ({ value: "true" }),
  }),
  settingCheck({
    name: "scheduler-bind-address",
    title: { pass: "Scheduler listens only on localhost", fail: "Scheduler listens on a network address" },
    severity: "medium",
    why: "The port serves health and metrics, which only the local host needs.",
    remediation: "Set --bind-address=127.0.0.1.",
    component: "kube-scheduler",
    place: { flag: "bind-address" },
    expected: "127.0.0.1",
    fix: "127.0.0.1",
    passes: isLoopback,
    otherwise: anyAddress,
  }),
  requiredSettings(
    "etcd",
    [
      { flag: "cert-file", variable: "ETCD_CERT_FILE", path: [clients, "cert-file"] },
      { flag: "key-file", variable: "ETCD_KEY_FILE", path: [clients, "key-file"] },
    ],
    {
      name: "etcd-certificate",
      title: { pass: "etcd uses TLS for clients", fail: "etcd does not use TLS for clients" },
      severity: "critical",
      why: "etcd holds every secret of the cluster, and without TLS they are sent in plain text.",
      remediation: "Set --cert-file and --key-file.",
    },
  ),
  etcdSwitch("client-cert-auth", true, {
    name: "etcd-client-auth",
    title: { pass: "etcd requires client certificates", fail: "etcd does not require client certificates" },
    severity: "critical",
    why: "Any client that can reach etcd can read and write the whole cluster state.",
    remediation: "Set --client-cert-auth=true.",
  }),
  etcdSwitch("auto-tls", false, {
    name: "etcd-auto-tls",
    title: {
      pass: "etcd does not serve clients with a self-signed certificate",
      fail: "etcd serves clients with a self-signed certificate",
    },
    severity: "medium",
    why: "Clients cannot verify a self-signed certificate.",
    remediation: "Remove --auto-tls.",
  }),
  requiredSettings(
    "etcd",
    [
      { flag: "peer-cert-file", variable: "ETCD_PEER_CERT_FILE", path: [peers, "cert-file"] },
      { flag: "peer-key-file", variable: "ETCD_PEER_KEY_FILE", path: [peers, "key-file"] },
    ],
    {
      name: "etcd-peer-certificate",
      title: { pass: "etcd members use TLS with each other", fail: "etcd members do not use TLS with each other" },
      severity: "high",
      why: "Members replicate all data of etcd to each other.",
      remediation: "Set --peer-cert-file and --peer-key-file.",
    },
  ),
  etcdSwitch("peer-client-cert-auth", true, {
    name: "etcd-peer-client-auth",
    title: { pass: "etcd requires certificates from peers", fail: "etcd does not require certificates from peers" },
    severity: "high",
    why: "An attacker who joins as a member gets a copy of all data.",
    remediation: "Set --peer-client-cert-auth=true.",
  }),
  etcdSwitch("peer-auto-tls", false, {
    name: "etcd-peer-auto-tls",
    title: {
      pass: "etcd does not serve peers with a self-signed certificate",
      fail: "etcd serves peers with a self-signed certificate",
    },
    severity: "medium",
    why: "Members cannot verify a self-signed certificate.",
    remediation: "Remove --peer-auto-tls.",
  }),
  nodeCheck(
    {
      name: "etcd-own-ca",
      title: { pass: "etcd uses a separate CA", fail: "etcd has no separate CA" },
      severity: "medium",
      why: "If etcd trusts the CA of the cluster, every client certificate of the cluster gives access to etcd.",
      remediation: "Create a CA for etcd alone, and set --trusted-ca-file to it.",
      settings: { component: "etcd" },
    },
    (facts) => {
      const component = componentOf(facts, "etcd");
      if (!component) return [];
      const trusted = findSetting(component, {
        ...{ flag: "trusted-ca-file", variable: "ETCD_TRUSTED_CA_FILE", path: [clients, "trusted-ca-file"] },
      });
      const server = componentOf(facts, "kube-apiserver");
      const cluster = server && findSetting(server, { flag: "client-ca-file" });
      const resource = "etcd";
      const expected = "a file other than --client-ca-file of the API server";
      const value = trusted.kind === "set" ? trusted.value : "not set";
      const evidence = [{ subject: "--trusted-ca-file", value, expected }];
      if (trusted.kind === "unknown") return [{ state: "warn", resource, reason: trusted.reason, evidence }];
      if (trusted.kind !== "set") return [{ state: "fail", resource, evidence }];
      if (cluster?.kind !== "set") {
        return [{ state: "manual", resource, reason: "the CA of the cluster is unknown on this node", evidence }];
      }
      const both = [...evidence, { subject: "--client-ca-file of the API server", value: cluster.value }];
      return [{ state: trusted.value === cluster.value ? "fail" : "pass", resource, evidence: both }];
    },
  ),
];

function etcdSwitch(
  flag: string,
  wanted: boolean,
  texts: Pick<SettingDescription, "name" | "title" | "severity" | "why" | "remediation">,
): Check<KubernetesNodeFacts> {
  return settingCheck({
    ...texts,
    component: "etcd",
    place: {
      flag,
      variable: `ETCD_${flag.toUpperCase().replaceAll("-", "_")}`,
      path: flag.startsWith("peer-") ? [peers, flag.slice("peer-".length)] : [clients, flag],
    },
    expected: String(wanted),
    fix: String(wanted),
    passes: wanted ? isTrue : isFalse,
    otherwise: () => ({ value: "false" }),
  });
}
