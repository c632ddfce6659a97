/** How a Docker Engine is reached; without a host at its usual place on this machine. */
export interface DockerAccess {
  /** A value of `DOCKER_HOST`. */
  readonly host?: string;
  /** A folder with `ca.pem`, `cert.pem`, `key.pem`, and whether the engine's certificate is checked. */
  readonly certificates?: { readonly folder: string; readonly verify: boolean };
}

/** Where Podman, CRI-O and Buildah have their images; what is not given is root's usual place. */
export interface PodmanAccess {
  /** Folders in the form of containers/storage, tried in this order. */
  readonly storage?: readonly string[];
  /** Where Podman's service listens, as values of `DOCKER_HOST`, tried in this order. */
  readonly hosts?: readonly string[];
}

/** Where containerd has its images; what is not given is its usual places. */
export interface ContainerdAccess {
  /** containerd's folders, tried in this order. */
  readonly storage?: readonly string[];
  /** The path of its socket. */
  readonly address?: string;
  /** The namespace to look in; all of them unless given. */
  readonly namespace?: string;
}

/** Podman's and CRI-O's store when root uses them. */
export const usualContainersStorage: readonly string[] = ["/var/lib/containers/storage"];

/** Podman's service when root runs it. */
export const usualPodmanHosts: readonly string[] = ["unix:///run/podman/podman.sock"];

/** containerd by itself, in K3s, RKE2 and MicroK8s. */
export const usualContainerdStorage: readonly string[] = [
  "/var/lib/containerd",
  "/var/lib/rancher/k3s/agent/containerd",
  "/var/lib/rancher/rke2/agent/containerd",
  "/var/snap/microk8s/common/var/lib/containerd",
];

/** containerd by itself, in K3s and RKE2, in MicroK8s. */
export const usualContainerdAddresses: readonly string[] = [
  "/run/containerd/containerd.sock",
  "/run/k3s/containerd/containerd.sock",
  "/var/snap/microk8s/common/run/containerd.sock",
];
