import { objectIn, textIn } from "../../model/json-members.ts";
import type { KubernetesClusterFacts } from "../../model/kubernetes-facts.ts";
import type { Check, Observation } from "../check.ts";
import { resourceTitle } from "../manifests/manifest-resource.ts";
import { clusterFlavour } from "./cluster-flavour.ts";
import { clusterCheck, objectsOf } from "./cluster-objects.ts";
import type { CheckTexts } from "./setting-check.ts";

type Cloud = "eks" | "aks" | "gke";

const all: readonly Cloud[] = ["eks", "aks", "gke"];
const reason = "it is set with the cloud, and no object of the cluster shows it";

/**
 * Checks of managed clusters: settings that lie with the cloud are for a person to look up there. They do not apply to
 * other clusters.
 */
export const cloudChecks: readonly Check<KubernetesClusterFacts>[] = [
  ask(all, {
    name: "cloud-image-scanning",
    title: "Images in the cloud's registry are scanned for vulnerabilities",
    severity: "medium",
    why: "An image is as old as its last build, and what it holds becomes vulnerable while it runs.",
    remediation: "Switch on scanning in the registry, or scan it with `plimsoll scan --registry`.",
  }),
  ask(all, {
    name: "cloud-registry-users",
    title: "Few people may push to the cloud's registry",
    severity: "medium",
    why: "Who may push an image decides what runs.",
    remediation: "Leave pushing to the pipeline, and review who else has the right in the cloud's access management.",
  }),
  ask(all, {
    name: "cloud-registry-read-only",
    title: "Nodes may pull from the registry, and do nothing else there",
    severity: "medium",
    why: "An intruder on a node could otherwise replace the images of every cluster.",
    remediation: "Give the identity of the nodes the cloud's role for pulling only.",
  }),
  ask(all, {
    name: "cloud-registry-approved",
    title: "Images come from approved registries only",
    severity: "medium",
    why: "Anybody may publish under any name in a public registry.",
    remediation: "Enforce a list of registries at admission.",
  }),
  ask(all, {
    name: "cloud-workload-identity",
    title: "Workloads have identities of their own with the cloud",
    severity: "high",
    why: "With the identity of the node every pod has the rights of all others.",
    remediation: "Bind service accounts to roles of the cloud, one for each workload.",
  }),
  ask(["gke"], {
    name: "cloud-node-identity",
    title: "Nodes do not run as the default service account of the project",
    severity: "high",
    why: "That account may edit the whole project, and every pod of the node can ask for its token.",
    remediation: "Make a service account with the rights that nodes need, and give it to the node pools.",
  }),
  ask(all, {
    name: "cloud-secrets-key",
    title: "Secrets are encrypted with a key that its owner controls",
    severity: "medium",
    why: "A key of one's own can be withdrawn, and its use is logged.",
    remediation: "Switch on encryption of secrets with a key of the cloud's key service.",
  }),
  ask(["gke"], {
    name: "cloud-metadata-server",
    title: "Pods reach the metadata of their node through the cluster's own server",
    severity: "high",
    why: "The metadata of a node hold its credentials.",
    remediation: "Switch on the GKE metadata server for every node pool.",
  }),
  clusterCheck(
    {
      name: "cloud-node-image",
      title: "Nodes run Container-Optimized OS with containerd",
      severity: "low",
      why: "It holds little else than what containers need, and is kept current by its maker.",
      remediation: "Choose cos_containerd as the image of the node pools.",
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
    title: "Nodes that fail are repaired by the cloud",
    severity: "low",
    why: "A node that half works holds up updates and leaves pods without checks of health.",
    remediation: "Switch on auto-repair for every node pool.",
  }),
  ask(["gke"], {
    name: "cloud-node-upgrade",
    title: "Nodes are updated by the cloud",
    severity: "medium",
    why: "Kernels and kubelets that nobody updates keep known vulnerabilities.",
    remediation: "Switch on auto-upgrade for every node pool.",
  }),
  ask(["gke"], {
    name: "cloud-release-channel",
    title: "The cluster follows a release channel",
    severity: "low",
    why: "Versions without support get no fixes.",
    remediation: "Put the cluster on a release channel.",
  }),
  ask(["gke"], {
    name: "cloud-shielded-nodes",
    title: "Nodes prove to the control plane who they are",
    severity: "medium",
    why: "Otherwise whoever takes the credentials of a node can join as one.",
    remediation: "Switch on Shielded GKE Nodes.",
  }),
  ask(["gke"], {
    name: "cloud-node-integrity",
    title: "What nodes boot is watched for changes",
    severity: "low",
    why: "Code below the kernel survives every update above it.",
    remediation: "Switch on integrity monitoring for every node pool.",
  }),
  ask(["gke"], {
    name: "cloud-secure-boot",
    title: "Nodes boot signed code only",
    severity: "low",
    why: "An unsigned kernel or driver can hide anything.",
    remediation: "Switch on Secure Boot for every node pool, unless drivers of others are needed.",
  }),
  ask(["gke"], {
    name: "cloud-flow-logs",
    title: "Traffic between pods is seen by the cloud's network logs",
    severity: "low",
    why: "What was never logged cannot be looked up after an intrusion.",
    remediation: "Switch on VPC flow logs and intranode visibility.",
  }),
  ask(["gke"], {
    name: "cloud-native-network",
    title: "Pods have addresses of the cloud's network",
    severity: "low",
    why: "Only then do the firewall and the logs of the network see them.",
    remediation: "Make the cluster VPC-native.",
  }),
  ask(all, {
    name: "cloud-endpoint-networks",
    title: "The API server is reached from known networks only",
    severity: "high",
    why: "What is open to the internet is tried by everybody, and every flaw of the API server counts at once.",
    remediation: "List the networks that may reach the control plane's endpoint.",
  }),
  ask(all, {
    name: "cloud-private-endpoint",
    title: "The API server has no public address",
    severity: "medium",
    why: "Without one, credentials that were lost are of no use from outside.",
    remediation: "Switch on the private endpoint and switch off the public one.",
  }),
  ask(all, {
    name: "cloud-private-nodes",
    title: "Nodes have no public address",
    severity: "medium",
    why: "Ports that a pod opens on its node are then not open to the internet.",
    remediation: "Make node pools with private nodes, and let them out through a gateway.",
  }),
  ask(["gke"], {
    name: "cloud-node-firewall",
    title: "A firewall keeps what nodes do not need away from them",
    severity: "low",
    why: "It also holds when a pod or service was opened by mistake.",
    remediation: "Write rules of the network's firewall for the nodes' tag or service account.",
  }),
  ask(["eks", "aks"], {
    name: "cloud-network-policy",
    title: "The network of the cluster enforces network policies",
    severity: "high",
    why: "Where it is switched off, policies are taken and do nothing.",
    remediation: "Switch on network policies for the cluster's network plug-in.",
  }),
  ask(all, {
    name: "cloud-load-balancer-certificates",
    title: "Load balancers serve HTTPS with certificates that the cloud renews",
    severity: "medium",
    why: "A certificate that people renew by hand ends one day, and plain HTTP is read on its way.",
    remediation: "Attach certificates of the cloud's certificate service to load balancers.",
  }),
  ask(["gke"], {
    name: "cloud-monitoring",
    title: "Logs and metrics of the cluster are kept by the cloud",
    severity: "medium",
    why: "They are what is left when a node or the cluster is gone.",
    remediation: "Switch on logging and monitoring for system and workloads.",
  }),
  ask(["gke"], {
    name: "cloud-node-audit",
    title: "Nodes write audit logs of system calls",
    severity: "low",
    why: "They show what happened in a container and its host.",
    remediation: "Run a logging agent for auditd on the nodes, or watch system calls with `plimsoll watch`.",
  }),
  ask(["gke"], {
    name: "cloud-client-certificates",
    title: "The cluster issues no client certificates to people",
    severity: "medium",
    why: "A client certificate cannot be taken back before it ends.",
    remediation: "Switch off client certificates for the cluster.",
  }),
  ask(all, {
    name: "cloud-login",
    title: "People log in with accounts and groups of the cloud",
    severity: "medium",
    why: "Then leaving the company ends every access at once.",
    remediation: "Bind roles to groups of the cloud's directory.",
  }),
  ask(["aks"], {
    name: "cloud-rbac",
    title: "Rights in the cluster are granted with the cloud's roles",
    severity: "low",
    why: "One place for all rights is one place to review them.",
    remediation: "Switch on Azure RBAC for Kubernetes authorization.",
  }),
  ask(["eks"], {
    name: "cloud-access-entries",
    title: "Access to the cluster is granted with access entries",
    severity: "low",
    why: "The ConfigMap that they replace locks everybody out with one slip, and shows nobody who may come in.",
    remediation: "Set the authentication mode of the cluster to API, and make an access entry for each role.",
  }),
  ask(["gke"], {
    name: "cloud-legacy-authorization",
    title: "Rights are granted by RBAC alone",
    severity: "high",
    why: "Legacy authorization gives wide rights to every service account.",
    remediation: "Switch off legacy authorization.",
  }),
  ask(["gke"], {
    name: "cloud-disk-key",
    title: "Persistent disks are encrypted with a key that its owner controls",
    severity: "low",
    why: "A key of one's own can be withdrawn, and its use is logged.",
    remediation: "Name a key of the key service in the storage classes.",
  }),
  ask(["gke"], {
    name: "cloud-boot-disk-key",
    title: "Boot disks of nodes are encrypted with a key that its owner controls",
    severity: "low",
    why: "A key of one's own can be withdrawn, and its use is logged.",
    remediation: "Name a key of the key service for every node pool.",
  }),
  ask(["gke"], {
    name: "cloud-dashboard",
    title: "The Kubernetes dashboard add-on is off",
    severity: "medium",
    why: "It ran with wide rights, and the cloud's own console shows the same.",
    remediation: "Switch off the add-on.",
  }),
  ask(["gke"], {
    name: "cloud-alpha-features",
    title: "Production does not run in an alpha cluster",
    severity: "medium",
    why: "Alpha clusters get no updates and end after 30 days.",
    remediation: "Move workloads to a cluster without alpha features.",
  }),
  ask(["gke"], {
    name: "cloud-sandbox",
    title: "Workloads that are not trusted run in a sandbox",
    severity: "low",
    why: "Otherwise one flaw of the kernel is enough to reach the node.",
    remediation: "Run them in node pools with GKE Sandbox.",
  }),
  ask(["gke"], {
    name: "cloud-binary-authorization",
    title: "The cloud admits attested images only",
    severity: "medium",
    why: "Otherwise whoever may create a pod may run any image.",
    remediation: "Switch on Binary Authorization with a policy.",
  }),
  ask(["gke"], {
    name: "cloud-security-posture",
    title: "The cloud watches the posture of the cluster",
    severity: "low",
    why: "A second look finds what was changed since the last one.",
    remediation: "Switch on the security posture dashboard, or run `plimsoll check kubernetes` on a schedule.",
  }),
];

function ask(clouds: readonly Cloud[], texts: CheckTexts): Check<KubernetesClusterFacts> {
  return clusterCheck(texts, [], (facts) =>
    clouds.some((cloud) => cloud === clusterFlavour(facts)) ? [{ state: "manual", reason, evidence: [] }] : [],
  );
}
