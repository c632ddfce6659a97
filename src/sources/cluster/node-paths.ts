import type { KubernetesComponentName, KubernetesFileRole } from "../../model/checks/kubernetes-facts.ts";

/** Folders of the manifests of static pods, by who makes the cluster. */
export const manifestFolders: readonly string[] = [
  "/etc/kubernetes/manifests",
  "/var/lib/rancher/rke2/agent/pod-manifests",
  "/etc/kubelet.d",
];

/** The file of a component's static pod, without its ending, and its role. */
export const manifestRoles: Readonly<Record<string, KubernetesFileRole>> = {
  "kube-apiserver": "apiserver-manifest",
  "kube-controller-manager": "controller-manager-manifest",
  "kube-scheduler": "scheduler-manifest",
  etcd: "etcd-manifest",
  "kube-apiserver-pod": "apiserver-manifest",
  "kube-controller-manager-pod": "controller-manager-manifest",
  "kube-scheduler-pod": "scheduler-manifest",
  "etcd-pod": "etcd-manifest",
};

/** Where files of one role lie when no flag says. Every one that is there counts. */
export const usualFiles: Readonly<Partial<Record<KubernetesFileRole, readonly string[]>>> = {
  "admin-kubeconfig": [
    "/etc/kubernetes/admin.conf",
    "/etc/kubernetes/super-admin.conf",
    "/etc/kubernetes/kubeconfig",
    "/etc/rancher/rke2/rke2.yaml",
    "/var/lib/rancher/rke2/server/cred/admin.kubeconfig",
    "/etc/rancher/k3s/k3s.yaml",
    "/var/lib/rancher/k3s/server/cred/admin.kubeconfig",
  ],
  "scheduler-kubeconfig": [
    "/etc/kubernetes/scheduler.conf",
    "/var/lib/kube-scheduler/kubeconfig",
    "/var/lib/rancher/rke2/server/cred/scheduler.kubeconfig",
    "/var/lib/rancher/k3s/server/cred/scheduler.kubeconfig",
  ],
  "controller-manager-kubeconfig": [
    "/etc/kubernetes/controller-manager.conf",
    "/var/lib/kube-controller-manager/kubeconfig",
    "/var/lib/rancher/rke2/server/cred/controller.kubeconfig",
    "/var/lib/rancher/k3s/server/cred/controller.kubeconfig",
  ],
  "kubelet-kubeconfig": [
    "/etc/kubernetes/kubelet.conf",
    "/etc/kubernetes/kubelet-kubeconfig",
    "/etc/kubernetes/kubelet-kubeconfig.conf",
    "/etc/kubernetes/kubeconfig-kubelet",
    "/etc/kubernetes/kubelet/kubeconfig",
    "/var/lib/kubelet/kubeconfig",
    "/var/lib/rancher/rke2/agent/kubelet.kubeconfig",
    "/var/lib/rancher/k3s/agent/kubelet.kubeconfig",
    "/var/snap/microk8s/current/credentials/kubelet.config",
  ],
  "kubelet-config": [
    "/var/lib/kubelet/config.yaml",
    "/var/lib/kubelet/config.yml",
    "/etc/kubernetes/kubelet/kubelet-config.json",
    "/etc/kubernetes/kubelet/config.json",
    "/etc/kubernetes/kubelet-config.yaml",
    "/home/kubernetes/kubelet-config.yaml",
    "/etc/default/kubeletconfig.json",
    "/var/snap/microk8s/current/args/kubelet",
  ],
  "kubelet-ca": [
    "/etc/kubernetes/pki/ca.crt",
    "/etc/kubernetes/certs/ca.crt",
    "/etc/kubernetes/cert/ca.pem",
    "/etc/kubernetes/kubelet-ca.crt",
    "/var/lib/rancher/rke2/agent/client-ca.crt",
    "/var/lib/rancher/k3s/agent/client-ca.crt",
    "/var/snap/microk8s/current/certs/ca.crt",
  ],
  "kubelet-unit": [
    "/etc/systemd/system/kubelet.service",
    "/etc/systemd/system/kubelet.service.d/10-kubeadm.conf",
    "/usr/lib/systemd/system/kubelet.service",
    "/usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf",
    "/lib/systemd/system/kubelet.service",
    "/lib/systemd/system/kubelet.service.d/10-kubeadm.conf",
    "/etc/systemd/system/snap.microk8s.daemon-kubelite.service",
  ],
  "proxy-kubeconfig": [
    "/var/lib/kube-proxy/kubeconfig",
    "/etc/kubernetes/kube-proxy.conf",
    "/var/lib/rancher/rke2/agent/kubeproxy.kubeconfig",
    "/var/lib/rancher/k3s/agent/kubeproxy.kubeconfig",
    "/var/snap/microk8s/current/credentials/proxy.config",
  ],
  "cloud-config": ["/etc/kubernetes/azure.json"],
  "distribution-config": [
    "/etc/rancher/k3s/config.yaml",
    "/etc/rancher/rke2/config.yaml",
    "/etc/rancher/node/password",
    "/etc/systemd/system/k3s.service.env",
    "/etc/systemd/system/k3s-agent.service.env",
  ],
};

/** Roles that all files of a folder have. */
export type FolderRole = Extract<KubernetesFileRole, "cni" | "pki" | "kubelet-config" | "distribution-config">;

/** Folders of which every file counts; `deep`: those below too. */
export const usualFolders: readonly {
  readonly role: FolderRole;
  readonly path: string;
  readonly deep: boolean;
}[] = [
  { role: "cni", path: "/etc/cni/net.d", deep: false },
  { role: "cni", path: "/etc/kubernetes/cni/net.d", deep: false },
  { role: "cni", path: "/run/multus/cni/net.d", deep: false },
  { role: "cni", path: "/var/lib/rancher/k3s/agent/etc/cni/net.d", deep: false },
  { role: "cni", path: "/var/lib/cni/networks", deep: true },
  { role: "pki", path: "/etc/kubernetes/pki", deep: true },
  { role: "pki", path: "/var/lib/rancher/rke2/server/tls", deep: true },
  { role: "pki", path: "/var/lib/rancher/k3s/server/tls", deep: true },
  { role: "pki", path: "/etc/kubernetes/static-pod-resources", deep: true },
  { role: "kubelet-config", path: "/var/lib/rancher/k3s/agent/etc/kubelet.conf.d", deep: true },
  { role: "kubelet-config", path: "/var/lib/rancher/rke2/agent/etc/kubelet.conf.d", deep: true },
  { role: "distribution-config", path: "/etc/rancher/k3s/config.yaml.d", deep: false },
  { role: "distribution-config", path: "/etc/rancher/rke2/config.yaml.d", deep: false },
];

/**
 * Names of programs, the ones of older distributions too. `hyperkube` and its like take the component as their first
 * argument.
 */
export const programNames: Readonly<Record<string, KubernetesComponentName>> = {
  "kube-apiserver": "kube-apiserver",
  apiserver: "kube-apiserver",
  "kube-controller-manager": "kube-controller-manager",
  "kube-controller": "kube-controller-manager",
  "controller-manager": "kube-controller-manager",
  "kube-scheduler": "kube-scheduler",
  scheduler: "kube-scheduler",
  etcd: "etcd",
  kubelet: "kubelet",
  "kube-proxy": "kube-proxy",
};
