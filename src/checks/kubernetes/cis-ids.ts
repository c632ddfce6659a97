import type { CheckMapping } from "../../model/check.ts";

// Which check of ours looks at the subject of which recommendation. Ids only: the benchmarks' texts are not ours. Plimsoll is neither
// affiliated with nor certified by the Center for Internet Security.

/** Versions of the CIS Kubernetes Benchmark, in the order in which `kubernetes` lists its ids. */
const versions = ["1.8", "1.9", "1.10", "1.11", "1.12"];

interface Ids {
  /** One id where all versions have the same, else one for each; `-` where a version has none. */
  readonly kubernetes?: string;
  /** Of the benchmarks of managed clusters: EKS 1.8.0, AKS 1.8, GKE 1.9.0. */
  readonly eks?: string;
  readonly aks?: string;
  readonly gke?: string;
}

const managed = [
  { key: "eks", framework: "CIS Amazon EKS Benchmark", version: "1.8.0" },
  { key: "aks", framework: "CIS Azure AKS Benchmark", version: "1.8" },
  { key: "gke", framework: "CIS Google GKE Benchmark", version: "1.9.0" },
] as const;

const ids: Readonly<Record<string, Ids>> = {
  "apiserver-manifest-mode": { kubernetes: "1.1.1" },
  "apiserver-manifest-owner": { kubernetes: "1.1.2" },
  "controller-manager-manifest-mode": { kubernetes: "1.1.3" },
  "controller-manager-manifest-owner": { kubernetes: "1.1.4" },
  "scheduler-manifest-mode": { kubernetes: "1.1.5" },
  "scheduler-manifest-owner": { kubernetes: "1.1.6" },
  "etcd-manifest-mode": { kubernetes: "1.1.7" },
  "etcd-manifest-owner": { kubernetes: "1.1.8" },
  "cni-mode": { kubernetes: "1.1.9" },
  "cni-owner": { kubernetes: "1.1.10" },
  "etcd-data-mode": { kubernetes: "1.1.11" },
  "etcd-data-owner": { kubernetes: "1.1.12" },
  "admin-kubeconfig-mode": { kubernetes: "1.1.13" },
  "admin-kubeconfig-owner": { kubernetes: "1.1.14" },
  "scheduler-kubeconfig-mode": { kubernetes: "1.1.15" },
  "scheduler-kubeconfig-owner": { kubernetes: "1.1.16" },
  "controller-manager-kubeconfig-mode": { kubernetes: "1.1.17" },
  "controller-manager-kubeconfig-owner": { kubernetes: "1.1.18" },
  "pki-owner": { kubernetes: "1.1.19" },
  "pki-certificate-mode": { kubernetes: "1.1.20" },
  "pki-key-mode": { kubernetes: "1.1.21" },
  "apiserver-anonymous-auth": { kubernetes: "1.2.1" },
  "apiserver-token-file": { kubernetes: "1.2.2" },
  "apiserver-deny-service-external-ips": { kubernetes: "1.2.3" },
  "apiserver-kubelet-client-certificate": { kubernetes: "1.2.4" },
  "apiserver-kubelet-ca": { kubernetes: "1.2.5" },
  "apiserver-authorization-always-allow": { kubernetes: "1.2.6" },
  "apiserver-authorization-node": { kubernetes: "1.2.7" },
  "apiserver-authorization-rbac": { kubernetes: "1.2.8" },
  "apiserver-event-rate-limit": { kubernetes: "1.2.9" },
  "apiserver-always-admit": { kubernetes: "1.2.10" },
  "apiserver-always-pull-images": { kubernetes: "1.2.11" },
  "apiserver-security-context-deny": { kubernetes: "1.2.12 - - - -" },
  "apiserver-service-account-plugin": { kubernetes: "1.2.13 1.2.12 1.2.12 1.2.12 1.2.12" },
  "apiserver-namespace-lifecycle": { kubernetes: "1.2.14 1.2.13 1.2.13 1.2.13 1.2.13" },
  "apiserver-node-restriction": { kubernetes: "1.2.15 1.2.14 1.2.14 1.2.14 1.2.14" },
  "apiserver-profiling": { kubernetes: "1.2.16 1.2.15 1.2.15 1.2.15 1.2.15" },
  "apiserver-audit-log-path": { kubernetes: "1.2.17 1.2.16 1.2.16 1.2.16 1.2.16" },
  "apiserver-audit-log-max-age": { kubernetes: "1.2.18 1.2.17 1.2.17 1.2.17 1.2.17" },
  "apiserver-audit-log-max-backup": { kubernetes: "1.2.19 1.2.18 1.2.18 1.2.18 1.2.18" },
  "apiserver-audit-log-max-size": { kubernetes: "1.2.20 1.2.19 1.2.19 1.2.19 1.2.19" },
  "apiserver-request-timeout": { kubernetes: "1.2.21 1.2.20 1.2.20 1.2.20 1.2.20" },
  "apiserver-service-account-lookup": { kubernetes: "1.2.22 1.2.21 1.2.21 1.2.21 1.2.21" },
  "apiserver-service-account-key": { kubernetes: "1.2.23 1.2.22 1.2.22 1.2.22 1.2.22" },
  "apiserver-etcd-client-certificate": { kubernetes: "1.2.24 1.2.23 1.2.23 1.2.23 1.2.23" },
  "apiserver-tls-certificate": { kubernetes: "1.2.25 1.2.24 1.2.24 1.2.24 1.2.24" },
  "apiserver-client-ca": { kubernetes: "1.2.26 1.2.25 1.2.25 1.2.25 1.2.25" },
  "apiserver-etcd-ca": { kubernetes: "1.2.27 1.2.26 1.2.26 1.2.26 1.2.26" },
  "apiserver-encryption": { kubernetes: "1.2.28 1.2.27 1.2.27 1.2.27 1.2.27" },
  "apiserver-encryption-providers": { kubernetes: "1.2.29 1.2.28 1.2.28 1.2.28 1.2.28" },
  "apiserver-ciphers": { kubernetes: "1.2.30 1.2.29 1.2.29 1.2.29 1.2.29" },
  "apiserver-token-expiration": { kubernetes: "- - - 1.2.30 1.2.30" },
  "controller-manager-pod-gc": { kubernetes: "1.3.1" },
  "controller-manager-profiling": { kubernetes: "1.3.2" },
  "controller-manager-service-account-credentials": { kubernetes: "1.3.3" },
  "controller-manager-service-account-key": { kubernetes: "1.3.4" },
  "controller-manager-root-ca": { kubernetes: "1.3.5" },
  "controller-manager-kubelet-certificate-rotation": { kubernetes: "1.3.6" },
  "controller-manager-bind-address": { kubernetes: "1.3.7" },
  "scheduler-profiling": { kubernetes: "1.4.1" },
  "scheduler-bind-address": { kubernetes: "1.4.2" },
  "etcd-certificate": { kubernetes: "2.1" },
  "etcd-client-auth": { kubernetes: "2.2" },
  "etcd-auto-tls": { kubernetes: "2.3" },
  "etcd-peer-certificate": { kubernetes: "2.4" },
  "etcd-peer-client-auth": { kubernetes: "2.5" },
  "etcd-peer-auto-tls": { kubernetes: "2.6" },
  "etcd-own-ca": { kubernetes: "2.7" },
  "users-client-certificates": { kubernetes: "3.1.1" },
  "users-service-account-tokens": { kubernetes: "3.1.2" },
  "users-bootstrap-tokens": { kubernetes: "3.1.3" },
  "audit-policy": { kubernetes: "3.2.1", eks: "2.1.1", aks: "2.1.1" },
  "audit-policy-coverage": { kubernetes: "3.2.2" },
  "kubelet-unit-mode": { kubernetes: "4.1.1" },
  "kubelet-unit-owner": { kubernetes: "4.1.2" },
  "proxy-kubeconfig-mode": { kubernetes: "4.1.3" },
  "proxy-kubeconfig-owner": { kubernetes: "4.1.4" },
  "kubelet-kubeconfig-mode": { kubernetes: "4.1.5", eks: "3.1.1", aks: "3.1.1", gke: "3.1.1" },
  "kubelet-kubeconfig-owner": { kubernetes: "4.1.6", eks: "3.1.2", aks: "3.1.2", gke: "3.1.2" },
  "kubelet-ca-mode": { kubernetes: "4.1.7" },
  "kubelet-ca-owner": { kubernetes: "4.1.8" },
  "kubelet-config-mode": { kubernetes: "4.1.9", eks: "3.1.3", gke: "3.1.3" },
  "kubelet-config-owner": { kubernetes: "4.1.10", eks: "3.1.4", gke: "3.1.4" },
  "kubelet-anonymous-auth": { kubernetes: "4.2.1", eks: "3.2.1", aks: "3.2.1" },
  "kubelet-authorization": { kubernetes: "4.2.2", eks: "3.2.2", aks: "3.2.2" },
  "kubelet-client-ca": { kubernetes: "4.2.3", eks: "3.2.3", aks: "3.2.3" },
  "kubelet-read-only-port": { kubernetes: "4.2.4", eks: "3.2.4", aks: "3.2.4" },
  "kubelet-streaming-timeout": { kubernetes: "4.2.5", eks: "3.2.5", aks: "3.2.5" },
  "kubelet-iptables-chains": { kubernetes: "4.2.6", eks: "3.2.6", aks: "3.2.6" },
  "kubelet-hostname-override": { kubernetes: "4.2.7" },
  "kubelet-event-rate": { kubernetes: "4.2.8", eks: "3.2.7", aks: "3.2.7" },
  "kubelet-certificate": { kubernetes: "4.2.9" },
  "kubelet-client-certificate-rotation": { kubernetes: "4.2.10", eks: "3.2.8", aks: "3.2.8" },
  "kubelet-server-certificate-rotation": { kubernetes: "4.2.11", eks: "3.2.9", aks: "3.2.9" },
  "kubelet-ciphers": { kubernetes: "4.2.12" },
  "kubelet-pod-pids": { kubernetes: "4.2.13" },
  "kubelet-seccomp-default": { kubernetes: "- - - 4.2.14 4.2.14" },
  "kubelet-address-deny": { kubernetes: "- - - 4.2.15 -" },
  "proxy-metrics-address": { kubernetes: "- 4.3.1 4.3.1 4.3.1 4.3.1" },
  "rbac-cluster-admin": { kubernetes: "5.1.1", eks: "4.1.1", aks: "4.1.1", gke: "4.1.1" },
  "rbac-secrets": { kubernetes: "5.1.2", eks: "4.1.2", aks: "4.1.2", gke: "4.1.2" },
  "rbac-wildcards": { kubernetes: "5.1.3", eks: "4.1.3", aks: "4.1.3", gke: "4.1.3" },
  "rbac-create-pods": { kubernetes: "5.1.4", eks: "4.1.4", aks: "4.1.4" },
  "rbac-default-service-account": { kubernetes: "5.1.5", eks: "4.1.5", aks: "4.1.5", gke: "4.1.4" },
  "pod-token-mount": { kubernetes: "5.1.6", eks: "4.1.6", aks: "4.1.6", gke: "4.1.5" },
  "rbac-system-masters": { kubernetes: "5.1.7", gke: "4.1.6" },
  "rbac-escalation": { kubernetes: "5.1.8", eks: "4.1.8", aks: "4.1.7", gke: "4.1.7" },
  "rbac-persistent-volumes": { kubernetes: "5.1.9", eks: "4.1.9", aks: "4.1.8" },
  "rbac-nodes-proxy": { kubernetes: "5.1.10", eks: "4.1.10", aks: "4.1.9" },
  "rbac-certificate-approval": { kubernetes: "5.1.11", aks: "4.1.10" },
  "rbac-webhooks": { kubernetes: "5.1.12", eks: "4.1.11", aks: "4.1.11" },
  "rbac-token-creation": { kubernetes: "5.1.13", eks: "4.1.12", aks: "4.1.12" },
  "rbac-anonymous": { gke: "4.1.8" },
  "rbac-unauthenticated": { gke: "4.1.9" },
  "rbac-authenticated": { gke: "4.1.10" },
  "admission-pod-policy": { kubernetes: "5.2.1", gke: "4.2.1" },
  "pod-privileged": { kubernetes: "5.2.2", eks: "4.2.1", aks: "4.2.1" },
  "pod-host-pid": { kubernetes: "5.2.3", eks: "4.2.2", aks: "4.2.2" },
  "pod-host-ipc": { kubernetes: "5.2.4", eks: "4.2.3", aks: "4.2.3" },
  "pod-host-network": { kubernetes: "5.2.5", eks: "4.2.4", aks: "4.2.4" },
  "pod-privilege-escalation": { kubernetes: "5.2.6", eks: "4.2.5", aks: "4.2.5" },
  "pod-root": { kubernetes: "5.2.7" },
  "pod-net-raw": { kubernetes: "5.2.8" },
  "pod-added-capabilities": { kubernetes: "5.2.9 5.2.9 5.2.9 5.2.9 -" },
  "pod-capabilities": { kubernetes: "5.2.10 5.2.10 5.2.10 5.2.10 5.2.9" },
  "pod-windows-host-process": { kubernetes: "5.2.11 5.2.11 5.2.11 5.2.11 5.2.10" },
  "pod-host-path": { kubernetes: "5.2.12 5.2.12 5.2.12 5.2.12 5.2.11" },
  "pod-host-ports": { kubernetes: "5.2.13 5.2.13 5.2.13 5.2.13 5.2.12" },
  "network-plugin": { kubernetes: "5.3.1", eks: "4.3.1", aks: "4.4.1", gke: "4.3.1" },
  "namespace-network-policy": { kubernetes: "5.3.2", eks: "4.3.2", aks: "4.4.2", gke: "4.3.2" },
  "pod-secret-variables": { kubernetes: "5.4.1", eks: "4.4.1", aks: "4.5.1", gke: "4.4.1" },
  "secrets-external-store": { kubernetes: "5.4.2", eks: "4.4.2", aks: "4.5.2", gke: "4.4.2" },
  "admission-image-provenance": { kubernetes: "5.5.1", gke: "4.5.1" },
  "namespace-separation": { kubernetes: "5.7.1 5.7.1 5.7.1 5.6.1 5.6.1", eks: "4.5.1", aks: "4.6.1", gke: "4.6.1" },
  "pod-seccomp": { kubernetes: "5.7.2 5.7.2 5.7.2 5.6.2 5.6.2", gke: "4.6.2" },
  "pod-security-context": { kubernetes: "5.7.3 5.7.3 5.7.3 5.6.3 5.6.3", aks: "4.6.2", gke: "4.6.3" },
  "namespace-default-unused": { kubernetes: "5.7.4 5.7.4 5.7.4 5.6.4 5.6.4", eks: "4.5.2", aks: "4.6.3", gke: "4.6.4" },
};

/** The recommendations of the CIS benchmarks about the subject of a check, by its name without `kubernetes/`; none when there are none. */
export function cisMappings(name: string): readonly CheckMapping[] {
  const row = Object.hasOwn(ids, name) ? ids[name] : undefined;
  if (!row) return [];
  const listed = row.kubernetes?.split(" ") ?? [];
  const kubernetes = versions.flatMap((version, index): CheckMapping[] => {
    const id = listed.length === 1 ? listed[0] : listed[index];
    return id === undefined || id === "-" ? [] : [{ framework: "CIS Kubernetes Benchmark", version, id }];
  });
  const others = managed.flatMap(({ key, framework, version }): CheckMapping[] => {
    const id = row[key];
    return id === undefined ? [] : [{ framework, version, id }];
  });
  return [...kubernetes, ...others];
}
