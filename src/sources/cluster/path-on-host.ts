import type { HostView } from "../../model/checks/host-view.ts";
import type { KubernetesComponentName } from "../../model/checks/kubernetes-facts.ts";

const podResources = "/etc/kubernetes/static-pod-resources";
const podCertificates = "/etc/kubernetes/static-pod-certs";
const mostPods = 1000;

/**
 * Where a file lies on the host that a component in a pod knows by another path; the same path when nothing else is
 * known. OpenShift mounts the folder of one revision of a static pod, and kube-proxy has its configuration among the
 * volumes of its pod.
 */
export async function pathOnHost(
  host: HostView,
  { name, path }: { readonly name: KubernetesComponentName; readonly path: string },
): Promise<string> {
  if ((await host.status(path)) !== undefined) return path;
  if (path.startsWith(`${podResources}/`)) {
    const manifest = await host.read(`/etc/kubernetes/manifests/${name}-pod.yaml`);
    const folder = typeof manifest === "string" ? revisionOf(manifest, name) : undefined;
    return folder === undefined ? path : `${folder}${path.slice(podResources.length)}`;
  }
  if (path.startsWith(`${podCertificates}/`)) {
    return `${podResources}/${name}-certs${path.slice(podCertificates.length)}`;
  }
  return name === "kube-proxy" ? ((await inVolumes(host, path)) ?? path) : path;
}

/** The folder of the revision that a static pod of OpenShift mounts. */
function revisionOf(manifest: string, name: KubernetesComponentName): string | undefined {
  return new RegExp(`${podResources}/${name}-pod-\\d{1,9}(?![\\w-])`).exec(manifest)?.[0];
}

async function inVolumes(host: HostView, path: string): Promise<string | undefined> {
  const pods = await host.list("/var/lib/kubelet/pods");
  if (pods === undefined || "unavailable" in pods) return undefined;
  for (const pod of pods.slice(0, mostPods)) {
    const folder = `/var/lib/kubelet/pods/${pod}/volumes/kubernetes.io~configmap/kube-proxy`;
    const file = `${folder}/${path.slice(path.lastIndexOf("/") + 1)}`;
    if ((await host.status(file)) !== undefined) return file;
  }
  return undefined;
}
