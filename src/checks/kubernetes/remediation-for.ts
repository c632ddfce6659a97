import type {
  KubernetesComponentName,
  KubernetesFileRole,
  KubernetesFlavour,
  KubernetesNodeFacts,
} from "../../model/checks/kubernetes-facts.ts";
import { componentOf, givenFlag, type SettingPlace } from "./find-setting.ts";
import { nodeFlavour } from "./node-flavour.ts";

/**
 * The change that would make a check pass, without the place of its settings: that depends on the distribution of the
 * cluster.
 */
export interface Remedy {
  /** What to set, add or remove, in one or two sentences. */
  readonly remediation: string;
  /** The settings that it is about; a sentence on where they stand is added to it. */
  readonly settings?: Settings;
  /** What to do instead where a maker of clusters has a way of its own. Nothing is added to it. */
  readonly remediationOn?: Readonly<Partial<Record<KubernetesFlavour, string>>>;
}

/** Settings of one component. */
interface Settings {
  readonly component: KubernetesComponentName;
  /** For the kubelet and kube-proxy, whose settings are called by their names in a file: their flags and paths. */
  readonly places?: readonly SettingPlace[];
}

/** Static pods of the control plane, in the facts and where kubeadm writes them. */
export const manifestFiles: Readonly<Partial<Record<KubernetesComponentName, KubernetesFileRole>>> = {
  "kube-apiserver": "apiserver-manifest",
  "kube-controller-manager": "controller-manager-manifest",
  "kube-scheduler": "scheduler-manifest",
  etcd: "etcd-manifest",
};

/** What to do on the cluster of a node, with the file, object or setting of its maker. */
export function remediationFor({ remediation, settings, remediationOn }: Remedy, facts: KubernetesNodeFacts): string {
  const flavour = nodeFlavour(facts);
  const own = remediationOn?.[flavour];
  if (own !== undefined) return own;
  if (!settings) return remediation;
  const where = makers[flavour]?.(settings) ?? ownFiles(settings, facts);
  return `${remediation} ${where}`;
}

type Sentence = (settings: Settings) => string;

/** Sources: the documentation of each maker on the arguments of components, or the settings of node pools. */
const makers: Readonly<Partial<Record<KubernetesFlavour, Sentence>>> = {
  k3s: (settings) => rancherFiles(settings, { name: "k3s", folder: "/etc/rancher/k3s" }),
  rke2: (settings) => rancherFiles(settings, { name: "RKE2", folder: "/etc/rancher/rke2" }),
  rke: (settings) => {
    const service = rkeServices[settings.component];
    return `${flagsNamed(settings)}RKE reads flags of ${labels[settings.component]} from services.${service}.extra_args in cluster.yml. Then run rke up.`;
  },
  microk8s: (settings) => {
    const { component } = settings;
    return `${flagsNamed(settings)}MicroK8s reads flags of ${labels[component]} from /var/snap/microk8s/current/args/${component}. Then run snap restart microk8s.`;
  },
  openshift: ({ component }) =>
    component === "kubelet"
      ? "OpenShift reads kubelet settings from spec.kubeletConfig of a KubeletConfig object."
      : `An OpenShift operator configures ${labels[component]}. Settings that you can change are in ${operatorObjects[component]}.`,
  eks: ({ component }) => {
    if (component === "kubelet") {
      return "EKS reads kubelet settings from the user data of its nodes: spec.kubelet in the NodeConfig of Amazon Linux, settings.kubernetes of Bottlerocket. They apply to new nodes.";
    }
    return component === "kube-proxy"
      ? "On EKS, the settings are in the ConfigMap kube-proxy-config in kube-system."
      : providerSets("EKS", component);
  },
  gke: ({ component }) =>
    component === "kubelet"
      ? "GKE reads some kubelet settings from kubeletConfig in the file of `gcloud container node-pools update --system-config-from-file`, and manages the others."
      : providerSets("GKE", component),
  aks: ({ component }) =>
    component === "kubelet"
      ? "AKS reads some kubelet settings from the file of `az aks nodepool add --kubelet-config`, for new nodes, and manages the others."
      : providerSets("AKS", component),
};

const labels: Readonly<Record<KubernetesComponentName, string>> = {
  "kube-apiserver": "the API server",
  "kube-controller-manager": "the controller manager",
  "kube-scheduler": "the scheduler",
  etcd: "etcd",
  kubelet: "the kubelet",
  "kube-proxy": "kube-proxy",
};

const rkeServices: Readonly<Record<KubernetesComponentName, string>> = {
  "kube-apiserver": "kube-api",
  "kube-controller-manager": "kube-controller",
  "kube-scheduler": "scheduler",
  etcd: "etcd",
  kubelet: "kubelet",
  "kube-proxy": "kubeproxy",
};

const operatorObjects: Readonly<Record<Exclude<KubernetesComponentName, "kubelet">, string>> = {
  "kube-apiserver":
    "the objects apiservers.config.openshift.io/cluster and kubeapiservers.operator.openshift.io/cluster",
  "kube-controller-manager": "the object kubecontrollermanagers.operator.openshift.io/cluster",
  "kube-scheduler": "the object schedulers.config.openshift.io/cluster",
  etcd: "the object etcds.operator.openshift.io/cluster",
  "kube-proxy": "spec.kubeProxyConfig of the object networks.operator.openshift.io/cluster",
};

function providerSets(name: string, component: KubernetesComponentName): string {
  return `${name} manages ${labels[component]}.`;
}

function rancherFiles(
  settings: Settings,
  { name, folder }: { readonly name: string; readonly folder: string },
): string {
  const list = `${settings.component}-arg`;
  return `${flagsNamed(settings)}${name} accepts flags of ${labels[settings.component]}, without dashes, as ${list} on its command line or in ${folder}/config.yaml, or as ${list}+ in a file in config.yaml.d beside it. The command line takes precedence. Then restart ${name}.`;
}

/**
 * The flags of settings that remediations call by their names in a file; nothing for those that they call by their
 * flags.
 */
function flagsNamed({ component, places = [] }: Settings): string {
  if (component !== "kubelet" && component !== "kube-proxy") return "";
  const flags = places.filter(({ path }) => path !== undefined).map(({ flag }) => `--${flag}`);
  if (flags.length === 0) return "";
  return flags.length === 1 ? `The flag is ${flags[0]}. ` : `The flags are ${flags.join(" and ")}. `;
}

/**
 * The place of settings in clusters whose components read their own files: those of kubeadm, and of an unknown
 * distribution.
 */
function ownFiles(settings: Settings, facts: KubernetesNodeFacts): string {
  const { component, places = [] } = settings;
  const isKubeadm = nodeFlavour(facts) === "kubeadm";
  const label = labels[component];
  const isInFile = places.some(({ path }) => path !== undefined);
  if (component === "kube-proxy" && isKubeadm) return "The settings are in the ConfigMap kube-proxy in kube-system.";
  if (component === "kubelet" || component === "kube-proxy") {
    const file = isInFile ? fileOf(facts, { component, flag: "config" }) : undefined;
    if (file !== undefined)
      return `${sentence(label)} reads its settings from ${file}; command-line flags take precedence.`;
    const started = isKubeadm && component === "kubelet" ? "/var/lib/kubelet/kubeadm-flags.env" : "its unit";
    return isInFile
      ? `${sentence(label)} has no configuration file here. ${flagsNamed(settings)}Flags of ${label} are set where it is started, such as in ${started}.`
      : `Flags of ${label} are set where it is started, such as in ${started}.`;
  }
  const settingsFile = component === "etcd" ? fileOf(facts, { component, flag: "config-file" }) : undefined;
  if (settingsFile !== undefined) return `etcd reads its settings from ${settingsFile} and ignores flags.`;
  const manifest =
    manifestOf(facts, component) ?? (isKubeadm ? `/etc/kubernetes/manifests/${component}.yaml` : undefined);
  return manifest === undefined
    ? `Flags of ${label} are set where it is started, such as in its unit or static pod.`
    : `Flags of ${label} are set in ${manifest}.`;
}

/** The static pod of a component, where there is one and no other. */
function manifestOf({ files }: KubernetesNodeFacts, component: KubernetesComponentName): string | undefined {
  const role = manifestFiles[component];
  const [file, ...others] = "value" in files ? files.value.filter((one) => one.role === role) : [];
  return others.length > 0 ? undefined : file?.path;
}

/** The file that a flag of a component names, or its variable where it is etcd. */
function fileOf(
  facts: KubernetesNodeFacts,
  { component: name, flag }: { readonly component: KubernetesComponentName; readonly flag: string },
): string | undefined {
  const component = componentOf(facts, name);
  return (component && (givenFlag(component, flag) || component.environment["ETCD_CONFIG_FILE"])) || undefined;
}

function sentence(label: string): string {
  return label[0]?.toUpperCase() + label.slice(1);
}
