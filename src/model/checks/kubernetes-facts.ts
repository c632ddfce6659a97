import type { JsonObject } from "../objects/json-object.ts";
import type { Fact } from "./fact.ts";

/** Programs of Kubernetes that a node may run. */
export type KubernetesComponentName =
  | "kube-apiserver"
  | "kube-controller-manager"
  | "kube-scheduler"
  | "etcd"
  | "kubelet"
  | "kube-proxy";

/** What a node runs of Kubernetes, and where that is known from. */
export interface KubernetesComponent {
  readonly name: KubernetesComponentName;
  /**
   * `process`: its command line; `manifest`: the command of its static pod, or the file that its distribution makes it
   * of; `log`: the arguments that k3s logged when it started it; `embedded`: the arguments that the k3s configuration
   * passes to it, beside those that k3s sets itself; `api`: the arguments that an operator gives it.
   */
  readonly source: "process" | "manifest" | "log" | "embedded" | "api";
  /** `process 812`, or the path of the file or the name of the object that says so. */
  readonly place: string;
  /** With the program first; the values of secret options are shown as their shape. */
  readonly argv: readonly string[];
  /** `ETCD_…` of etcd, without what may be secret. */
  readonly environment: Readonly<Record<string, string>>;
  /** `1.29.3`, when something tells. */
  readonly version?: string;
  /** Why there may be flags that are not among `argv`; absent when all are. */
  readonly incomplete?: string;
  /**
   * The files that its flags name, by flag without dashes: `config` (with its drop-ins merged over it),
   * `authentication-config`, `authorization-config`, `audit-policy-file`, `encryption-provider-config`,
   * `admission-control-config-file`; of etcd `config-file`. Secrets are shown as their shape.
   */
  readonly documents: Readonly<Record<string, Fact<JsonObject>>>;
}

/** What a file of a node is for. */
export type KubernetesFileRole =
  | "apiserver-manifest"
  | "controller-manager-manifest"
  | "scheduler-manifest"
  | "etcd-manifest"
  | "cni"
  | "etcd-data"
  | "admin-kubeconfig"
  | "scheduler-kubeconfig"
  | "controller-manager-kubeconfig"
  | "pki"
  | "pki-certificate"
  | "pki-key"
  | "kubelet-unit"
  | "kubelet-kubeconfig"
  | "kubelet-ca"
  | "kubelet-config"
  | "proxy-kubeconfig"
  | "cloud-config"
  | "distribution-config";

/** Owner and mode of a file of Kubernetes. */
export interface KubernetesFile {
  readonly role: KubernetesFileRole;
  readonly path: string;
  readonly directory: boolean;
  /** Four octal digits: `0600`. */
  readonly mode: string;
  /** The number where it has no name. */
  readonly user: string;
  readonly group: string;
}

/** The distribution of the cluster. `unknown`: no fact identifies it. */
export type KubernetesFlavour =
  | "kubeadm"
  | "eks"
  | "gke"
  | "aks"
  | "k3s"
  | "rke"
  | "rke2"
  | "openshift"
  | "microk8s"
  | "unknown";

/** Everything that was collected about Kubernetes on one node. Plain JSON without secret values. */
export interface KubernetesNodeFacts {
  readonly flavour: Fact<KubernetesFlavour>;
  /** Version of the kubelet, else of the API server: `1.29.3`; `1.29` where only that is known. */
  readonly version: Fact<string>;
  readonly components: Fact<readonly KubernetesComponent[]>;
  /** In order of role and path; files that are not there are left out. */
  readonly files: Fact<readonly KubernetesFile[]>;
  /**
   * `IPAddressDeny` and other settings of the kubelet's unit: `Section.Key` to its values; empty where there is no
   * unit.
   */
  readonly kubeletUnit: Fact<Readonly<Record<string, readonly string[]>>>;
}

/** Kinds of objects that checks of a cluster look at. */
export type ClusterKind =
  | "namespaces"
  | "nodes"
  | "pods"
  | "serviceAccounts"
  | "roles"
  | "clusterRoles"
  | "roleBindings"
  | "clusterRoleBindings"
  | "networkPolicies"
  | "services"
  | "ingresses"
  | "validatingWebhooks"
  | "mutatingWebhooks"
  | "validatingPolicies";

/**
 * Everything that was read from the API server of a cluster: objects as the server has them, without their status,
 * managed fields and last applied configuration, and with values of variables and of secret arguments as their shape.
 */
export type KubernetesClusterFacts = Readonly<Record<ClusterKind, Fact<readonly JsonObject[]>>> & {
  /** `v1.29.3-eks-036c24b`. */
  readonly serverVersion: Fact<string>;
  /** What the operators of OpenShift make of its control plane; absent on every other cluster. */
  readonly openShift?: OpenShiftFacts;
};

/** What the API of OpenShift shows of its control plane. */
export interface OpenShiftFacts {
  /**
   * API server and controller manager with the arguments that their ConfigMaps hold, and etcd with those of its pods.
   */
  readonly components: Fact<readonly KubernetesComponent[]>;
  /** By operator, `kubeapiserver`: its `unsupportedConfigOverrides`, or null when there are none. */
  readonly overrides: Fact<Readonly<Record<string, JsonObject | null>>>;
  /** Its SecurityContextConstraints. */
  readonly constraints: Fact<readonly JsonObject[]>;
}
