import type { KubernetesClusterFacts } from "../../model/checks/kubernetes-facts.ts";
import { objectIn, textIn } from "../../model/objects/json-members.ts";
import type { Check, Observation } from "../check.ts";
import { resourceTitle } from "../manifests/manifest-resource.ts";
import { clusterFlavour } from "./cluster-flavour.ts";
import { clusterCheck, objectsOf } from "./cluster-objects.ts";
import type { CheckTexts } from "./setting-check.ts";

type Cloud = "eks" | "aks" | "gke";

const all: readonly Cloud[] = ["eks", "aks", "gke"];
const reason =
  "the cloud manages this setting, and the Kubernetes API does not show it; review it in the cloud console";

/**
 * Checks of managed clusters: settings that lie with the cloud are for a person to look up there. They do not apply to
 * other clusters.
 */
export const cloudChecks: readonly Check<KubernetesClusterFacts>[] = [
  ask(all, {
    name: "cloud-image-scanning",
    title: {
      pass: "Registry images are scanned for vulnerabilities",
      fail: "Registry images are not scanned for vulnerabilities",
    },
    severity: "medium",
    why: "New vulnerabilities are found in images after they were built.",
    remediation: "Enable image scanning in the registry, or scan it with `plimsoll scan --registry`.",
  }),
  ask(all, {
    name: "cloud-registry-users",
    title: { pass: "Push access to the registry is limited", fail: "Push access to the registry is not limited" },
    severity: "medium",
    why: "A user who can push an image decides what runs in the cluster.",
    remediation:
      "Grant push access only to the build pipeline, and review other grants in the access management of the cloud.",
  }),
  ask(all, {
    name: "cloud-registry-read-only",
    title: { pass: "Nodes have read-only access to the registry", fail: "Nodes have write access to the registry" },
    severity: "medium",
    why: "An attacker on a node can replace the images of every cluster.",
    remediation: "Assign the cloud's pull-only role to the identity of the nodes.",
  }),
  ask(all, {
    name: "cloud-registry-approved",
    title: { pass: "Images come only from approved registries", fail: "Images can come from unapproved registries" },
    severity: "medium",
    why: "Anyone can publish images in a public registry.",
    remediation: "Enforce a list of allowed registries at admission.",
  }),
  ask(all, {
    name: "cloud-workload-identity",
    title: { pass: "Workloads use dedicated cloud identities", fail: "Workloads use the cloud identity of their node" },
    severity: "high",
    why: "With the identity of the node, every pod has the cloud permissions of all others.",
    remediation: "Bind service accounts to cloud roles, one for each workload.",
  }),
  ask(["gke"], {
    name: "cloud-node-identity",
    title: {
      pass: "Nodes use a dedicated service account",
      fail: "Nodes use the default service account of the project",
    },
    severity: "high",
    why: "The default account can edit the whole project, and every pod of the node can get its token.",
    remediation: "Create a service account with only the permissions that nodes need, and assign it to the node pools.",
  }),
  ask(all, {
    name: "cloud-secrets-key",
    title: {
      pass: "Secrets are encrypted with a customer-managed key",
      fail: "Secrets are not encrypted with a customer-managed key",
    },
    severity: "medium",
    why: "A customer-managed key can be revoked, and its use is logged.",
    remediation: "Enable secret encryption with a key of the cloud's key management service.",
  }),
  ask(["gke"], {
    name: "cloud-metadata-server",
    title: { pass: "GKE metadata server is enabled", fail: "GKE metadata server is disabled" },
    severity: "high",
    why: "The instance metadata of a node contains its credentials.",
    remediation: "Enable the GKE metadata server for every node pool.",
  }),
  clusterCheck(
    {
      name: "cloud-node-image",
      title: {
        pass: "Node runs Container-Optimized OS with containerd",
        fail: "Node does not run Container-Optimized OS with containerd",
      },
      severity: "low",
      why: "Container-Optimized OS contains little beyond what containers need, and is updated automatically.",
      remediation: "Set the image type of the node pools to cos_containerd.",
    },
    ["nodes"],
    (facts) => {
      if (clusterFlavour(facts) !== "gke") return [];
      return objectsOf(facts, "nodes").map((node): Observation => {
        const info = objectIn(objectIn(node.object, "status"), "nodeInfo");
        const [image, runtime] = [textIn(info, "osImage"), textIn(info, "containerRuntimeVersion")];
        const isPlain = image.startsWith("Container-Optimized OS") && runtime.startsWith("containerd://");
        const evidence = [
          { subject: "osImage", value: image, expected: "Container-Optimized OS" },
          { subject: "containerRuntimeVersion", value: runtime, expected: "containerd" },
        ];
        return { state: isPlain ? "pass" : "fail", resource: resourceTitle(node), evidence };
      });
    },
  ),
  ask(["gke"], {
    name: "cloud-node-repair",
    title: { pass: "Node auto-repair is enabled", fail: "Node auto-repair is disabled" },
    severity: "low",
    why: "A partly failed node delays updates and keeps unhealthy pods.",
    remediation: "Enable auto-repair for every node pool.",
  }),
  ask(["gke"], {
    name: "cloud-node-upgrade",
    title: { pass: "Node auto-upgrade is enabled", fail: "Node auto-upgrade is disabled" },
    severity: "medium",
    why: "Kernels and kubelets without updates keep known vulnerabilities.",
    remediation: "Enable auto-upgrade for every node pool.",
  }),
  ask(["gke"], {
    name: "cloud-release-channel",
    title: { pass: "Cluster is enrolled in a release channel", fail: "Cluster is not enrolled in a release channel" },
    severity: "low",
    why: "Unsupported versions get no fixes.",
    remediation: "Enrol the cluster in a release channel.",
  }),
  ask(["gke"], {
    name: "cloud-shielded-nodes",
    title: { pass: "Shielded GKE Nodes are enabled", fail: "Shielded GKE Nodes are disabled" },
    severity: "medium",
    why: "An attacker with stolen node credentials can join the cluster as that node.",
    remediation: "Enable Shielded GKE Nodes.",
  }),
  ask(["gke"], {
    name: "cloud-node-integrity",
    title: { pass: "Node integrity monitoring is enabled", fail: "Node integrity monitoring is disabled" },
    severity: "low",
    why: "Malicious code below the kernel survives every operating system update.",
    remediation: "Enable integrity monitoring for every node pool.",
  }),
  ask(["gke"], {
    name: "cloud-secure-boot",
    title: { pass: "Secure Boot is enabled on nodes", fail: "Secure Boot is disabled on nodes" },
    severity: "low",
    why: "An unsigned kernel or driver can hide malicious code.",
    remediation: "Enable Secure Boot for every node pool, unless third-party drivers are needed.",
  }),
  ask(["gke"], {
    name: "cloud-flow-logs",
    title: {
      pass: "VPC flow logs and intranode visibility are enabled",
      fail: "VPC flow logs or intranode visibility is disabled",
    },
    severity: "low",
    why: "Without logs, network traffic cannot be investigated after an attack.",
    remediation: "Enable VPC flow logs and intranode visibility.",
  }),
  ask(["gke"], {
    name: "cloud-native-network",
    title: { pass: "Cluster is VPC-native", fail: "Cluster is not VPC-native" },
    severity: "low",
    why: "Firewalls and flow logs see pod addresses only in VPC-native clusters.",
    remediation: "Create the cluster as VPC-native.",
  }),
  ask(all, {
    name: "cloud-endpoint-networks",
    title: {
      pass: "API server accepts connections only from authorized networks",
      fail: "API server accepts connections from any network",
    },
    severity: "high",
    why: "An endpoint that is open to the internet is attacked constantly, and any vulnerability of the API server can be exploited at once.",
    remediation: "Configure the networks that are authorized to reach the control plane endpoint.",
  }),
  ask(all, {
    name: "cloud-private-endpoint",
    title: { pass: "API server has only a private endpoint", fail: "API server has a public endpoint" },
    severity: "medium",
    why: "Without a public endpoint, stolen credentials cannot be used from outside.",
    remediation: "Enable the private endpoint, and disable the public one.",
  }),
  ask(all, {
    name: "cloud-private-nodes",
    title: { pass: "Nodes have only private addresses", fail: "Nodes have public addresses" },
    severity: "medium",
    why: "Ports that a pod opens on a node with a public address can be reached from the internet.",
    remediation: "Create node pools with private nodes, and use a NAT gateway for outgoing traffic.",
  }),
  ask(["gke"], {
    name: "cloud-node-firewall",
    title: {
      pass: "Firewall rules restrict traffic to nodes",
      fail: "Firewall rules do not restrict traffic to nodes",
    },
    severity: "low",
    why: "A firewall still protects nodes when a pod or service is exposed by mistake.",
    remediation: "Create firewall rules for the network tag or service account of the nodes.",
  }),
  ask(["eks", "aks"], {
    name: "cloud-network-policy",
    title: { pass: "Network policies are enforced", fail: "Network policies are not enforced" },
    severity: "high",
    why: "Without enforcement, network policies are accepted but have no effect.",
    remediation: "Enable network policy support of the cluster's network plug-in.",
  }),
  ask(all, {
    name: "cloud-load-balancer-certificates",
    title: {
      pass: "Load balancers use HTTPS with managed certificates",
      fail: "Load balancers do not use HTTPS with managed certificates",
    },
    severity: "medium",
    why: "Manually renewed certificates expire by mistake, and plain HTTP can be read in transit.",
    remediation: "Attach certificates of the cloud's certificate service to the load balancers.",
  }),
  ask(["gke"], {
    name: "cloud-monitoring",
    title: { pass: "Cluster logging and monitoring are enabled", fail: "Cluster logging or monitoring is disabled" },
    severity: "medium",
    why: "Logs in the cloud remain available when a node or the cluster is gone.",
    remediation: "Enable logging and monitoring for system components and workloads.",
  }),
  ask(["gke"], {
    name: "cloud-node-audit",
    title: { pass: "Nodes write system call audit logs", fail: "Nodes write no system call audit logs" },
    severity: "low",
    why: "System call logs show what happened in a container and on its host.",
    remediation: "Run a logging agent for auditd on the nodes, or watch system calls with `plimsoll watch`.",
  }),
  ask(["gke"], {
    name: "cloud-client-certificates",
    title: {
      pass: "Client certificate authentication is disabled",
      fail: "Client certificate authentication is enabled",
    },
    severity: "medium",
    why: "A client certificate cannot be revoked before it expires.",
    remediation: "Disable client certificates for the cluster.",
  }),
  ask(all, {
    name: "cloud-login",
    title: {
      pass: "Users authenticate with cloud accounts and groups",
      fail: "Users do not authenticate with cloud accounts and groups",
    },
    severity: "medium",
    why: "Disabling one cloud account then removes all access of a user.",
    remediation: "Bind roles to groups of the cloud directory.",
  }),
  ask(["aks"], {
    name: "cloud-rbac",
    title: {
      pass: "Azure RBAC authorizes access to the cluster",
      fail: "Azure RBAC does not authorize access to the cluster",
    },
    severity: "low",
    why: "Permissions in one place are easier to review.",
    remediation: "Enable Azure RBAC for Kubernetes authorization.",
  }),
  ask(["eks"], {
    name: "cloud-access-entries",
    title: { pass: "Cluster access uses EKS access entries", fail: "Cluster access uses the aws-auth ConfigMap" },
    severity: "low",
    why: "One mistake in the ConfigMap aws-auth can lock everyone out, and the ConfigMap does not show who has access.",
    remediation: "Set the authentication mode of the cluster to API, and create an access entry for each role.",
  }),
  ask(["gke"], {
    name: "cloud-legacy-authorization",
    title: { pass: "Legacy authorization is disabled", fail: "Legacy authorization is enabled" },
    severity: "high",
    why: "Legacy authorization grants wide permissions to every service account.",
    remediation: "Disable legacy authorization.",
  }),
  ask(["gke"], {
    name: "cloud-disk-key",
    title: {
      pass: "Persistent disks are encrypted with a customer-managed key",
      fail: "Persistent disks are not encrypted with a customer-managed key",
    },
    severity: "low",
    why: "A customer-managed key can be revoked, and its use is logged.",
    remediation: "Set a key of the key management service in the storage classes.",
  }),
  ask(["gke"], {
    name: "cloud-boot-disk-key",
    title: {
      pass: "Node boot disks are encrypted with a customer-managed key",
      fail: "Node boot disks are not encrypted with a customer-managed key",
    },
    severity: "low",
    why: "A customer-managed key can be revoked, and its use is logged.",
    remediation: "Set a key of the key management service for every node pool.",
  }),
  ask(["gke"], {
    name: "cloud-dashboard",
    title: { pass: "Kubernetes dashboard add-on is disabled", fail: "Kubernetes dashboard add-on is enabled" },
    severity: "medium",
    why: "The add-on runs with wide permissions, and the cloud console shows the same information.",
    remediation: "Disable the add-on.",
  }),
  ask(["gke"], {
    name: "cloud-alpha-features",
    title: {
      pass: "Production workloads do not run in an alpha cluster",
      fail: "Production workloads run in an alpha cluster",
    },
    severity: "medium",
    why: "Alpha clusters get no updates and are deleted after 30 days.",
    remediation: "Move the workloads to a cluster without alpha features.",
  }),
  ask(["gke"], {
    name: "cloud-sandbox",
    title: { pass: "Untrusted workloads run in GKE Sandbox", fail: "Untrusted workloads do not run in GKE Sandbox" },
    severity: "low",
    why: "Without a sandbox, one kernel vulnerability is enough to reach the node.",
    remediation: "Run untrusted workloads in node pools with GKE Sandbox.",
  }),
  ask(["gke"], {
    name: "cloud-binary-authorization",
    title: { pass: "Binary Authorization is enabled", fail: "Binary Authorization is disabled" },
    severity: "medium",
    why: "Everyone who can create a pod can run any image.",
    remediation: "Enable Binary Authorization with a policy.",
  }),
  ask(["gke"], {
    name: "cloud-security-posture",
    title: {
      pass: "Security posture of the cluster is monitored",
      fail: "Security posture of the cluster is not monitored",
    },
    severity: "low",
    why: "Continuous monitoring finds changes since the last review.",
    remediation: "Enable the security posture dashboard, or run `plimsoll check kubernetes` on a schedule.",
  }),
];

function ask(clouds: readonly Cloud[], texts: CheckTexts): Check<KubernetesClusterFacts> {
  return clusterCheck(texts, [], (facts) =>
    clouds.some((cloud) => cloud === clusterFlavour(facts)) ? [{ state: "manual", reason, evidence: [] }] : [],
  );
}
