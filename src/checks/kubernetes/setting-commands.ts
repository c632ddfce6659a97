import type {
  KubernetesComponent,
  KubernetesComponentName,
  KubernetesFileRole,
  KubernetesNodeFacts,
} from "../../model/kubernetes-facts.ts";
import { shellWord } from "../linux/evidence.ts";

const manifests: Readonly<Partial<Record<KubernetesComponentName, KubernetesFileRole>>> = {
  "kube-apiserver": "apiserver-manifest",
  "kube-controller-manager": "controller-manager-manifest",
  "kube-scheduler": "scheduler-manifest",
  etcd: "etcd-manifest",
};

/** A flag that a fix sets. Both come from a check, not from facts. */
interface FlagFix {
  readonly flag: string;
  readonly value: string;
}

/**
 * Commands that set a flag of a component where its distribution keeps it: a line of the static pod that was found, or a file of settings
 * for k3s and RKE2, which write static pods themselves. None where that is not known.
 */
export function settingCommands(
  { name, argv }: KubernetesComponent,
  { facts, fix }: { readonly facts: KubernetesNodeFacts; readonly fix: FlagFix },
): readonly string[] {
  const { flag, value } = fix;
  const flavour = "value" in facts.flavour ? facts.flavour.value : "unknown";
  if (flavour === "k3s" || flavour === "rke2") {
    const folder = `/etc/rancher/${flavour}/config.yaml.d`;
    const lines = [`${name}-arg+:`, `- ${flag}=${value}`].map(shellWord).join(" ");
    return [`mkdir -p ${folder}`, `printf '%s\\n' ${lines} > ${folder}/50-${name}-${flag}.yaml`];
  }
  const role = manifests[name];
  const files = "value" in facts.files ? facts.files.value.filter((file) => file.role === role) : [];
  const [file, ...others] = files;
  // OpenShift's operators write the pods of its control plane.
  if (!file || others.length > 0 || flavour === "openshift") return [];
  const given = argv.filter((argument) => argument === `--${flag}` || argument.startsWith(`--${flag}=`));
  if (given.length === 0) return [sed(`s|^\\( *- \\)${name}$|&\\n\\1--${flag}=${value}|`, file.path)];
  if (given.some((argument) => !argument.includes("="))) return [];
  return [sed(`s|--${flag}=[^"[:space:]]*|--${flag}=${value}|`, file.path)];
}

/** No copy is kept beside it: the kubelet would start that as well. */
function sed(script: string, path: string): string {
  return `sed -i ${shellWord(script)} ${shellWord(path)}`;
}
