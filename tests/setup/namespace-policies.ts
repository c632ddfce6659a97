import {
  isPodSecurityLevel,
  type PodSecurityLevel,
  type PodSecurityPolicy,
  parsePodSecurityPolicy,
} from "../../src/checks/pod-security/pod-security-policy.ts";
import type { JsonObject } from "../../src/model/objects/json-object.ts";

/** What an API server holds pods of a namespace to: refusing, noting in the audit log, and warning. */
export interface NamespacePolicies {
  readonly enforce: PodSecurityPolicy;
  readonly audit: PodSecurityPolicy;
  readonly warn: PodSecurityPolicy;
}

/** What labels of a namespace ask for, and which of them cannot be read. */
export interface NamespaceLabels {
  readonly policies: NamespacePolicies;
  readonly errors: readonly { readonly label: string; readonly value: string; readonly message: string }[];
}

const prefix = "pod-security.kubernetes.io/";
const strictness: Readonly<Record<PodSecurityLevel, number>> = { privileged: 0, baseline: 1, restricted: 2 };
const versionPattern = /^(?:latest|v1\.(?:0|[1-9][0-9]{0,3}))$/;

/**
 * What the admission cases of Kubernetes are judged by: the policies of a namespace by its labels
 * `pod-security.kubernetes.io/{enforce,audit,warn}[-version]`, and the cluster's own where it has none. A level that
 * cannot be read counts as `restricted` to enforce and as `privileged` for the others, a version as the latest. What is
 * enforced is warned about as well, unless a label says otherwise.
 */
export function namespacePolicies(labels: JsonObject, defaults: NamespacePolicies): NamespaceLabels {
  const errors: NamespaceLabels["errors"][number][] = [];
  const read = (
    mode: keyof NamespacePolicies,
  ): { policy: PodSecurityPolicy; hasLevel: boolean; hasVersion: boolean } => {
    let { level, version } = defaults[mode];
    const levelText = labels[prefix + mode];
    const versionText = labels[`${prefix}${mode}-version`];
    if (levelText !== undefined) {
      const isKnown = isPodSecurityLevel(String(levelText));
      if (isKnown) level = String(levelText) as PodSecurityLevel;
      else {
        level = mode === "enforce" ? "restricted" : "privileged";
        const message = "must be one of privileged, baseline, restricted";
        errors.push({ label: prefix + mode, value: String(levelText), message });
      }
    }
    if (versionText !== undefined) {
      const text = String(versionText);
      version = (versionPattern.test(text) && parsePodSecurityPolicy(`baseline:${text}`)?.version) || "latest";
      if (text === "v1.0") version = 0;
      if (!versionPattern.test(text)) {
        errors.push({ label: `${prefix}${mode}-version`, value: text, message: 'must be "latest" or "v1.x"' });
      }
    }
    return { policy: { level, version }, hasLevel: levelText !== undefined, hasVersion: versionText !== undefined };
  };

  const enforce = read("enforce");
  const audit = read("audit");
  const warn = read("warn");
  const isEnforceReadable = enforce.hasLevel && !errors.some(({ label }) => label === `${prefix}enforce`);
  let warnPolicy = warn.policy;
  if (!warn.hasLevel && isEnforceReadable && isStricter(enforce.policy, warnPolicy)) {
    const version = warn.hasVersion ? warnPolicy.version : enforce.policy.version;
    warnPolicy = { level: enforce.policy.level, version };
  }
  return { policies: { enforce: enforce.policy, audit: audit.policy, warn: warnPolicy }, errors };
}

function isStricter(one: PodSecurityPolicy, other: PodSecurityPolicy): boolean {
  return strictness[one.level] > strictness[other.level];
}
