import type { KubernetesComponent, KubernetesNodeFacts } from "../../model/checks/kubernetes-facts.ts";
import { shellWord } from "../evidence.ts";
import { nodeFlavour } from "./node-flavour.ts";
import { manifestFiles } from "./remediation-for.ts";

/** A flag that a fix sets. Both come from a check, not from facts. */
interface FlagFix {
  readonly flag: string;
  readonly value: string;
}

/**
 * Commands that set a flag of a component where its distribution keeps it: a line of the static pod that was found, or
 * a file of settings for k3s and RKE2, which write static pods themselves and take a restart, the moment of which a
 * person chooses. None where the place is not known.
 */
export function settingCommands(
  { name, argv, source, place }: KubernetesComponent,
  { facts, fix }: { readonly facts: KubernetesNodeFacts; readonly fix: FlagFix },
): readonly string[] {
  const { flag, value } = fix;
  const flavour = nodeFlavour(facts);
  const given = argv.filter((argument) => argument === `--${flag}` || argument.startsWith(`--${flag}=`));
  if (flavour === "k3s" || flavour === "rke2") {
    // An option on the command line of k3s counts before its files.
    if (source === "embedded" && given.length > 0) return [`# set ${flag}=${value} for ${name} in ${place}`];
    const folder = `/etc/rancher/${flavour}/config.yaml.d`;
    const lines = [`${name}-arg+:`, `- ${flag}=${value}`].map(shellWord).join(" ");
    return [
      `mkdir -p ${folder}`,
      `printf '%s\\n' ${lines} > ${folder}/50-${name}-${flag}.yaml`,
      `# systemctl restart ${flavour === "k3s" ? "k3s" : "rke2-server"}`,
    ];
  }
  const role = manifestFiles[name];
  const files = "value" in facts.files ? facts.files.value.filter((file) => file.role === role) : [];
  const [file, ...others] = files;
  // OpenShift's operators write the pods of its control plane.
  if (!file || others.length > 0 || flavour === "openshift") return [];
  if (given.length === 0) return [sed(`s|^\\( *- \\)${name}$|&\\n\\1--${flag}=${value}|`, file.path)];
  if (given.some((argument) => !argument.includes("="))) return [];
  return [sed(`s|--${flag}=[^"[:space:]]*|--${flag}=${value}|`, file.path)];
}

/** No copy is kept beside it: the kubelet would start that as well. */
function sed(script: string, path: string): string {
  return `sed -i ${shellWord(script)} ${shellWord(path)}`;
}
