import type { CheckResult } from "../../model/checks/check.ts";
import type { KubernetesFile, KubernetesFileRole, KubernetesNodeFacts } from "../../model/checks/kubernetes-facts.ts";
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
const takesOver = "A user who can change this file controls a component of the control plane.";
const credentials = "The file contains cluster credentials.";

const descriptions: readonly FileDescription[] = [
  manifestOf("apiserver-manifest", "API server static pod file"),
  manifestOf("controller-manager-manifest", "Controller manager static pod file"),
  manifestOf("scheduler-manifest", "Scheduler static pod file"),
  manifestOf("etcd-manifest", "etcd static pod file"),
  {
    role: "cni",
    what: "CNI configuration file",
    severity: "medium",
    why: "The file specifies programs that run as root whenever a pod starts.",
    mode: 0o600,
    owners: root,
  },
  {
    role: "etcd-data",
    what: "etcd data directory",
    severity: "critical",
    why: "The directory contains every object and secret of the cluster.",
    mode: 0o700,
    // As a static pod etcd runs as root.
    owners: ["etcd:etcd", "root:root"],
  },
  kubeconfigOf("admin-kubeconfig", "Administrator kubeconfig", "critical"),
  kubeconfigOf("scheduler-kubeconfig", "Scheduler kubeconfig", "high"),
  kubeconfigOf("controller-manager-kubeconfig", "Controller manager kubeconfig", "critical"),
  {
    role: "pki",
    what: "Cluster PKI file or directory",
    severity: "high",
    why: "The owner of a CA certificate or key can issue cluster identities.",
    mode: undefined,
    owners: root,
  },
  {
    role: "pki-certificate",
    what: "Cluster certificate",
    severity: "low",
    why: "Certificates are public, but only root should be able to replace them.",
    mode: 0o644,
    owners: [],
  },
  {
    role: "pki-key",
    what: "Cluster private key",
    severity: "critical",
    why: "A user who can read a CA key can impersonate every user of the cluster.",
    mode: 0o600,
    owners: [],
  },
  {
    role: "kubelet-unit",
    what: "Kubelet unit file",
    severity: "high",
    why: "The file sets the options of the kubelet, which runs as root.",
    mode: 0o600,
    openShiftMode: 0o644,
    owners: root,
  },
  {
    ...kubeconfigOf("proxy-kubeconfig", "kube-proxy kubeconfig", "medium"),
    managedMode: 0o644,
    openShiftMode: 0o644,
  },
  {
    ...kubeconfigOf("kubelet-kubeconfig", "Kubelet kubeconfig", "high"),
    managedMode: 0o644,
    openShiftMode: 0o644,
  },
  {
    role: "kubelet-ca",
    what: "Kubelet client CA file",
    severity: "medium",
    why: "A user who can replace the CA controls who can run commands in the containers of the node.",
    mode: 0o644,
    owners: root,
  },
  {
    role: "kubelet-config",
    what: "Kubelet configuration file",
    severity: "high",
    why: "The file sets who can use the kubelet API, and what containers can do.",
    mode: 0o600,
    managedMode: 0o644,
    owners: root,
  },
  {
    role: "cloud-config",
    what: "Cloud provider configuration file",
    severity: "high",
    why: "The file contains the cloud identity of the node.",
    mode: 0o644,
    owners: root,
  },
  {
    role: "distribution-config",
    what: "k3s or RKE2 configuration file",
    severity: "critical",
    why: "The file configures all components of the node, and can contain the token for joining nodes.",
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
      title: { pass: `${what} has restrictive permissions`, fail: `${what} has excess permissions` },
      severity,
      why,
      remediation: "Remove the excess permissions with chmod.",
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
          evidence: [{ subject: "mode", value: file.mode, expected: `${octal(most)} or stricter` }],
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
      title: {
        pass: `${what} is owned by ${owners.join(" or ")}`,
        fail: `${what} is not owned by ${owners.join(" or ")}`,
      },
      severity,
      why,
      remediation: `Set the owner to ${wanted} with chown.`,
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
