import type { KubernetesComponent, KubernetesNodeFacts } from "../../model/checks/kubernetes-facts.ts";
import type { Check } from "../check.ts";
import { componentOf, documentOf, findSetting, isFalse, isLoopback, isTrue, settingEvidence } from "./find-setting.ts";
import { minorOf } from "./kubernetes-version.ts";
import { nodeFlavour } from "./node-flavour.ts";
import { requiredSettings } from "./required-settings.ts";
import { type Default, nodeCheck, type SettingDescription, settingCheck } from "./setting-check.ts";
import { areStrongCiphers, decidedByVersion } from "./tls-ciphers.ts";

type Description = Omit<SettingDescription, "component" | "place" | "otherwise"> & {
  readonly flag: string;
  readonly path?: readonly string[];
  /** What counts where nothing is set; with a file of `--config` other defaults count than without. */
  readonly otherwise: Default | { readonly withFile: string; readonly withoutFile: string };
};

/** Checks of the settings of the kubelet and of kube-proxy. */
export const kubeletChecks: readonly Check<KubernetesNodeFacts>[] = [
  kubelet({
    name: "kubelet-anonymous-auth",
    title: { pass: "Kubelet rejects anonymous requests", fail: "Kubelet accepts anonymous requests" },
    severity: "critical",
    why: "Any client that can reach the kubelet can run commands in every container of the node.",
    remediation: "Set authentication.anonymous.enabled: false.",
    flag: "anonymous-auth",
    path: ["authentication", "anonymous", "enabled"],
    expected: "false",
    passes: isFalse,
    otherwise: { withFile: "false", withoutFile: "true" },
  }),
  kubelet({
    name: "kubelet-authorization",
    title: { pass: "Kubelet authorizes requests through the API server", fail: "Kubelet allows all requests" },
    severity: "critical",
    why: "With AlwaysAllow, every authenticated client can run commands in every container of the node.",
    remediation: "Set authorization.mode: Webhook.",
    flag: "authorization-mode",
    path: ["authorization", "mode"],
    expected: "Webhook",
    passes: (value) => value !== "" && !/AlwaysAllow/.test(value),
    otherwise: { withFile: "Webhook", withoutFile: "AlwaysAllow" },
  }),
  requiredSettings("kubelet", [{ flag: "client-ca-file", path: ["authentication", "x509", "clientCAFile"] }], {
    name: "kubelet-client-ca",
    title: { pass: "Kubelet has a client certificate CA", fail: "Kubelet has no client certificate CA" },
    severity: "high",
    why: "Without a CA, the kubelet cannot authenticate the API server.",
    remediation: "Set authentication.x509.clientCAFile.",
  }),
  kubelet({
    name: "kubelet-read-only-port",
    title: { pass: "Kubelet read-only port is disabled", fail: "Kubelet read-only port is enabled" },
    severity: "high",
    why: "The port has no authentication, and shows all pods of the node with their settings.",
    remediation: "Set readOnlyPort: 0.",
    flag: "read-only-port",
    path: ["readOnlyPort"],
    expected: "0",
    passes: (value) => value === "0",
    otherwise: { withFile: "0", withoutFile: "10255" },
  }),
  kubelet({
    name: "kubelet-streaming-timeout",
    title: { pass: "Idle streaming connections time out", fail: "Idle streaming connections never time out" },
    severity: "low",
    why: "Idle exec sessions occupy connections and can be abused when they are left open.",
    remediation: "Set streamingConnectionIdleTimeout to a duration, or remove it to use the default.",
    flag: "streaming-connection-idle-timeout",
    path: ["streamingConnectionIdleTimeout"],
    expected: "a positive duration",
    passes: (value) => !/^0+(?:\.0+)?(?:ns|us|µs|ms|s|m|h)?$/.test(value),
    otherwise: { value: "4h0m0s" },
  }),
  kubelet({
    name: "kubelet-iptables-chains",
    title: { pass: "Kubelet manages its iptables chains", fail: "Kubelet does not manage its iptables chains" },
    severity: "low",
    why: "Manually written rules may conflict with the services of the cluster.",
    remediation: "Remove makeIPTablesUtilChains: false.",
    flag: "make-iptables-util-chains",
    path: ["makeIPTablesUtilChains"],
    expected: "true",
    passes: isTrue,
    otherwise: { value: "true" },
  }),
  settingCheck({
    name: "kubelet-hostname-override",
    title: { pass: "Kubelet uses the host name of its node", fail: "Kubelet overrides the host name of its node" },
    severity: "low",
    why: "An overridden name can break node certificates, and makes logs harder to match.",
    remediation: "Remove --hostname-override from the kubelet's flags, unless the cloud provider needs it.",
    component: "kubelet",
    place: { flag: "hostname-override" },
    expected: "not set",
    passes: (value) => value === "",
    otherwise: () => ({ value: "", note: "the host name" }),
    review: "some cloud providers need it; compare it with the name in the node certificate",
    before: (_component, facts) => {
      if (!startsKubelet(facts)) return undefined;
      const reason = "k3s and RKE2 set the name of every kubelet, and issue its certificate for that name";
      return { state: "not-applicable", reason, evidence: [] };
    },
  }),
  kubelet({
    name: "kubelet-event-rate",
    title: { pass: "Kubelet event rate is a valid number", fail: "Kubelet event rate is not a valid number" },
    severity: "low",
    why: "A low rate drops important events, and an unlimited rate can flood the API server.",
    remediation: "Set eventRecordQPS to a positive number.",
    flag: "event-qps",
    path: ["eventRecordQPS"],
    expected: "a number (0 means no limit)",
    passes: (value) => /^\d{1,9}$/.test(value),
    otherwise: { value: "50", note: "the default, 5 before 1.27" },
  }),
  requiredSettings(
    "kubelet",
    [
      { flag: "tls-cert-file", path: ["tlsCertFile"] },
      { flag: "tls-private-key-file", path: ["tlsPrivateKeyFile"] },
    ],
    {
      name: "kubelet-certificate",
      title: {
        pass: "Kubelet has a serving certificate that the cluster trusts",
        fail: "Kubelet has no serving certificate that the cluster trusts",
      },
      severity: "medium",
      why: "The API server cannot verify the self-signed certificate that the kubelet generates.",
      remediation:
        "Set serverTLSBootstrap: true and approve the certificate requests, or set tlsCertFile and tlsPrivateKeyFile.",
      before: (component) => {
        const bootstrap = findSetting(component, { flag: "rotate-server-certificates", path: ["serverTLSBootstrap"] });
        if (bootstrap.kind !== "set" || !isTrue(bootstrap.value)) return undefined;
        const evidence = [
          settingEvidence("--rotate-server-certificates", {
            ...{ setting: bootstrap, expected: "true, or a certificate and key" },
          }),
        ];
        return { state: "pass", evidence };
      },
    },
  ),
  kubelet({
    name: "kubelet-client-certificate-rotation",
    title: {
      pass: "Kubelet client certificate rotation is enabled",
      fail: "Kubelet client certificate rotation is disabled",
    },
    severity: "low",
    why: "A node with an expired certificate leaves the cluster, and a long-lived certificate is worth stealing.",
    remediation: "Set rotateCertificates: true.",
    flag: "rotate-certificates",
    path: ["rotateCertificates"],
    expected: "true",
    passes: isTrue,
    otherwise: { value: "false" },
    before: (component, facts) => {
      const isManaged = nodeFlavour(facts) === "eks";
      const setting = findSetting(component, { flag: "rotate-certificates", path: ["rotateCertificates"] });
      if (setting.kind !== "unset" || !(isManaged || startsKubelet(facts))) return undefined;
      const reason = isManaged
        ? "kubelets of EKS authenticate with AWS tokens instead of client certificates"
        : "k3s and RKE2 issue the certificate of every kubelet, and renew it when they start";
      return { state: "not-applicable", reason, evidence: [] };
    },
  }),
  settingCheck({
    name: "kubelet-server-certificate-rotation",
    title: {
      pass: "Kubelet serving certificate rotation is enabled",
      fail: "Kubelet serving certificate rotation is disabled",
    },
    severity: "low",
    why: "Clients stop verifying certificates that expire without rotation.",
    remediation: "Remove featureGates.RotateKubeletServerCertificate: false.",
    component: "kubelet",
    place: { gate: "RotateKubeletServerCertificate" },
    expected: "true",
    passes: isTrue,
    otherwise: () => ({ value: "true", note: "the default since 1.12" }),
  }),
  settingCheck({
    name: "kubelet-ciphers",
    title: { pass: "Kubelet accepts only strong cipher suites", fail: "Kubelet accepts weak cipher suites" },
    severity: "low",
    why: "Suites without forward secrecy or authenticated encryption allow recorded traffic to be decrypted later.",
    remediation: "Set tlsCipherSuites to ECDHE suites with GCM or ChaCha20, or set tlsMinVersion: VersionTLS13.",
    remediationOn: {
      openshift: "Set spec.tlsSecurityProfile of a KubeletConfig object to Intermediate or Modern.",
    },
    component: "kubelet",
    place: { flag: "tls-cipher-suites", path: ["tlsCipherSuites"], list: true },
    expected: "ECDHE with GCM or ChaCha20",
    passes: areStrongCiphers,
    otherwise: () => ({ value: "Go's default suites", note: "including CBC suites" }),
    before: decidedByVersion({ flag: "tls-min-version", path: ["tlsMinVersion"] }),
  }),
  kubelet({
    name: "kubelet-garbage-collection",
    title: {
      pass: "Kubelet removes unused images before the disk is full",
      fail: "Kubelet does not remove unused images before the disk is full",
    },
    severity: "low",
    why: "A full disk stops every pod of the node, and prevents logging.",
    remediation: "Remove imageGCHighThresholdPercent, or set it below 100.",
    flag: "image-gc-high-threshold",
    path: ["imageGCHighThresholdPercent"],
    expected: "a percentage below 100",
    passes: (value) => /^\d{1,2}$/.test(value),
    otherwise: { value: "85" },
  }),
  kubelet({
    name: "kubelet-pod-pids",
    title: { pass: "Pods have a process limit", fail: "Pods have no process limit" },
    severity: "medium",
    why: "One container with a fork bomb can stop everything else on the node.",
    remediation: "Set podPidsLimit, for example to 4096.",
    flag: "pod-max-pids",
    path: ["podPidsLimit"],
    expected: "a number above 0",
    passes: (value) => /^[1-9]\d{0,9}$/.test(value),
    otherwise: { value: "-1" },
  }),
  kubelet({
    name: "kubelet-seccomp-default",
    title: {
      pass: "Containers use the default seccomp profile",
      fail: "Containers do not use the default seccomp profile",
    },
    severity: "medium",
    why: "Without a profile, a container can use every system call of the kernel.",
    remediation: "Set seccompDefault: true.",
    flag: "seccomp-default",
    path: ["seccompDefault"],
    expected: "true",
    passes: isTrue,
    otherwise: { value: "false" },
    before: (_component, facts) => {
      const minor = minorOf(facts);
      if (minor === undefined || minor >= 25) return undefined;
      return { state: "not-applicable", reason: "the setting exists from Kubernetes 1.25", evidence: [] };
    },
  }),
  nodeCheck(
    {
      name: "kubelet-address-deny",
      title: { pass: "Kubelet unit denies unneeded addresses", fail: "Kubelet unit does not deny unneeded addresses" },
      severity: "low",
      why: "systemd can limit the network access of a service to the addresses of the cluster.",
      remediation:
        "Set IPAddressDeny=any and IPAddressAllow= with the addresses of the cluster in a drop-in of kubelet.service.",
    },
    (facts) => {
      if (!("value" in facts.kubeletUnit) || startsKubelet(facts) || !hasUnit(facts)) return [];
      const denied = facts.kubeletUnit.value["Service.IPAddressDeny"] ?? [];
      const evidence = [{ subject: "IPAddressDeny", value: denied.join(" ") || "not set", expected: "any" }];
      return [{ state: denied.includes("any") ? "pass" : "fail", resource: "kubelet.service", evidence }];
    },
    ["kubeletUnit"],
  ),
  settingCheck({
    name: "proxy-metrics-address",
    title: {
      pass: "kube-proxy metrics are available only on localhost",
      fail: "kube-proxy metrics are available on a network address",
    },
    severity: "low",
    why: "The port also serves /configz and, if enabled, profiling.",
    remediation: "Remove metricsBindAddress, or set it to 127.0.0.1:10249.",
    component: "kube-proxy",
    place: { flag: "metrics-bind-address", path: ["metricsBindAddress"], fileFirst: true },
    expected: "a loopback address",
    passes: (value) => value === "" || isLoopback(value),
    otherwise: () => ({ value: "127.0.0.1:10249" }),
  }),
];

/** Whether one program starts the kubelet and issues its certificates, so that there is no kubelet unit. */
function startsKubelet(facts: KubernetesNodeFacts): boolean {
  return ["k3s", "rke2"].includes(nodeFlavour(facts));
}

/** Whether a kubelet runs or its unit is installed. */
function hasUnit(facts: KubernetesNodeFacts): boolean {
  const files = "value" in facts.files ? facts.files.value : [];
  return componentOf(facts, "kubelet") !== undefined || files.some(({ role }) => role === "kubelet-unit");
}

function kubelet({ flag, path, otherwise, ...description }: Description): Check<KubernetesNodeFacts> {
  return settingCheck({
    ...description,
    component: "kubelet",
    place: { flag, ...(path && { path }) },
    otherwise: (component) => ("withFile" in otherwise ? byFile(component, otherwise) : otherwise),
  });
}

/**
 * The kubelet keeps old defaults for who starts it without a configuration file. Source: kubelet,
 * `applyLegacyDefaults`.
 */
function byFile(
  component: KubernetesComponent,
  { withFile, withoutFile }: { readonly withFile: string; readonly withoutFile: string },
): Default {
  const hasFile = documentOf(component, "config") !== undefined;
  return hasFile
    ? { value: withFile, note: "the default with a configuration file" }
    : { value: withoutFile, note: "the default without a configuration file" };
}
