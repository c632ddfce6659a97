import { apiServerFlags } from "./api-server-flags.ts";
import { type FlagRule, type FlagText, profiling, rule } from "./flag-rule.ts";
import { is, isGiven } from "./flag-values.ts";
import { kubeletRules } from "./kubelet-rules.ts";
import type { ControlPlaneProgram } from "./static-pod.ts";

const manager: ControlPlaneProgram = "kube-controller-manager";
const scheduler: ControlPlaneProgram = "kube-scheduler";

/**
 * What flags of the programs of the control plane and of nodes should be, by program and in the order of the benchmark.
 */
export const flagRules: readonly FlagRule[] = [
  ...apiServerFlags,
  rule(manager, "terminated-pod-gc-threshold", {
    name: "terminated-pods",
    title: "Pods that have ended are removed",
    why: "They fill the store otherwise.",
    cis: ["1.3.1"],
    severity: "low",
    expected: "a number above 0",
    isRight: (value) => value !== undefined && Number(value) > 0,
  }),
  profiling(manager, "The controller manager", "1.3.2"),
  rule(manager, "use-service-account-credentials", {
    name: "controller-credentials",
    title: "Each controller has an account of its own",
    why: "All controllers have the rights of all otherwise.",
    cis: ["1.3.3"],
    severity: "medium",
    expected: "true",
    isRight: is("true"),
  }),
  rule(manager, "service-account-private-key-file", {
    name: "controller-service-account-key",
    title: "Tokens of service accounts are signed with a key of their own",
    why: "Tokens cannot be verified, or the key not be changed, otherwise.",
    cis: ["1.3.4"],
    severity: "medium",
    expected: "a file",
    isRight: isGiven,
  }),
  rule(manager, "root-ca-file", {
    name: "controller-root-ca",
    title: "Pods are told who issues the certificate of the API server",
    why: "They cannot verify it otherwise, and send their token to whoever answers.",
    cis: ["1.3.5"],
    severity: "medium",
    expected: "a file",
    isRight: isGiven,
  }),
  rule(manager, "feature-gates", {
    name: "kubelet-certificate-rotation",
    title: "Certificates of kubelets are renewed",
    why: "Certificates that are never renewed are kept and copied.",
    cis: ["1.3.6"],
    severity: "low",
    expected: "not RotateKubeletServerCertificate=false",
    isRight: (value) => value === undefined || !/RotateKubeletServerCertificate=false/i.test(value),
  }),
  loopback(manager, "The controller manager", "1.3.7"),
  profiling(scheduler, "The scheduler", "1.4.1"),
  loopback(scheduler, "The scheduler", "1.4.2"),
  etcd(["cert-file", "key-file"], {
    name: "tls",
    connectionsOf: "clients",
    title: "etcd serves clients by TLS",
    cis: ["2.1"],
    expected: "a file",
    isRight: isGiven,
  }),
  etcd(["client-cert-auth"], {
    name: "client-certificates",
    connectionsOf: "clients",
    title: "etcd asks clients for a certificate",
    cis: ["2.2"],
    expected: "true",
    isRight: is("true"),
  }),
  etcd(["auto-tls"], {
    name: "auto-tls",
    title: "etcd does not make its own certificates for clients",
    cis: ["2.3"],
    expected: "false or not set",
    isRight: (value) => value !== "true",
  }),
  etcd(["peer-cert-file", "peer-key-file"], {
    name: "peer-tls",
    connectionsOf: "peers",
    title: "Members of etcd talk by TLS",
    cis: ["2.4"],
    expected: "a file",
    isRight: isGiven,
  }),
  etcd(["peer-client-cert-auth"], {
    name: "peer-client-certificates",
    connectionsOf: "peers",
    title: "Members of etcd ask each other for a certificate",
    cis: ["2.5"],
    expected: "true",
    isRight: is("true"),
  }),
  etcd(["peer-auto-tls"], {
    name: "peer-auto-tls",
    title: "Members of etcd do not make their own certificates",
    cis: ["2.6"],
    expected: "false or not set",
    isRight: (value) => value !== "true",
  }),
  ...kubeletRules,
];

function etcd(flags: readonly string[], text: Omit<FlagText, "why" | "severity">): FlagRule {
  const why = "etcd has everything of the cluster, and asks nobody for a role: whoever reaches it has it.";
  return rule("etcd", flags, { ...text, why, severity: "high" });
}

function loopback(program: ControlPlaneProgram, who: string, id: string): FlagRule {
  return rule(program, "bind-address", {
    name: "bind-address",
    title: `${who} listens on its own machine only`,
    why: "What it tells of itself is for nobody else.",
    cis: [id],
    severity: "low",
    expected: "127.0.0.1",
    isRight: (value) => value === "127.0.0.1" || value === "::1" || value === "localhost",
  });
}
