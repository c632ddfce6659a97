import type { KubernetesComponent, KubernetesNodeFacts } from "../../model/kubernetes-facts.ts";
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
    title: "The kubelet refuses anonymous requests",
    severity: "critical",
    why: "Whoever reaches the port of the kubelet could run commands in every container of the node.",
    remediation: "Set authentication.anonymous.enabled: false.",
    flag: "anonymous-auth",
    path: ["authentication", "anonymous", "enabled"],
    expected: "false",
    passes: isFalse,
    otherwise: { withFile: "false", withoutFile: "true" },
  }),
  kubelet({
    name: "kubelet-authorization",
    title: "The kubelet asks the API server what a client may do",
    severity: "critical",
    why: "With AlwaysAllow every client that is let in may run commands in every container of the node.",
    remediation: "Set authorization.mode: Webhook.",
    flag: "authorization-mode",
    path: ["authorization", "mode"],
    expected: "Webhook",
    passes: (value) => value !== "" && !/AlwaysAllow/.test(value),
    otherwise: { withFile: "Webhook", withoutFile: "AlwaysAllow" },
  }),
  requiredSettings("kubelet", [{ flag: "client-ca-file", path: ["authentication", "x509", "clientCAFile"] }], {
    name: "kubelet-client-ca",
    title: "The kubelet knows the CA of client certificates",
    severity: "high",
    why: "Without it the kubelet cannot tell the API server from anybody else.",
    remediation: "Set authentication.x509.clientCAFile.",
  }),
  kubelet({
    name: "kubelet-read-only-port",
    title: "The kubelet has no port without authentication",
    severity: "high",
    why: "The read-only port tells everybody in the network which pods run, with their settings.",
    remediation: "Set readOnlyPort: 0.",
    flag: "read-only-port",
    path: ["readOnlyPort"],
    expected: "0",
    passes: (value) => value === "0",
    otherwise: { withFile: "0", withoutFile: "10255" },
  }),
  kubelet({
    name: "kubelet-streaming-timeout",
    title: "Idle sessions with containers end",
    severity: "low",
    why: "Sessions that never end use up connections and are left open by people who went home.",
    remediation: "Set streamingConnectionIdleTimeout to a time, or leave it at its default.",
    flag: "streaming-connection-idle-timeout",
    path: ["streamingConnectionIdleTimeout"],
    expected: "not 0",
    passes: (value) => !/^0+(?:\.0+)?(?:ns|us|µs|ms|s|m|h)?$/.test(value),
    otherwise: { value: "4h0m0s" },
  }),
  kubelet({
    name: "kubelet-iptables-chains",
    title: "The kubelet keeps its packet filter rules in place",
    severity: "low",
    why: "Rules that others wrote by hand may not fit the services of the cluster.",
    remediation: "Remove makeIPTablesUtilChains: false.",
    flag: "make-iptables-util-chains",
    path: ["makeIPTablesUtilChains"],
    expected: "true",
    passes: isTrue,
    otherwise: { value: "true" },
  }),
  settingCheck({
    name: "kubelet-hostname-override",
    title: "The kubelet is named as its host",
    severity: "low",
    why: "A name of its own can break the certificates of the node and confuses logs.",
    remediation: "Remove --hostname-override from the kubelet's flags, unless the cloud needs it.",
    component: "kubelet",
    place: { flag: "hostname-override" },
    expected: "not set",
    passes: (value) => value === "",
    otherwise: () => ({ value: "", note: "the name of the host" }),
    review: "some clouds need it: compare it with the name in the node's certificate",
    before: (_component, facts) => {
      if (!startsKubelet(facts)) return undefined;
      const reason = "k3s and RKE2 name every kubelet, and make its certificate for that name";
      return { state: "not-applicable", reason, evidence: [] };
    },
  }),
  kubelet({
    name: "kubelet-event-rate",
    title: "The kubelet reports events at a sensible rate",
    severity: "low",
    why: "With a rate too low events that matter are dropped, and without a limit they flood the API server.",
    remediation: "Set eventRecordQPS to a number above 0.",
    flag: "event-qps",
    path: ["eventRecordQPS"],
    expected: "a number, 0 for no limit",
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
      title: "The kubelet serves with a certificate that the cluster signed",
      severity: "medium",
      why: "The API server cannot verify a certificate that the kubelet made itself.",
      remediation: "Set serverTLSBootstrap: true and approve the requests, or set tlsCertFile and tlsPrivateKeyFile.",
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
    title: "The kubelet renews its client certificate",
    severity: "low",
    why: "A certificate that ends takes the node out of the cluster, and one that lives long is worth stealing.",
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
        ? "kubelets of EKS show tokens of AWS, not a client certificate"
        : "k3s and RKE2 make the certificate of every kubelet, and renew it when they start";
      return { state: "not-applicable", reason, evidence: [] };
    },
  }),
  settingCheck({
    name: "kubelet-server-certificate-rotation",
    title: "The kubelet may renew its serving certificate",
    severity: "low",
    why: "A certificate that ends and is not renewed is soon one that nobody verifies.",
    remediation: "Remove featureGates.RotateKubeletServerCertificate: false.",
    component: "kubelet",
    place: { gate: "RotateKubeletServerCertificate" },
    expected: "true",
    passes: isTrue,
    otherwise: () => ({ value: "true", note: "the default since 1.12" }),
  }),
  settingCheck({
    name: "kubelet-ciphers",
    title: "The kubelet accepts strong cipher suites only",
    severity: "low",
    why: "Suites without forward secrecy or authenticated encryption let recorded traffic be read later.",
    remediation: "Set tlsCipherSuites to ECDHE suites with GCM or ChaCha20, or tlsMinVersion: VersionTLS13.",
    remediationOn: {
      openshift: "Set spec.tlsSecurityProfile of a KubeletConfig object to Intermediate or Modern.",
    },
    component: "kubelet",
    place: { flag: "tls-cipher-suites", path: ["tlsCipherSuites"], list: true },
    expected: "ECDHE with GCM or ChaCha20",
    passes: areStrongCiphers,
    otherwise: () => ({ value: "those of Go", note: "with CBC suites among them" }),
    before: decidedByVersion({ flag: "tls-min-version", path: ["tlsMinVersion"] }),
  }),
  kubelet({
    name: "kubelet-garbage-collection",
    title: "The kubelet removes images before the disk is full",
    severity: "low",
    why: "A full disk stops every pod of the node, and hides what happens there.",
    remediation: "Remove imageGCHighThresholdPercent, or set it below 100.",
    flag: "image-gc-high-threshold",
    path: ["imageGCHighThresholdPercent"],
    expected: "a percentage below 100",
    passes: (value) => /^\d{1,2}$/.test(value),
    otherwise: { value: "85" },
  }),
  kubelet({
    name: "kubelet-pod-pids",
    title: "A pod cannot use up the process ids of its node",
    severity: "medium",
    why: "One container that starts processes without end stops everything else on the node.",
    remediation: "Set podPidsLimit, for example to 4096.",
    flag: "pod-max-pids",
    path: ["podPidsLimit"],
    expected: "a number above 0",
    passes: (value) => /^[1-9]\d{0,9}$/.test(value),
    otherwise: { value: "-1" },
  }),
  kubelet({
    name: "kubelet-seccomp-default",
    title: "Containers run under the runtime's seccomp profile unless they name another",
    severity: "medium",
    why: "Without a profile a container may use every system call of the kernel.",
    remediation: "Set seccompDefault: true.",
    flag: "seccomp-default",
    path: ["seccompDefault"],
    expected: "true",
    passes: isTrue,
    otherwise: { value: "false" },
    before: (_component, facts) => {
      const minor = minorOf(facts);
      if (minor === undefined || minor >= 25) return undefined;
      return { state: "not-applicable", reason: "the setting is there from 1.25 on", evidence: [] };
    },
  }),
  nodeCheck(
    {
      name: "kubelet-address-deny",
      title: "The unit of the kubelet denies addresses that it does not need",
      severity: "low",
      why: "systemd can keep a service from all addresses but those of the cluster.",
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
    title: "Metrics of kube-proxy are reached from its own host only",
    severity: "low",
    why: "The port also answers /configz and, when it is on, profiling.",
    remediation: "Remove metricsBindAddress, or set it to 127.0.0.1:10249.",
    component: "kube-proxy",
    place: { flag: "metrics-bind-address", path: ["metricsBindAddress"], fileFirst: true },
    expected: "an address of the host itself",
    passes: (value) => value === "" || isLoopback(value),
    otherwise: () => ({ value: "127.0.0.1:10249" }),
  }),
];

/** True where one program starts the kubelet, and makes its certificates: there is no unit of the kubelet then. */
function startsKubelet(facts: KubernetesNodeFacts): boolean {
  return ["k3s", "rke2"].includes(nodeFlavour(facts));
}

/** True where a kubelet runs, or its unit lies ready. */
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
    ? { value: withFile, note: "the default of its configuration file" }
    : { value: withoutFile, note: "the default without a configuration file" };
}
