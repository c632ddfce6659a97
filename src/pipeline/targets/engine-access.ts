import type { DockerContexts } from "../../engines/docker/docker-context.ts";

/** How a Docker Engine is reached; without a host and a context at its usual place on this machine. */
export interface DockerAccess {
  /** A value of `DOCKER_HOST`. */
  readonly host?: string;
  /** True when the user named the engine, so that one that is not there is missed. */
  readonly isNamed?: boolean;
  /** Docker's contexts, looked into where there is no host. */
  readonly contexts?: DockerContexts;
  /** A folder with `ca.pem`, `cert.pem`, `key.pem`, and whether the engine's certificate is checked. */
  readonly certificates?: { readonly folder: string; readonly verify: boolean };
}

/** The image folders of Podman, CRI-O and Buildah; a missing one is root's usual place. */
export interface PodmanAccess {
  /**
   * Files in the form of `storage.conf`; they need not exist. The folders that they name are tried before `storage` and
   * `state`. Only root's folders, from a file of the machine, come last where this process is not root's.
   */
  readonly configurations?: readonly { readonly path: string; readonly of: "user" | "machine" }[];
  /** The variables that may be in the paths of a configuration; none unless given. */
  readonly variables?: Readonly<Record<string, string | undefined>>;
  /** Folders in the form of containers/storage, tried in this order. */
  readonly storage?: readonly string[];
  /** Where Podman's service listens, as values of `DOCKER_HOST`, tried in this order. */
  readonly hosts?: readonly string[];
  /** True when the user named `hosts`, so that one who is not there is missed. */
  readonly isNamed?: boolean;
  /**
   * Folders of what Podman knows until the machine ends (`runRoot`); without one, only its service is asked what runs.
   */
  readonly state?: readonly string[];
}

/** The image folders of containerd; a missing one means its usual places. */
export interface ContainerdAccess {
  /** containerd's folders, tried in this order. */
  readonly storage?: readonly string[];
  /** The path of its socket. */
  readonly address?: string;
  /** Where it usually listens; asked where no `address` and no `storage` is given. */
  readonly usualAddresses?: readonly string[];
  /** In place of {@link usualContainerdStorage}, to find an image. */
  readonly usualStorage?: readonly string[];
  /** The namespace to look in; all of them unless given. */
  readonly namespace?: string;
}

/** Podman's and CRI-O's store when root uses them. */
export const usualContainersStorage: readonly string[] = ["/var/lib/containers/storage"];

/** What Podman knows of its containers until the machine ends, when root uses it. */
export const usualPodmanState: readonly string[] = ["/run/containers/storage"];

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
