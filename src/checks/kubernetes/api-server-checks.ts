import type { KubernetesNodeFacts } from "../../model/checks/kubernetes-facts.ts";
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
    title: { pass: "API server uses no static token file", fail: "API server uses a static token file" },
    severity: "high",
    why: "Tokens in the file are stored in plain text, never expire, and change only with a restart.",
    remediation: "Remove --token-auth-file, and use another authentication method.",
    flag: "token-auth-file",
    expected: "not set",
    passes: (value) => value === "",
    otherwise: () => ({ value: "", note: "no token file" }),
  }),
  plugin("DenyServiceExternalIPs", "on", {
    name: "apiserver-deny-service-external-ips",
    title: {
      pass: "DenyServiceExternalIPs admission plug-in is enabled",
      fail: "DenyServiceExternalIPs admission plug-in is not enabled",
    },
    severity: "low",
    why: "A user who can create services can redirect traffic for any external address to a service (CVE-2020-8554).",
    remediation: "Add DenyServiceExternalIPs to --enable-admission-plugins, or enforce the same rule with a policy.",
  }),
  requiredSettings("kube-apiserver", [{ flag: "kubelet-client-certificate" }, { flag: "kubelet-client-key" }], {
    name: "apiserver-kubelet-client-certificate",
    title: {
      pass: "API server authenticates to kubelets with a client certificate",
      fail: "API server has no client certificate for kubelets",
    },
    severity: "medium",
    why: "Without the certificate, kubelets must accept unauthenticated requests to accept those of the API server.",
    remediation: "Set --kubelet-client-certificate and --kubelet-client-key.",
  }),
  flag({
    name: "apiserver-kubelet-ca",
    title: {
      pass: "API server verifies kubelet certificates",
      fail: "API server does not verify kubelet certificates",
    },
    severity: "medium",
    why: "An attacker on the network can read and change logs, exec sessions and port forwards.",
    remediation: "Set --kubelet-certificate-authority to the CA that signs the kubelets' serving certificates.",
    flag: "kubelet-certificate-authority",
    expected: "a file",
    passes: (value) => value !== "",
  }),
  flag({
    name: "apiserver-flow-control",
    title: { pass: "API Priority and Fairness is enabled", fail: "API Priority and Fairness is disabled" },
    severity: "low",
    why: "Without it, one client with too many requests can block nodes and controllers from the API server.",
    remediation: "Remove --enable-priority-and-fairness=false.",
    flag: "enable-priority-and-fairness",
    expected: "true",
    passes: isTrue,
    otherwise: () => ({ value: "true" }),
  }),
  plugin("EventRateLimit", "on", {
    name: "apiserver-event-rate-limit",
    title: {
      pass: "EventRateLimit admission plug-in is enabled",
      fail: "EventRateLimit admission plug-in is not enabled",
    },
    severity: "low",
    why: "A workload that fails repeatedly can flood etcd and the API server with events.",
    remediation:
      "Add EventRateLimit to --enable-admission-plugins, and set its limits in the file of --admission-control-config-file.",
  }),
  plugin("AlwaysAdmit", "off", {
    name: "apiserver-always-admit",
    title: { pass: "AlwaysAdmit admission plug-in is disabled", fail: "AlwaysAdmit admission plug-in is enabled" },
    severity: "high",
    why: "AlwaysAdmit accepts every object without a check.",
    remediation: "Remove AlwaysAdmit from --enable-admission-plugins.",
  }),
  plugin("AlwaysPullImages", "on", {
    name: "apiserver-always-pull-images",
    title: {
      pass: "AlwaysPullImages admission plug-in is enabled",
      fail: "AlwaysPullImages admission plug-in is not enabled",
    },
    severity: "low",
    why: "Any pod can use a private image that is already on its node, without credentials.",
    remediation:
      "Add AlwaysPullImages to --enable-admission-plugins. From 1.35, the kubelet verifies pull credentials itself.",
  }),
  nodeCheck(
    {
      name: "apiserver-security-context-deny",
      title: { pass: "PodSecurity admission plug-in is enabled", fail: "PodSecurity admission plug-in is disabled" },
      severity: "low",
      why: "Without pod admission control, pods can choose any privileges.",
      remediation:
        "Remove PodSecurity from --disable-admission-plugins, and enforce Pod Security levels on namespaces. SecurityContextDeny was removed in 1.30.",
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
      title: {
        pass: "SecurityContextConstraint admission plug-in is enabled",
        fail: "SecurityContextConstraint admission plug-in is disabled",
      },
      severity: "high",
      why: "Without the plug-in, everyone who can create a pod can become root on a node.",
      remediation: "Remove security.openshift.io/SecurityContextConstraint from the disabled plug-ins.",
    },
    (facts) => {
      const component = componentOf(facts, "kube-apiserver");
      if (!component || nodeFlavour(facts) !== "openshift") return [];
      return [observeDisabled(component, "security.openshift.io/SecurityContextConstraint")];
    },
  ),
  plugin("ServiceAccount", "on", {
    name: "apiserver-service-account-plugin",
    title: {
      pass: "ServiceAccount admission plug-in is enabled",
      fail: "ServiceAccount admission plug-in is disabled",
    },
    severity: "medium",
    why: "Without the plug-in, a pod can mount the secrets of another service account.",
    remediation: "Remove ServiceAccount from --disable-admission-plugins.",
  }),
  plugin("NamespaceLifecycle", "on", {
    name: "apiserver-namespace-lifecycle",
    title: {
      pass: "NamespaceLifecycle admission plug-in is enabled",
      fail: "NamespaceLifecycle admission plug-in is disabled",
    },
    severity: "low",
    why: "Objects can be created in terminating namespaces, and system namespaces can be deleted.",
    remediation: "Remove NamespaceLifecycle from --disable-admission-plugins.",
  }),
  plugin("NodeRestriction", "on", {
    name: "apiserver-node-restriction",
    title: {
      pass: "NodeRestriction admission plug-in is enabled",
      fail: "NodeRestriction admission plug-in is not enabled",
    },
    severity: "high",
    why: "The credentials of one node can label other nodes and attract their workloads.",
    remediation: "Add NodeRestriction to --enable-admission-plugins.",
  }),
  flag({
    name: "apiserver-profiling",
    title: { pass: "API server profiling is disabled", fail: "API server profiling is enabled" },
    severity: "low",
    why: "Profiles reveal internals of the program, and profiling slows down other requests.",
    remediation: "Set --profiling=false.",
    flag: "profiling",
    expected: "false",
    fix: "false",
    passes: isFalse,
    otherwise: () => ({ value: "true" }),
  }),
  flag({
    name: "apiserver-audit-log-path",
    title: { pass: "API server writes an audit log", fail: "API server writes no audit log" },
    severity: "medium",
    why: "Without an audit log, actions in the cluster cannot be traced.",
    remediation: "Set --audit-log-path and --audit-policy-file, or send events with --audit-webhook-config-file.",
    remediationOn: auditOn,
    flag: "audit-log-path",
    expected: "a file, or - for stdout",
    passes: (value) => value !== "",
    before: (component) => {
      const webhook = findSetting(component, { flag: "audit-webhook-config-file" });
      const path = findSetting(component, { flag: "audit-log-path" });
      if (webhook.kind !== "set" || path.kind === "set") return undefined;
      const evidence = [{ subject: "--audit-webhook-config-file", value: webhook.value, expected: "an audit log" }];
      return { state: "pass", evidence, reason: "audit events are sent to a webhook" };
    },
  }),
  auditNumber("audit-log-maxage", 30, {
    name: "apiserver-audit-log-max-age",
    title: {
      pass: "Audit logs are kept for at least 30 days",
      fail: "Audit log retention is not set to at least 30 days",
    },
    severity: "low",
    why: "Attacks are often noticed only weeks later.",
    remediation: "Set --audit-log-maxage=30 or more.",
  }),
  auditNumber("audit-log-maxbackup", 10, {
    name: "apiserver-audit-log-max-backup",
    title: {
      pass: "At least ten audit log files are kept",
      fail: "Audit log backups are not set to at least ten files",
    },
    severity: "low",
    why: "With fewer files, a burst of requests overwrites earlier records.",
    remediation: "Set --audit-log-maxbackup=10 or more.",
  }),
  auditNumber("audit-log-maxsize", 100, {
    name: "apiserver-audit-log-max-size",
    title: {
      pass: "Audit log files are rotated at 100 MB or more",
      fail: "Audit log file size is not set to at least 100 MB",
    },
    severity: "low",
    why: "Small files are rotated away within minutes on a busy cluster.",
    remediation: "Set --audit-log-maxsize=100 or more.",
  }),
  flag({
    name: "apiserver-request-timeout",
    title: {
      pass: "API server request timeout is at most 300 seconds",
      fail: "API server request timeout is longer than 300 seconds",
    },
    severity: "low",
    why: "Long timeouts let a few clients occupy all connections.",
    remediation: "Set --request-timeout to at most 300s, or remove it to use the default.",
    flag: "request-timeout",
    expected: "at most 300s",
    passes: (value) => (secondsOf(value) ?? 301) <= 300,
    otherwise: () => ({ value: "60s" }),
    review: "slow networks may need a longer timeout; review the value",
  }),
  flag({
    name: "apiserver-service-account-lookup",
    title: {
      pass: "Tokens of deleted service accounts are rejected",
      fail: "Tokens of deleted service accounts are accepted",
    },
    severity: "high",
    why: "Without the lookup, a token stays valid after its service account was deleted.",
    remediation: "Remove --service-account-lookup=false.",
    flag: "service-account-lookup",
    expected: "true",
    fix: "true",
    passes: (value) => !isFalse(value),
    otherwise: () => ({ value: "true" }),
  }),
  requiredSettings("kube-apiserver", [{ flag: "service-account-key-file" }], {
    name: "apiserver-service-account-key",
    title: {
      pass: "Service account tokens are verified with a dedicated key",
      fail: "Service account tokens have no dedicated verification key",
    },
    severity: "medium",
    why: "Without a dedicated key, the key of the serving certificate is used, and the two cannot be rotated separately.",
    remediation: "Set --service-account-key-file.",
  }),
  flag({
    name: "apiserver-token-expiration",
    title: {
      pass: "Service account tokens are not extended beyond their expiry",
      fail: "Service account tokens are extended to one year",
    },
    severity: "low",
    why: "The API server extends pod tokens to one year for old clients, and a stolen token works for that time.",
    remediation: "Set --service-account-extend-token-expiration=false once no client needs extended tokens.",
    flag: "service-account-extend-token-expiration",
    expected: "false",
    fix: "false",
    passes: isFalse,
    otherwise: () => ({ value: "true" }),
  }),
  requiredSettings("kube-apiserver", [{ flag: "etcd-certfile" }, { flag: "etcd-keyfile" }], {
    name: "apiserver-etcd-client-certificate",
    title: {
      pass: "API server authenticates to etcd with a client certificate",
      fail: "API server has no client certificate for etcd",
    },
    severity: "high",
    why: "Without the certificate, etcd must accept unauthenticated clients, and etcd holds every secret of the cluster.",
    remediation: "Set --etcd-certfile and --etcd-keyfile.",
    before: k3sStore,
  }),
  requiredSettings("kube-apiserver", [{ flag: "tls-cert-file" }, { flag: "tls-private-key-file" }], {
    name: "apiserver-tls-certificate",
    title: {
      pass: "API server has a configured serving certificate",
      fail: "API server has no configured serving certificate",
    },
    severity: "high",
    why: "Clients cannot verify the self-signed certificate that the API server generates instead.",
    remediation: "Set --tls-cert-file and --tls-private-key-file.",
  }),
  requiredSettings("kube-apiserver", [{ flag: "client-ca-file" }], {
    name: "apiserver-client-ca",
    title: { pass: "API server has a client certificate CA", fail: "API server has no client certificate CA" },
    severity: "high",
    why: "Components authenticate with certificates, which cannot be verified without a CA.",
    remediation: "Set --client-ca-file.",
  }),
  requiredSettings("kube-apiserver", [{ flag: "etcd-cafile" }], {
    name: "apiserver-etcd-ca",
    title: {
      pass: "API server verifies the etcd certificate",
      fail: "API server does not verify the etcd certificate",
    },
    severity: "high",
    why: "An attacker who impersonates etcd can give the cluster any state.",
    remediation: "Set --etcd-cafile.",
    before: k3sStore,
  }),
  requiredSettings("kube-apiserver", [{ flag: "encryption-provider-config" }], {
    name: "apiserver-encryption",
    title: { pass: "Secrets in etcd are encrypted at rest", fail: "Secrets in etcd are not encrypted at rest" },
    severity: "medium",
    why: "Without encryption, backups and disks of etcd contain every secret in plain text.",
    remediation: "Write an EncryptionConfiguration, and set --encryption-provider-config to its path.",
    remediationOn: encryptionOn,
  }),
  settingCheck({
    name: "apiserver-ciphers",
    title: { pass: "API server accepts only strong cipher suites", fail: "API server accepts weak cipher suites" },
    severity: "low",
    why: "Suites without forward secrecy or authenticated encryption allow recorded traffic to be decrypted later.",
    remediation: "Set --tls-cipher-suites to ECDHE suites with GCM or ChaCha20, or set --tls-min-version=VersionTLS13.",
    remediationOn: {
      openshift: "Set spec.tlsSecurityProfile of apiservers.config.openshift.io/cluster to Intermediate or Modern.",
    },
    component: "kube-apiserver",
    place: { flag: "tls-cipher-suites", list: true },
    expected: "ECDHE with GCM or ChaCha20",
    passes: areStrongCiphers,
    otherwise: () => ({ value: "Go's default suites", note: "including CBC suites" }),
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
