import type { Evidence } from "../../model/checks/check.ts";
import type { KubernetesComponent, KubernetesNodeFacts } from "../../model/checks/kubernetes-facts.ts";
import { isJsonObject } from "../../model/objects/json-object.ts";
import type { Check, Observation } from "../check.ts";
import { componentOf, documentOf, elementsOf, findSetting, isFalse, settingEvidence } from "./find-setting.ts";
import { encryptionOn } from "./remediations-of-makers.ts";
import { type CheckTexts, nodeCheck } from "./setting-check.ts";

const settings = { component: "kube-apiserver" } as const;

/** Checks of authentication, authorization and encryption, which flags or files of the API server configure. */
export const apiServerAccessChecks: readonly Check<KubernetesNodeFacts>[] = [
  nodeCheck(
    {
      name: "apiserver-anonymous-auth",
      title: { pass: "API server rejects anonymous requests", fail: "API server accepts anonymous requests" },
      severity: "medium",
      why: "Unauthenticated clients act as system:anonymous, and get every role that is bound to it by mistake.",
      remediation:
        "Set --anonymous-auth=false, or allow anonymous requests only for health checks in the file of --authentication-config.",
      settings,
    },
    (facts) => withApiServer(facts, anonymousAuth),
  ),
  nodeCheck(
    {
      name: "apiserver-plain-text",
      title: {
        pass: "API server uses neither plain-text connections nor static passwords",
        fail: "API server uses plain-text connections or static passwords",
      },
      severity: "high",
      why: "Plain-text traffic can be read on the network, and passwords in a file are rarely changed.",
      remediation:
        "Remove --insecure-port, --insecure-bind-address, --kubelet-https, --basic-auth-file and --secure-port=0.",
      settings,
    },
    (facts) => withApiServer(facts, plainText),
  ),
  authorization({
    name: "apiserver-authorization-always-allow",
    title: {
      pass: "API server does not use the AlwaysAllow authorization mode",
      fail: "API server uses the AlwaysAllow authorization mode",
    },
    severity: "critical",
    why: "With AlwaysAllow, every authenticated client can do everything.",
    remediation: "Set --authorization-mode=Node,RBAC.",
    expected: "without AlwaysAllow",
    passes: (modes) => !modes.includes("AlwaysAllow"),
  }),
  authorization({
    name: "apiserver-authorization-node",
    title: {
      pass: "API server uses the Node authorization mode",
      fail: "API server does not use the Node authorization mode",
    },
    severity: "high",
    why: "Without the Node authorizer, the credentials of one node can read the secrets of all other nodes.",
    remediation: "Add Node to --authorization-mode.",
    expected: "with Node",
    passes: (modes) => modes.includes("Node"),
  }),
  authorization({
    name: "apiserver-authorization-rbac",
    title: {
      pass: "API server uses the RBAC authorization mode",
      fail: "API server does not use the RBAC authorization mode",
    },
    severity: "high",
    why: "Without RBAC, roles and bindings have no effect.",
    remediation: "Add RBAC to --authorization-mode.",
    expected: "with RBAC",
    passes: (modes) => modes.includes("RBAC"),
  }),
  nodeCheck(
    {
      name: "apiserver-encryption-providers",
      title: {
        pass: "Secrets in etcd are encrypted with a strong provider",
        fail: "Secrets in etcd are not encrypted with a strong provider",
      },
      severity: "medium",
      why: "The first provider of a resource encrypts new data, and the provider identity stores plain text.",
      remediation: "Put kms, secretbox or aescbc first among the providers for secrets, and rewrite the secrets.",
      remediationOn: encryptionOn,
    },
    (facts) => withApiServer(facts, encryptionProviders),
  ),
];

function withApiServer(
  facts: KubernetesNodeFacts,
  observe: (component: KubernetesComponent) => Observation,
): readonly Observation[] {
  const component = componentOf(facts, "kube-apiserver");
  return component ? [{ resource: "kube-apiserver", ...observe(component) }] : [];
}

function authorization(
  texts: CheckTexts & { readonly expected: string; passes(modes: readonly string[]): boolean },
): Check<KubernetesNodeFacts> {
  return nodeCheck({ ...texts, settings }, (facts) =>
    withApiServer(facts, (component) => {
      const { expected } = texts;
      const document = documentOf(component, "authorization-config");
      if (document && "unavailable" in document) {
        return {
          state: "warn",
          reason: document.unavailable,
          evidence: [{ subject: "--authorization-config", expected }],
        };
      }
      const setting = findSetting(component, { flag: "authorization-mode", list: true });
      if (!document && setting.kind === "unknown") {
        return { state: "warn", reason: setting.reason, evidence: [{ subject: "--authorization-mode", expected }] };
      }
      const authorizers = document?.value["authorizers"];
      const modes = Array.isArray(authorizers)
        ? authorizers.filter(isJsonObject).map(({ type }) => String(type))
        : setting.kind === "set"
          ? elementsOf(setting.value)
          : ["AlwaysAllow"];
      const value = !document && setting.kind !== "set" ? "not set: AlwaysAllow (the default)" : modes.join(",");
      const subject = document ? "authorizers in the file of --authorization-config" : "--authorization-mode";
      return { state: texts.passes(modes) ? "pass" : "fail", evidence: [{ subject, value, expected }] };
    }),
  );
}

function anonymousAuth(component: KubernetesComponent): Observation {
  const expected = "false";
  const setting = findSetting(component, { flag: "anonymous-auth" });
  const document = documentOf(component, "authentication-config");
  const anonymous = document && "value" in document ? document.value["anonymous"] : undefined;
  if (isJsonObject(anonymous)) {
    const subject = "anonymous in the file of --authentication-config";
    const evidence = [{ subject, value: JSON.stringify(anonymous).slice(0, 500), expected }];
    if (anonymous["enabled"] !== true) return { state: "pass", evidence };
    const { conditions } = anonymous;
    if (!Array.isArray(conditions) || conditions.length === 0) return { state: "fail", evidence };
    return { state: "manual", reason: "anonymous requests are allowed only for these paths; review them", evidence };
  }
  if (setting.kind === "set") {
    const evidence = [settingEvidence("--anonymous-auth", { setting, expected })];
    if (!isFalse(setting.value) && isOpenShift(component)) {
      const reason = "OpenShift requires anonymous requests; review the roles of system:unauthenticated";
      return { state: "manual", reason, evidence };
    }
    return { state: isFalse(setting.value) ? "pass" : "fail", evidence };
  }
  const evidence = [
    settingEvidence("--anonymous-auth", { setting, expected, otherwise: "not set: true (the default)" }),
  ];
  if (setting.kind === "unknown") return { state: "warn", reason: setting.reason, evidence };
  if (document && "unavailable" in document) return { state: "warn", reason: document.unavailable, evidence };
  return { state: "fail", evidence };
}

/** Flags of old versions; later ones do not start with them. */
const plainTextFlags: readonly (readonly [flag: string, safe: string | undefined])[] = [
  ["insecure-port", "0"],
  ["insecure-bind-address", undefined],
  ["kubelet-https", "true"],
  ["basic-auth-file", undefined],
];

function plainText(component: KubernetesComponent): Observation {
  const evidence: Evidence[] = [];
  for (const [flag, safe] of plainTextFlags) {
    const setting = findSetting(component, { flag });
    if (setting.kind === "unknown") return { state: "warn", reason: setting.reason, evidence: [] };
    if (setting.kind === "set" && setting.value !== safe) {
      evidence.push(settingEvidence(`--${flag}`, { setting, expected: safe ?? "not set" }));
    }
  }
  const secure = findSetting(component, { flag: "secure-port" });
  if (secure.kind === "set" && secure.value === "0") {
    evidence.push(settingEvidence("--secure-port", { setting: secure, expected: "a port" }));
  }
  if (evidence.length > 0) return { state: "fail", evidence };
  return { state: "pass", evidence: [{ subject: "plain-text flags", value: "none", expected: "none" }] };
}

function isOpenShift({ source, argv }: KubernetesComponent): boolean {
  return source === "api" || argv.some((argument) => argument.startsWith("--openshift-config"));
}

function encryptionProviders(component: KubernetesComponent): Observation {
  const expected = "kms, secretbox or aescbc first";
  const subject = "providers for secrets in the file of --encryption-provider-config";
  const document = documentOf(component, "encryption-provider-config");
  if (!document) return { state: "not-applicable", reason: "secrets are not encrypted", evidence: [] };
  if ("unavailable" in document) {
    return { state: "warn", reason: document.unavailable, evidence: [{ subject, expected }] };
  }
  const { resources } = document.value;
  const rows = Array.isArray(resources) ? resources.filter(isJsonObject) : [];
  const names = (row: (typeof rows)[number], key: string): readonly unknown[] =>
    Array.isArray(row[key]) ? (row[key] as readonly unknown[]) : [];
  const row = rows.find((one) =>
    names(one, "resources").some((name) => name === "secrets" || name === "*." || name === "*.*"),
  );
  const providers = row ? names(row, "providers").flatMap((item) => (isJsonObject(item) ? Object.keys(item) : [])) : [];
  const isSound = ["kms", "secretbox", "aescbc"].includes(providers[0] ?? "");
  const value = row ? providers.join(", ") : "none";
  return { state: isSound ? "pass" : "fail", evidence: [{ subject, value, expected }] };
}
