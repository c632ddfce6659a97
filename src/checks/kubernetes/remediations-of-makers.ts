import type { Remedy } from "./remediation-for.ts";

type RemediationOn = NonNullable<Remedy["remediationOn"]>;

/**
 * How secrets are encrypted where clusters have a setting for it. Sources: k3s, "Secrets Encryption"; OpenShift,
 * "Encrypting etcd data".
 */
export const encryptionOn: RemediationOn = {
  k3s: "Set secrets-encryption: true in a file in /etc/rancher/k3s/config.yaml.d. If there are secrets already, run k3s secrets-encrypt enable before you restart k3s, and k3s secrets-encrypt reencrypt afterwards.",
  openshift: "Set spec.encryption.type of apiservers.config.openshift.io/cluster to aescbc.",
};

/**
 * How requests are logged where an operator writes the audit policy. Source: OpenShift, "Configuring the audit log
 * policy".
 */
export const auditOn: RemediationOn = {
  openshift:
    "Set spec.audit.profile of apiservers.config.openshift.io/cluster to Default, WriteRequestBodies or AllRequestBodies.",
};
