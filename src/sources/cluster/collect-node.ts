import type { Fact } from "../../model/checks/fact.ts";
import type { HostView } from "../../model/checks/host-view.ts";
import type {
  KubernetesComponent,
  KubernetesFlavour,
  KubernetesNodeFacts,
} from "../../model/checks/kubernetes-facts.ts";
import { collectComponents } from "./collect-components.ts";
import { collectNodeFiles } from "./collect-node-files.ts";
import type { K3sVersion } from "./k3s-components.ts";
import { usualFiles } from "./node-paths.ts";

/** Sources beside files and processes. */
export interface CollectNodeOptions {
  /** Not asked where a log tells the version. */
  readonly k3sVersion?: K3sVersion;
}

/**
 * Reads what one node shows of Kubernetes: the components that run or that static pods describe, the files that their
 * flags name, and owner and mode of the files that belong to the cluster. What cannot be read is an unavailable fact;
 * it rejects only as what is asked beside files does.
 */
export async function collectNode(host: HostView, options: CollectNodeOptions = {}): Promise<KubernetesNodeFacts> {
  const components = await collectComponents(host, options);
  const known = "value" in components ? components.value : [];
  return {
    flavour: await flavourOf(host),
    version: await versionOf(host, known),
    components,
    files: await collectNodeFiles(host, known),
    kubeletUnit: await kubeletUnitOf(host),
  };
}

/** Paths that only one maker of clusters has; the first that is there tells. */
const marks: readonly (readonly [path: string, flavour: KubernetesFlavour])[] = [
  ["/var/lib/rancher/rke2", "rke2"],
  ["/var/lib/rancher/k3s", "k3s"],
  ["/var/snap/microk8s", "microk8s"],
  ["/etc/eks", "eks"],
  ["/etc/kubernetes/azure.json", "aks"],
  ["/home/kubernetes/kube-env", "gke"],
  ["/home/kubernetes/kubelet-config.yaml", "gke"],
  ["/etc/kubernetes/static-pod-resources", "openshift"],
  ["/etc/machine-config-daemon", "openshift"],
  ["/etc/origin", "openshift"],
  ["/etc/kubernetes/ssl/kubecfg-kube-node.yaml", "rke"],
  ["/var/lib/kubelet/kubeadm-flags.env", "kubeadm"],
  ["/etc/kubernetes/kubelet.conf", "kubeadm"],
];

async function flavourOf(host: HostView): Promise<Fact<KubernetesFlavour>> {
  for (const [path, flavour] of marks) {
    const status = await host.status(path);
    if (status !== undefined && "unavailable" in status) return status;
    if (status) return { value: flavour };
  }
  return { value: "unknown" };
}

/**
 * The version of the kubelet or the API server, as a static pod's image or the installed package tells; nothing is run
 * to learn it.
 */
async function versionOf(host: HostView, components: readonly KubernetesComponent[]): Promise<Fact<string>> {
  for (const name of [
    "kubelet",
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
    "kube-proxy",
  ] as const) {
    const version = components.find((component) => component.name === name)?.version;
    if (version !== undefined) return { value: version };
  }
  const packages = await host.read("/var/lib/dpkg/status");
  const paragraph = typeof packages === "string" ? /^Package: kubelet\n(?:.+\n)*/m.exec(packages)?.[0] : undefined;
  const version = /^Version: (?:\d+:)?(\d+\.\d+\.\d+)/m.exec(paragraph ?? "")?.[1];
  if (version !== undefined) return { value: version };
  const told = (await snapVersion(host)) ?? (await rke2Version(host)) ?? (await openShiftVersion(host));
  if (told !== undefined) return { value: told };
  return { unavailable: "no static pod or package contains the Kubernetes version" };
}

async function snapVersion(host: HostView): Promise<string | undefined> {
  const text = await host.read("/snap/microk8s/current/meta/snap.yaml");
  return typeof text === "string" ? /^version: *['"]?v?(\d{1,4}\.\d{1,4}\.\d{1,4})/m.exec(text)?.[1] : undefined;
}

/** The system of OpenShift's nodes tells its release: 4.16 is Kubernetes 1.29, and so on. */
async function openShiftVersion(host: HostView): Promise<string | undefined> {
  const text = await host.read("/etc/os-release");
  const minor = typeof text === "string" ? /^OPENSHIFT_VERSION="?4\.(\d{1,2})/m.exec(text)?.[1] : undefined;
  return minor === undefined ? undefined : `1.${Number(minor) + 13}`;
}

/** RKE2 unpacks every release into a folder of its version; of several it is not known which one runs. */
async function rke2Version(host: HostView): Promise<string | undefined> {
  const names = await host.list("/var/lib/rancher/rke2/data");
  if (names === undefined || "unavailable" in names) return undefined;
  const versions = new Set(names.flatMap((name) => /^v(\d{1,4}\.\d{1,4}\.\d{1,4})-rke2/.exec(name)?.[1] ?? []));
  return versions.size === 1 ? [...versions][0] : undefined;
}

/** The settings of the kubelet's unit: the files in their order, later values behind earlier ones. */
async function kubeletUnitOf(host: HostView): Promise<KubernetesNodeFacts["kubeletUnit"]> {
  const settings: Record<string, string[]> = {};
  for (const path of usualFiles["kubelet-unit"] ?? []) {
    const text = await host.read(path);
    if (text === undefined) continue;
    if (typeof text === "object") return text;
    let section = "";
    for (const line of text.split("\n")) {
      const name = /^\[([^\]]{1,64})\]/.exec(line)?.[1];
      if (name !== undefined) section = name;
      const setting = /^(IPAddress(?:Deny|Allow))\s*=\s*(.*)$/.exec(line.trim());
      const key = `${section}.${setting?.[1]}`;
      if (setting) settings[key] = [...(settings[key] ?? []), setting[2] ?? ""];
    }
  }
  return { value: settings };
}
