import type { KubernetesNodeFacts } from "../../model/kubernetes-facts.ts";
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
    title: "Pods that ended are removed beyond a number",
    severity: "low",
    why: "Without a limit pods that ended fill etcd and slow down every list.",
    remediation: "Set --terminated-pod-gc-threshold to a number, or leave it at its default.",
    component: "kube-controller-manager",
    place: { flag: "terminated-pod-gc-threshold" },
    expected: "a number above 0",
    passes: (value) => /^[1-9]\d{0,8}$/.test(value),
    otherwise: () => ({ value: "12500" }),
  }),
  settingCheck({
    name: "controller-manager-profiling",
    title: "The controller manager offers no profiling",
    severity: "low",
    why: "Profiles show what the program does inside to whoever reaches its port.",
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
    title: "Every controller has rights of its own",
    severity: "medium",
    why: "Otherwise all controllers share the rights of the most powerful one.",
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
    title: "Tokens of service accounts are signed with a key of their own",
    severity: "medium",
    why: "A key of its own can be changed without changing that of a certificate.",
    remediation: "Set --service-account-private-key-file.",
  }),
  requiredSettings("kube-controller-manager", [{ flag: "root-ca-file" }], {
    name: "controller-manager-root-ca",
    title: "Pods get the CA with which they verify the API server",
    severity: "medium",
    why: "Pods that cannot verify the API server send their token to whoever answers.",
    remediation: "Set --root-ca-file.",
  }),
  settingCheck({
    name: "controller-manager-kubelet-certificate-rotation",
    title: "Serving certificates of kubelets are renewed",
    severity: "low",
    why: "A certificate that ends and is not renewed is soon one that nobody verifies.",
    remediation: "Remove RotateKubeletServerCertificate=false from --feature-gates.",
    component: "kube-controller-manager",
    place: { gate: "RotateKubeletServerCertificate" },
    expected: "true",
    passes: isTrue,
    otherwise: () => ({ value: "true", note: "the default since 1.12" }),
  }),
  settingCheck({
    name: "controller-manager-bind-address",
    title: "The controller manager is reached from its own host only",
    severity: "medium",
    why: "Its port shows health and metrics, and needs to be reached by nobody else.",
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
    title: "The scheduler offers no profiling",
    severity: "low",
    why: "Profiles show what the program does inside to whoever reaches its port.",
    remediation: "Set --profiling=false, or enableProfiling: false in the file of --config, where there is one.",
    component: "kube-scheduler",
    place: { flag: "profiling", path: ["enableProfiling"], fileFirst: true },
    expected: "false",
    fix: "false",
    passes: isFalse,
    otherwise: () => ({ value: "true" }),
  }),
  settingCheck({
    name: "scheduler-bind-address",
    title: "The scheduler is reached from its own host only",
    severity: "medium",
    why: "Its port shows health and metrics, and needs to be reached by nobody else.",
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
      title: "etcd serves its clients over TLS",
      severity: "critical",
      why: "etcd holds every secret of the cluster, and without TLS they cross the network in plain text.",
      remediation: "Set --cert-file and --key-file.",
    },
  ),
  etcdSwitch("client-cert-auth", true, {
    name: "etcd-client-auth",
    title: "etcd serves only clients with a certificate",
    severity: "critical",
    why: "Whoever reaches etcd without a certificate could read and write the whole cluster.",
    remediation: "Set --client-cert-auth=true.",
  }),
  etcdSwitch("auto-tls", false, {
    name: "etcd-auto-tls",
    title: "etcd does not make certificates for itself",
    severity: "medium",
    why: "Clients cannot verify a certificate that etcd made itself.",
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
      title: "Members of etcd speak TLS to one another",
      severity: "high",
      why: "What members copy to one another is all that etcd holds.",
      remediation: "Set --peer-cert-file and --peer-key-file.",
    },
  ),
  etcdSwitch("peer-client-cert-auth", true, {
    name: "etcd-peer-client-auth",
    title: "etcd accepts only members with a certificate",
    severity: "high",
    why: "Whoever joins as a member gets a copy of everything.",
    remediation: "Set --peer-client-cert-auth=true.",
  }),
  etcdSwitch("peer-auto-tls", false, {
    name: "etcd-peer-auto-tls",
    title: "Members of etcd do not make certificates for themselves",
    severity: "medium",
    why: "Members cannot verify a certificate that another one made itself.",
    remediation: "Remove --peer-auto-tls.",
  }),
  nodeCheck(
    {
      name: "etcd-own-ca",
      title: "etcd trusts a CA of its own",
      severity: "medium",
      why: "Where etcd trusts the CA of the cluster, every client certificate of the cluster opens etcd.",
      remediation: "Make a CA for etcd alone and name it with --trusted-ca-file.",
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
      const expected = "another file than --client-ca-file of the API server";
      const value = trusted.kind === "set" ? trusted.value : "not set";
      const evidence = [{ subject: "--trusted-ca-file", value, expected }];
      if (trusted.kind === "unknown") return [{ state: "warn", resource, reason: trusted.reason, evidence }];
      if (trusted.kind !== "set") return [{ state: "fail", resource, evidence }];
      if (cluster?.kind !== "set") {
        return [{ state: "manual", resource, reason: "the CA of the cluster is not known on this node", evidence }];
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
