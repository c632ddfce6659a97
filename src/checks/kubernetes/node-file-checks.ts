import type { CheckResult } from "../../model/check.ts";
import type { KubernetesFile, KubernetesFileRole, KubernetesNodeFacts } from "../../model/kubernetes-facts.ts";
import type { Check, Observation } from "../check.ts";
import { shellWord } from "../evidence.ts";
import { nodeFlavour } from "./node-flavour.ts";
import { nodeCheck } from "./setting-check.ts";

interface FileDescription {
  readonly role: KubernetesFileRole;
  readonly what: string;
  readonly severity: CheckResult["severity"];
  readonly why: string;
  /** Permissions that no file of the role goes beyond; undefined for no such check. */
  readonly mode: number | undefined;
  /** The same on clusters that a cloud runs, where its benchmark allows more. */
  readonly managedMode?: number;
  /** The same on OpenShift. */
  readonly openShiftMode?: number;
  /** `user:group` of which one must hold; empty for no such check. */
  readonly owners: readonly string[];
}

const root = ["root:root"];
const takesOver = "Who can change it decides what runs as the most powerful component of the cluster.";
const credentials = "It holds credentials of the cluster.";

const descriptions: readonly FileDescription[] = [
  manifestOf("apiserver-manifest", "The static pod of the API server"),
  manifestOf("controller-manager-manifest", "The static pod of the controller manager"),
  manifestOf("scheduler-manifest", "The static pod of the scheduler"),
  manifestOf("etcd-manifest", "The static pod of etcd"),
  {
    role: "cni",
    what: "The network configuration of pods",
    severity: "medium",
    why: "It names programs that run as root for every pod that starts.",
    mode: 0o600,
    owners: root,
  },
  {
    role: "etcd-data",
    what: "The data of etcd",
    severity: "critical",
    why: "It holds every object and every secret of the cluster.",
    mode: 0o700,
    // As a static pod etcd runs as root.
    owners: ["etcd:etcd", "root:root"],
  },
  kubeconfigOf("admin-kubeconfig", "The credentials of the administrator", "critical"),
  kubeconfigOf("scheduler-kubeconfig", "The credentials of the scheduler", "high"),
  kubeconfigOf("controller-manager-kubeconfig", "The credentials of the controller manager", "critical"),
  {
    role: "pki",
    what: "The folder of the cluster's certificates and all in it",
    severity: "high",
    why: "Who owns a CA certificate or key can make identities of the cluster.",
    mode: undefined,
    owners: root,
  },
  {
    role: "pki-certificate",
    what: "Certificates of the cluster",
    severity: "low",
    why: "Certificates are public, but only root should be able to replace them.",
    mode: 0o644,
    owners: [],
  },
  {
    role: "pki-key",
    what: "Private keys of the cluster",
    severity: "critical",
    why: "Who can read the key of a CA can become anybody in the cluster.",
    mode: 0o600,
    owners: [],
  },
  {
    role: "kubelet-unit",
    what: "The unit of the kubelet",
    severity: "high",
    why: "It decides with which settings the kubelet runs, as root.",
    mode: 0o600,
    openShiftMode: 0o644,
    owners: root,
  },
  {
    ...kubeconfigOf("proxy-kubeconfig", "The credentials of kube-proxy", "medium"),
    managedMode: 0o644,
    openShiftMode: 0o644,
  },
  {
    ...kubeconfigOf("kubelet-kubeconfig", "The credentials of the kubelet", "high"),
    managedMode: 0o644,
    openShiftMode: 0o644,
  },
  {
    role: "kubelet-ca",
    what: "The CA with which the kubelet verifies clients",
    severity: "medium",
    why: "Who can replace it decides who may run commands in the containers of the node.",
    mode: 0o644,
    owners: root,
  },
  {
    role: "kubelet-config",
    what: "The configuration of the kubelet",
    severity: "high",
    why: "It decides who may ask the kubelet, and what containers may do.",
    mode: 0o600,
    managedMode: 0o644,
    owners: root,
  },
  {
    role: "cloud-config",
    what: "The credentials of the node with its cloud",
    severity: "high",
    why: "It holds the identity with which the node asks for disks and addresses.",
    mode: 0o644,
    owners: root,
  },
  {
    role: "distribution-config",
    what: "The configuration of k3s and RKE2",
    severity: "critical",
    why: "It decides how everything on the node runs, and may hold the token with which nodes join.",
    mode: 0o600,
    owners: root,
  },
];

const managedFlavours: ReadonlySet<string> = new Set(["eks", "aks", "gke"]);

/** Checks of owner and mode of the files of a node: `<role>-mode` and `<role>-owner`. */
export const nodeFileChecks: readonly Check<KubernetesNodeFacts>[] = descriptions.flatMap((description) => [
  ...(description.mode === undefined ? [] : [modeCheck(description, description.mode)]),
  ...(description.owners.length === 0 ? [] : [ownerCheck(description)]),
]);

function modeCheck(description: FileDescription, mode: number): Check<KubernetesNodeFacts> {
  const { role, what, severity, why, managedMode, openShiftMode } = description;
  return nodeCheck(
    {
      name: `${role}-mode`,
      title: `${what}: nobody has more access than ${octal(mode)} gives`,
      severity,
      why,
      remediation: "Take away with chmod the permissions that are too much.",
    },
    (facts) => {
      const flavour = nodeFlavour(facts);
      const isManaged = managedFlavours.has(flavour);
      const most = (isManaged ? managedMode : flavour === "openshift" ? openShiftMode : undefined) ?? mode;
      return filesOf(facts, role).map((file): Observation => {
        const isWider = (Number.parseInt(file.mode, 8) & ~most) !== 0;
        return {
          state: isWider ? "fail" : "pass",
          resource: file.path,
          evidence: [{ subject: "mode", value: file.mode, expected: `${octal(most)} or less` }],
          ...(isWider && {
            commands: [`chmod ${octal(Number.parseInt(file.mode, 8) & most)} ${shellWord(file.path)}`],
          }),
        };
      });
    },
    ["files"],
  );
}

function ownerCheck({ role, what, severity, why, owners }: FileDescription): Check<KubernetesNodeFacts> {
  const [wanted = ""] = owners;
  return nodeCheck(
    {
      name: `${role}-owner`,
      title: `${what}: owned by ${owners.join(" or ")}`,
      severity,
      why,
      remediation: `Give it to ${wanted} with chown.`,
    },
    (facts) =>
      filesOf(facts, role).map((file): Observation => {
        const owner = `${file.user}:${file.group}`;
        const isWrong = !owners.includes(owner);
        return {
          state: isWrong ? "fail" : "pass",
          resource: file.path,
          evidence: [{ subject: "owner", value: owner, expected: owners.join(" or ") }],
          ...(isWrong && { commands: [`chown ${wanted} ${shellWord(file.path)}`] }),
        };
      }),
    ["files"],
  );
}

function filesOf(facts: KubernetesNodeFacts, role: KubernetesFileRole): readonly KubernetesFile[] {
  return "value" in facts.files ? facts.files.value.filter((file) => file.role === role) : [];
}

function manifestOf(role: KubernetesFileRole, what: string): FileDescription {
  return { role, what, severity: "high", why: takesOver, mode: 0o600, owners: root };
}

function kubeconfigOf(role: KubernetesFileRole, what: string, severity: CheckResult["severity"]): FileDescription {
  return { role, what, severity, why: credentials, mode: 0o600, owners: root };
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, "0");
}
