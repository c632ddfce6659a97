import { areStrongCiphers } from "./are-strong-ciphers.ts";
import { type FlagRule, rule } from "./flag-rule.ts";
import { is, isAbsent, isGiven, lacks } from "./flag-values.ts";
import type { ControlPlaneProgram } from "./static-pod.ts";

const kubelet: ControlPlaneProgram = "kubelet";

/**
 * What the settings of the kubelet should be. A flag and its field in a KubeletConfiguration have different defaults:
 * without a configuration file the kubelet keeps those of its first releases.
 */
export const kubeletRules: readonly FlagRule[] = [
  rule(kubelet, "anonymous-auth", {
    name: "anonymous-auth",
    title: { pass: "Kubelet rejects anonymous requests", fail: "Kubelet accepts anonymous requests" },
    why: "Everyone who can reach the node can run commands in its containers.",
    cis: ["4.2.1"],
    severity: "critical",
    expected: "false",
    isRight: is("false"),
    configuration: { paths: [["authentication", "anonymous", "enabled"]], isRightWithout: true },
  }),
  rule(kubelet, "authorization-mode", {
    name: "authorization",
    title: { pass: "Kubelet authorizes requests through the API server", fail: "Kubelet allows all requests" },
    why: "With AlwaysAllow, every accepted client can run commands in every container of the node.",
    cis: ["4.2.2"],
    severity: "critical",
    expected: "Webhook",
    isRight: (value) => isGiven(value) && lacks("AlwaysAllow")(value),
    configuration: { paths: [["authorization", "mode"]], isRightWithout: true },
  }),
  rule(kubelet, "client-ca-file", {
    name: "client-ca",
    title: { pass: "Kubelet has a client certificate CA", fail: "Kubelet has no client certificate CA" },
    why: "Without the CA, the kubelet cannot verify the API server.",
    cis: ["4.2.3"],
    severity: "high",
    expected: "a file",
    isRight: isGiven,
    configuration: { paths: [["authentication", "x509", "clientCAFile"]], isRightWithout: false },
  }),
  rule(kubelet, "read-only-port", {
    name: "read-only-port",
    title: { pass: "Kubelet read-only port is disabled", fail: "Kubelet read-only port is enabled" },
    why: "The port exposes all pods and their environment variables without authentication.",
    cis: ["4.2.4"],
    severity: "high",
    expected: "0",
    isRight: is("0"),
    configuration: { paths: [["readOnlyPort"]], isRightWithout: true },
  }),
  rule(kubelet, "streaming-connection-idle-timeout", {
    name: "streaming-timeout",
    title: { pass: "Idle streaming connections time out", fail: "Idle streaming connections never time out" },
    why: "Forgotten connections stay open.",
    cis: ["4.2.5"],
    severity: "low",
    remediation:
      "Set streamingConnectionIdleTimeout of the KubeletConfiguration, or --streaming-connection-idle-timeout, to a duration such as 4h.",
    expected: "not 0",
    isRight: (value) => value === undefined || !/^0(?:h|m|s|ms)?$/.test(value),
    configuration: { paths: [["streamingConnectionIdleTimeout"]], isRightWithout: true },
  }),
  rule(kubelet, "protect-kernel-defaults", {
    name: "protect-kernel-defaults",
    title: { pass: "Kubelet does not change kernel parameters", fail: "Kubelet can change kernel parameters" },
    why: "The kubelet then overwrites the kernel parameters of the node without a warning.",
    cis: [],
    severity: "low",
    expected: "true",
    isRight: is("true"),
    configuration: { paths: [["protectKernelDefaults"]], isRightWithout: false },
  }),
  rule(kubelet, "make-iptables-util-chains", {
    name: "iptables-chains",
    title: { pass: "Kubelet manages its iptables chains", fail: "Kubelet does not manage its iptables chains" },
    why: "Without the chains, pod traffic is not handled as the cluster expects.",
    cis: ["4.2.6"],
    severity: "low",
    remediation:
      "Remove makeIPTablesUtilChains from the KubeletConfiguration, or --make-iptables-util-chains from the kubelet.",
    expected: "true or not set",
    isRight: (value) => value !== "false",
    configuration: { paths: [["makeIPTablesUtilChains"]], isRightWithout: true },
  }),
  rule(kubelet, "hostname-override", {
    name: "hostname-override",
    title: { pass: "Kubelet uses the host name of its node", fail: "Kubelet overrides the host name of its node" },
    why: "With the name of another node, the kubelet gets the certificate and pods of that node.",
    cis: ["4.2.7"],
    severity: "low",
    expected: "not set",
    isRight: isAbsent,
  }),
  rule(kubelet, "event-qps", {
    name: "event-rate",
    title: { pass: "Kubelet limits its event rate", fail: "Kubelet does not limit its event rate" },
    why: "A flood of events hides the important ones.",
    cis: ["4.2.8"],
    severity: "low",
    expected: "a number above 0",
    isRight: (value) => value === undefined || Number(value) > 0,
    configuration: { paths: [["eventRecordQPS"]], isRightWithout: true },
  }),
  rule(kubelet, ["tls-cert-file", "tls-private-key-file"], {
    name: "certificate",
    title: {
      pass: "Kubelet has a configured serving certificate",
      fail: "Kubelet has no configured serving certificate",
    },
    why: "The API server cannot verify a self-signed kubelet certificate.",
    cis: ["4.2.9"],
    severity: "medium",
    expected: "a file",
    isRight: isGiven,
    configuration: { paths: [["tlsCertFile"], ["tlsPrivateKeyFile"]], isRightWithout: false },
    settledBy: { flag: "rotate-server-certificates", path: ["serverTLSBootstrap"], value: "true" },
  }),
  rule(kubelet, "rotate-certificates", {
    name: "client-certificate-rotation",
    title: {
      pass: "Kubelet client certificate rotation is enabled",
      fail: "Kubelet client certificate rotation is disabled",
    },
    why: "A stolen certificate stays valid for longer without rotation.",
    cis: ["4.2.10"],
    severity: "low",
    expected: "true",
    isRight: is("true"),
    configuration: { paths: [["rotateCertificates"]], isRightWithout: false },
  }),
  rule(kubelet, "feature-gates", {
    name: "server-certificate-rotation",
    title: {
      pass: "Kubelet serving certificate rotation is enabled",
      fail: "Kubelet serving certificate rotation is disabled",
    },
    why: "A stolen certificate stays valid for longer without rotation.",
    cis: ["4.2.11"],
    severity: "low",
    remediation:
      "Remove RotateKubeletServerCertificate: false from featureGates of the KubeletConfiguration, or from --feature-gates.",
    expected: "not RotateKubeletServerCertificate=false",
    isRight: (value) => value === undefined || !/RotateKubeletServerCertificate=false/i.test(value),
    configuration: { paths: [["featureGates"]], isRightWithout: true },
  }),
  rule(kubelet, "tls-cipher-suites", {
    name: "ciphers",
    title: {
      pass: "Kubelet accepts only strong cipher suites",
      fail: "Kubelet cipher suites are not limited to strong suites",
    },
    why: "Recorded traffic with a weak cipher can be decrypted later.",
    cis: ["4.2.12"],
    severity: "low",
    remediation:
      "Set tlsCipherSuites of the KubeletConfiguration, or --tls-cipher-suites, to cipher suites of TLS 1.3 or with ECDHE.",
    expected: "only suites of TLS 1.3 or with ECDHE",
    isRight: areStrongCiphers,
    configuration: { paths: [["tlsCipherSuites"]], isRightWithout: false },
    settledBy: { flag: "tls-min-version", path: ["tlsMinVersion"], value: "VersionTLS13" },
  }),
];
