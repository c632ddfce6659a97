import type { KubernetesNodeFacts } from "../../model/kubernetes-facts.ts";
import type { Check } from "../check.ts";
import { observeDisabled, pluginCheck } from "./admission-plugins.ts";
import { componentOf, findSetting, isFalse, isTrue } from "./find-setting.ts";
import { k3sStore } from "./k3s-store.ts";
import { nodeFlavour } from "./node-flavour.ts";
import { auditOn, encryptionOn } from "./remediations-of-makers.ts";
import { requiredSettings } from "./required-settings.ts";
import { type CheckTexts, nodeCheck, type SettingDescription, settingCheck } from "./setting-check.ts";
import { areStrongCiphers, decidedByVersion } from "./tls-ciphers.ts";

type Description = Omit<SettingDescription, "component" | "place"> & { readonly flag: string };

/** Checks of the flags of the API server. */
export const apiServerChecks: readonly Check<KubernetesNodeFacts>[] = [
  flag({
    name: "apiserver-token-file",
    title: "The API server has no file of static tokens",
    severity: "high",
    why: "Tokens in a file are in plain text, never expire, and change only with a restart.",
    remediation: "Remove --token-auth-file and let people log in by other means.",
    flag: "token-auth-file",
    expected: "not set",
    passes: (value) => value === "",
    otherwise: () => ({ value: "", note: "no tokens" }),
  }),
  plugin("DenyServiceExternalIPs", "on", {
    name: "apiserver-deny-service-external-ips",
    title: "Services cannot take external addresses of their own choice",
    severity: "low",
    why: "Who may create a service can draw traffic for any address to it (CVE-2020-8554).",
    remediation: "Add DenyServiceExternalIPs to --enable-admission-plugins, or enforce the same with a policy.",
  }),
  requiredSettings("kube-apiserver", [{ flag: "kubelet-client-certificate" }, { flag: "kubelet-client-key" }], {
    name: "apiserver-kubelet-client-certificate",
    title: "The API server shows kubelets a client certificate",
    severity: "medium",
    why: "Without it kubelets must accept requests from anybody to accept those of the API server.",
    remediation: "Set --kubelet-client-certificate and --kubelet-client-key.",
  }),
  flag({
    name: "apiserver-kubelet-ca",
    title: "The API server verifies the certificates of kubelets",
    severity: "medium",
    why: "Logs, exec sessions and port forwards could be read and changed by whoever stands between.",
    remediation: "Set --kubelet-certificate-authority to the CA that signs the kubelets' serving certificates.",
    flag: "kubelet-certificate-authority",
    expected: "a file",
    passes: (value) => value !== "",
  }),
  flag({
    name: "apiserver-flow-control",
    title: "Requests of one client cannot crowd out those of others",
    severity: "low",
    why: "Without priorities a single client that asks too much keeps nodes and controllers from the API server.",
    remediation: "Remove --enable-priority-and-fairness=false.",
    flag: "enable-priority-and-fairness",
    expected: "true",
    passes: isTrue,
    otherwise: () => ({ value: "true" }),
  }),
  plugin("EventRateLimit", "on", {
    name: "apiserver-event-rate-limit",
    title: "Events are limited in their rate",
    severity: "low",
    why: "A workload that fails quickly can fill etcd and the API server with events.",
    remediation:
      "Add EventRateLimit to --enable-admission-plugins and give its limits in the file of --admission-control-config-file.",
  }),
  plugin("AlwaysAdmit", "off", {
    name: "apiserver-always-admit",
    title: "The plug-in that admits everything is off",
    severity: "high",
    why: "AlwaysAdmit lets every object through and hides that nothing was checked.",
    remediation: "Remove AlwaysAdmit from --enable-admission-plugins.",
  }),
  plugin("AlwaysPullImages", "on", {
    name: "apiserver-always-pull-images",
    title: "Images are pulled with the credentials of each pod",
    severity: "low",
    why: "A private image that lies on a node can otherwise be started there by everybody who knows its name.",
    remediation:
      "Add AlwaysPullImages to --enable-admission-plugins; from 1.35 the kubelet verifies credentials itself.",
  }),
  nodeCheck(
    {
      name: "apiserver-security-context-deny",
      title: "Pods are restricted by Pod Security or, up to 1.29, by SecurityContextDeny",
      severity: "low",
      why: "Without either, pods choose their own privileges.",
      remediation: "Enforce Pod Security levels on namespaces; the plug-in SecurityContextDeny is gone since 1.30.",
    },
    (facts) => {
      const component = componentOf(facts, "kube-apiserver");
      if (!component) return [];
      return [observeDisabled(component, "PodSecurity")];
    },
  ),
  nodeCheck(
    {
      name: "apiserver-security-constraint-plugin",
      title: "OpenShift holds every pod against its security context constraints",
      severity: "high",
      why: "Without the plug-in everybody who may create a pod may become root on a node.",
      remediation: "Remove security.openshift.io/SecurityContextConstraint from the plug-ins that are disabled.",
    },
    (facts) => {
      const component = componentOf(facts, "kube-apiserver");
      if (!component || nodeFlavour(facts) !== "openshift") return [];
      return [observeDisabled(component, "security.openshift.io/SecurityContextConstraint")];
    },
  ),
  plugin("ServiceAccount", "on", {
    name: "apiserver-service-account-plugin",
    title: "Pods get the token of their own service account",
    severity: "medium",
    why: "Without the plug-in a pod may mount the secrets of another service account.",
    remediation: "Remove ServiceAccount from --disable-admission-plugins.",
  }),
  plugin("NamespaceLifecycle", "on", {
    name: "apiserver-namespace-lifecycle",
    title: "Nothing is created in namespaces that do not exist or end",
    severity: "low",
    why: "Objects in a namespace that ends stay behind, and the namespaces of the system could be deleted.",
    remediation: "Remove NamespaceLifecycle from --disable-admission-plugins.",
  }),
  plugin("NodeRestriction", "on", {
    name: "apiserver-node-restriction",
    title: "Kubelets may change only their own node and its pods",
    severity: "high",
    why: "The credentials of one node could otherwise label other nodes and draw their workloads to itself.",
    remediation: "Add NodeRestriction to --enable-admission-plugins.",
  }),
  flag({
    name: "apiserver-profiling",
    title: "The API server offers no profiling",
    severity: "low",
    why: "Profiles show what the program does inside, and taking them costs time that requests wait for.",
    remediation: "Set --profiling=false.",
    flag: "profiling",
    expected: "false",
    fix: "false",
    passes: isFalse,
    otherwise: () => ({ value: "true" }),
  }),
  flag({
    name: "apiserver-audit-log-path",
    title: "The API server writes an audit log",
    severity: "medium",
    why: "Without it nobody can tell afterwards who did what.",
    remediation: "Set --audit-log-path and --audit-policy-file, or send events with --audit-webhook-config-file.",
    remediationOn: auditOn,
    flag: "audit-log-path",
    expected: "a file, or - for standard output",
    passes: (value) => value !== "",
    before: (component) => {
      const webhook = findSetting(component, { flag: "audit-webhook-config-file" });
      const path = findSetting(component, { flag: "audit-log-path" });
      if (webhook.kind !== "set" || path.kind === "set") return undefined;
      const evidence = [{ subject: "--audit-webhook-config-file", value: webhook.value, expected: "an audit log" }];
      return { state: "pass", evidence, reason: "events are sent to a webhook" };
    },
  }),
  auditNumber("audit-log-maxage", 30, {
    name: "apiserver-audit-log-max-age",
    title: "Audit logs are kept for 30 days",
    severity: "low",
    why: "Attacks are often noticed weeks later.",
    remediation: "Set --audit-log-maxage=30 or more.",
  }),
  auditNumber("audit-log-maxbackup", 10, {
    name: "apiserver-audit-log-max-backup",
    title: "Ten audit logs are kept",
    severity: "low",
    why: "With fewer files a burst of requests pushes out what happened before.",
    remediation: "Set --audit-log-maxbackup=10 or more.",
  }),
  auditNumber("audit-log-maxsize", 100, {
    name: "apiserver-audit-log-max-size",
    title: "An audit log may grow to 100 MB before it is rotated",
    severity: "low",
    why: "Small files are rotated away within minutes on a busy cluster.",
    remediation: "Set --audit-log-maxsize=100 or more.",
  }),
  flag({
    name: "apiserver-request-timeout",
    title: "Requests end after a reviewed time",
    severity: "low",
    why: "Requests that may run very long let few clients hold all connections.",
    remediation: "Set --request-timeout to at most 300s, or leave it at its default.",
    flag: "request-timeout",
    expected: "at most 300s",
    passes: (value) => (secondsOf(value) ?? 301) <= 300,
    otherwise: () => ({ value: "60s" }),
    review: "a longer time may be right for slow networks",
  }),
  flag({
    name: "apiserver-service-account-lookup",
    title: "Tokens of deleted service accounts are refused",
    severity: "high",
    why: "Without the look-up a token works for ever, also when its account is gone.",
    remediation: "Remove --service-account-lookup=false.",
    flag: "service-account-lookup",
    expected: "true",
    fix: "true",
    passes: (value) => !isFalse(value),
    otherwise: () => ({ value: "true" }),
  }),
  requiredSettings("kube-apiserver", [{ flag: "service-account-key-file" }], {
    name: "apiserver-service-account-key",
    title: "Tokens of service accounts are verified with a key of their own",
    severity: "medium",
    why: "Otherwise the private key of the serving certificate signs them, and neither can be changed alone.",
    remediation: "Set --service-account-key-file.",
  }),
  flag({
    name: "apiserver-token-expiration",
    title: "Tokens of pods end when they say so",
    severity: "low",
    why: "The API server lengthens tokens of pods to a year for old clients; a stolen one works as long.",
    remediation: "Set --service-account-extend-token-expiration=false once no client needs the longer life.",
    flag: "service-account-extend-token-expiration",
    expected: "false",
    fix: "false",
    passes: isFalse,
    otherwise: () => ({ value: "true" }),
  }),
  requiredSettings("kube-apiserver", [{ flag: "etcd-certfile" }, { flag: "etcd-keyfile" }], {
    name: "apiserver-etcd-client-certificate",
    title: "The API server shows etcd a client certificate",
    severity: "high",
    why: "Without it etcd must serve everybody who reaches it, and etcd holds every secret of the cluster.",
    remediation: "Set --etcd-certfile and --etcd-keyfile.",
    before: k3sStore,
  }),
  requiredSettings("kube-apiserver", [{ flag: "tls-cert-file" }, { flag: "tls-private-key-file" }], {
    name: "apiserver-tls-certificate",
    title: "The API server serves with a certificate of the cluster",
    severity: "high",
    why: "A self-made certificate cannot be verified by clients.",
    remediation: "Set --tls-cert-file and --tls-private-key-file.",
  }),
  requiredSettings("kube-apiserver", [{ flag: "client-ca-file" }], {
    name: "apiserver-client-ca",
    title: "The API server knows the CA of client certificates",
    severity: "high",
    why: "Components identify themselves with certificates; without a CA none can be verified.",
    remediation: "Set --client-ca-file.",
  }),
  requiredSettings("kube-apiserver", [{ flag: "etcd-cafile" }], {
    name: "apiserver-etcd-ca",
    title: "The API server verifies the certificate of etcd",
    severity: "high",
    why: "Whoever stands in for etcd could feed the cluster any state.",
    remediation: "Set --etcd-cafile.",
    before: k3sStore,
  }),
  requiredSettings("kube-apiserver", [{ flag: "encryption-provider-config" }], {
    name: "apiserver-encryption",
    title: "Secrets are encrypted before they are stored",
    severity: "medium",
    why: "Backups and disks of etcd otherwise hold every secret in plain text.",
    remediation: "Write an EncryptionConfiguration and name it with --encryption-provider-config.",
    remediationOn: encryptionOn,
  }),
  settingCheck({
    name: "apiserver-ciphers",
    title: "The API server accepts strong cipher suites only",
    severity: "low",
    why: "Suites without forward secrecy or authenticated encryption let recorded traffic be read later.",
    remediation: "Set --tls-cipher-suites to ECDHE suites with GCM or ChaCha20, or --tls-min-version=VersionTLS13.",
    remediationOn: {
      openshift: "Set spec.tlsSecurityProfile of apiservers.config.openshift.io/cluster to Intermediate or Modern.",
    },
    component: "kube-apiserver",
    place: { flag: "tls-cipher-suites", list: true },
    expected: "ECDHE with GCM or ChaCha20",
    passes: areStrongCiphers,
    otherwise: () => ({ value: "those of Go", note: "with CBC suites among them" }),
    before: decidedByVersion({ flag: "tls-min-version" }),
  }),
];

function flag({ flag: name, ...description }: Description): Check<KubernetesNodeFacts> {
  return settingCheck({ ...description, component: "kube-apiserver", place: { flag: name } });
}

function plugin(name: string, wanted: "on" | "off", texts: CheckTexts): Check<KubernetesNodeFacts> {
  return pluginCheck(texts, { plugin: name, wanted });
}

function auditNumber(name: string, least: number, texts: CheckTexts): Check<KubernetesNodeFacts> {
  return settingCheck({
    ...texts,
    component: "kube-apiserver",
    place: { flag: name },
    expected: `${least} or more`,
    fix: String(least),
    passes: (value) => /^\d{1,9}$/.test(value) && Number(value) >= least,
    otherwise: () => ({ value: undefined }),
    before: (component) => {
      const path = findSetting(component, { flag: "audit-log-path" });
      if (path.kind === "set" && path.value !== "-") return undefined;
      if (path.kind === "unknown") return undefined;
      const value = path.kind === "set" ? path.value : "not set";
      const reason = "no audit log is written to a file";
      return { state: "not-applicable", reason, evidence: [{ subject: "--audit-log-path", value }] };
    },
  });
}

/** The seconds of a duration of Go: `5m0s`, `300s`; undefined for what is none. */
function secondsOf(duration: string): number | undefined {
  if (!/^(?:\d{1,9}(?:\.\d{1,9})?(?:ns|us|µs|ms|s|m|h))+$/.test(duration)) return undefined;
  const units: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 0.001, us: 1e-6, µs: 1e-6, ns: 1e-9 };
  let seconds = 0;
  for (const [, number, unit = ""] of duration.matchAll(/(\d{1,9}(?:\.\d{1,9})?)(ns|us|µs|ms|s|m|h)/g)) {
    seconds += Number(number) * (units[unit] ?? 0);
  }
  return seconds;
}
