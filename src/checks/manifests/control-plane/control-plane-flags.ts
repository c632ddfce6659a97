import { apiServerConnectionFlags } from "./api-server-connection-flags.ts";
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
  ...apiServerConnectionFlags,
  rule(manager, "terminated-pod-gc-threshold", {
    name: "terminated-pods",
    title: { pass: "Terminated pods are garbage collected", fail: "Terminated pods are not garbage collected" },
    why: "Terminated pods fill etcd.",
    cis: ["1.3.1"],
    severity: "low",
    expected: "a number above 0",
    isRight: (value) => value !== undefined && Number(value) > 0,
  }),
  profiling(manager, "Controller manager", "1.3.2"),
  rule(manager, "use-service-account-credentials", {
    name: "controller-credentials",
    title: { pass: "Each controller uses its own service account", fail: "Controllers share one set of credentials" },
    why: "Every controller has the permissions of all controllers.",
    cis: ["1.3.3"],
    severity: "medium",
    expected: "true",
    isRight: is("true"),
  }),
  rule(manager, "service-account-private-key-file", {
    name: "controller-service-account-key",
    title: {
      pass: "Service account tokens are signed with a dedicated key",
      fail: "Service account tokens have no dedicated signing key",
    },
    why: "Without a separate key, tokens cannot be verified or the key cannot be rotated.",
    cis: ["1.3.4"],
    severity: "medium",
    expected: "a file",
    isRight: isGiven,
  }),
  rule(manager, "root-ca-file", {
    name: "controller-root-ca",
    title: { pass: "Pods receive the CA of the API server", fail: "Pods do not receive the CA of the API server" },
    why: "Without the CA, pods cannot verify the API server, and send their token to any server that responds.",
    cis: ["1.3.5"],
    severity: "medium",
    expected: "a file",
    isRight: isGiven,
  }),
  rule(manager, "feature-gates", {
    name: "kubelet-certificate-rotation",
    title: {
      pass: "Kubelet serving certificate rotation is enabled in the controller manager",
      fail: "Kubelet serving certificate rotation is disabled in the controller manager",
    },
    why: "A stolen certificate stays valid for longer without rotation.",
    cis: ["1.3.6"],
    severity: "low",
    remediation: "Remove RotateKubeletServerCertificate=false from --feature-gates of kube-controller-manager.",
    expected: "not RotateKubeletServerCertificate=false",
    isRight: (value) => value === undefined || !/RotateKubeletServerCertificate=false/i.test(value),
  }),
  loopback(manager, "Controller manager", "1.3.7"),
  profiling(scheduler, "Scheduler", "1.4.1"),
  loopback(scheduler, "Scheduler", "1.4.2"),
  etcd(["cert-file", "key-file"], {
    name: "tls",
    connectionsOf: "clients",
    title: { pass: "etcd uses TLS for clients", fail: "etcd does not use TLS for clients" },
    cis: ["2.1"],
    expected: "a file",
    isRight: isGiven,
  }),
  etcd(["client-cert-auth"], {
    name: "client-certificates",
    connectionsOf: "clients",
    title: { pass: "etcd requires client certificates", fail: "etcd does not require client certificates" },
    cis: ["2.2"],
    expected: "true",
    isRight: is("true"),
  }),
  etcd(["auto-tls"], {
    name: "auto-tls",
    title: {
      pass: "etcd does not serve clients with a self-signed certificate",
      fail: "etcd serves clients with a self-signed certificate",
    },
    cis: ["2.3"],
    remediation: "Remove --auto-tls from etcd.",
    expected: "false or not set",
    isRight: (value) => value !== "true",
  }),
  etcd(["peer-cert-file", "peer-key-file"], {
    name: "peer-tls",
    connectionsOf: "peers",
    title: { pass: "etcd members use TLS with each other", fail: "etcd members do not use TLS with each other" },
    cis: ["2.4"],
    expected: "a file",
    isRight: isGiven,
  }),
  etcd(["peer-client-cert-auth"], {
    name: "peer-client-certificates",
    connectionsOf: "peers",
    title: { pass: "etcd requires certificates from peers", fail: "etcd does not require certificates from peers" },
    cis: ["2.5"],
    expected: "true",
    isRight: is("true"),
  }),
  etcd(["peer-auto-tls"], {
    name: "peer-auto-tls",
    title: {
      pass: "etcd does not serve peers with a self-signed certificate",
      fail: "etcd serves peers with a self-signed certificate",
    },
    cis: ["2.6"],
    remediation: "Remove --peer-auto-tls from etcd.",
    expected: "false or not set",
    isRight: (value) => value !== "true",
  }),
  ...kubeletRules,
];

function etcd(flags: readonly string[], text: Omit<FlagText, "why" | "severity">): FlagRule {
  const why =
    "etcd stores all data of the cluster without role-based access control: every accepted client can read and change it.";
  return rule("etcd", flags, { ...text, why, severity: "high" });
}

function loopback(program: ControlPlaneProgram, who: string, id: string): FlagRule {
  return rule(program, "bind-address", {
    name: "bind-address",
    title: { pass: `${who} listens only on localhost`, fail: `${who} listens on a network address` },
    why: "Health and metrics endpoints reveal details of the cluster to the network.",
    cis: [id],
    severity: "low",
    expected: "127.0.0.1",
    isRight: (value) => value === "127.0.0.1" || value === "::1" || value === "localhost",
  });
}
