import { describe, expect, test } from "vitest";
import { componentFacts, fileFacts, nodeFacts } from "../../../tests/setup/kubernetes-facts.ts";
import type {
  KubernetesComponentName,
  KubernetesFile,
  KubernetesFlavour,
} from "../../model/checks/kubernetes-facts.ts";
import { runChecks } from "../run-checks.ts";
import { kubernetesNodeChecks } from "./kubernetes-checks.ts";

const names = ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "etcd", "kubelet", "kube-proxy"] as const;

interface Node {
  readonly flags?: Partial<Record<KubernetesComponentName, readonly string[]>>;
  readonly files?: readonly KubernetesFile[];
}

/** What to do about a check on a node that runs every component. */
function remediation(name: string, flavour: KubernetesFlavour, { flags = {}, files = [] }: Node = {}): string {
  const components = names.map((component) => componentFacts(component, flags[component] ?? []));
  const results = runChecks(kubernetesNodeChecks, nodeFacts({ flavour: { value: flavour }, components, files }));
  return results.find(({ id }) => id === `kubernetes/${name}`)?.remediation ?? "";
}

describe("what to do about a flag of the control plane", () => {
  test("names the static pod that was found, else that of kubeadm, and no file where there may be none", () => {
    const files = [{ ...fileFacts("scheduler-manifest", "0600"), path: "/etc/kubelet.d/kube-scheduler.yaml" }];
    expect(remediation("scheduler-profiling", "kubeadm", { files })).toMatch(
      /if there is one\. Flags of the scheduler are set in \/etc\/kubelet\.d\/kube-scheduler\.yaml\.$/,
    );
    expect(remediation("apiserver-profiling", "kubeadm")).toBe(
      "Set --profiling=false. Flags of the API server are set in /etc/kubernetes/manifests/kube-apiserver.yaml.",
    );
    expect(remediation("apiserver-profiling", "unknown")).toBe(
      "Set --profiling=false. Flags of the API server are set where it is started, such as in its unit or static pod.",
    );
  });

  test.each([
    [
      "k3s",
      "k3s accepts flags of etcd, without dashes, as etcd-arg on its command line or in /etc/rancher/k3s/config.yaml",
    ],
    [
      "rke2",
      "in /etc/rancher/rke2/config.yaml, or as etcd-arg+ in a file in config.yaml.d beside it. The command line takes precedence. Then restart RKE2.",
    ],
    ["rke", "services.etcd.extra_args in cluster.yml"],
    ["microk8s", "/var/snap/microk8s/current/args/etcd"],
    ["openshift", "the object etcds.operator.openshift.io/cluster"],
    ["eks", "EKS manages etcd."],
    ["gke", "GKE manages etcd."],
    ["aks", "AKS manages etcd."],
  ] as const)("names the place of %s", (flavour, expected) => {
    expect(remediation("etcd-auto-tls", flavour)).toContain(expected);
  });

  test("names the file of etcd where its flags count for nothing", () => {
    const flags = { etcd: ["--config-file=/etc/etcd.yaml"] };
    expect(remediation("etcd-client-auth", "kubeadm", { flags })).toBe(
      "Set --client-cert-auth=true. etcd reads its settings from /etc/etcd.yaml and ignores flags.",
    );
  });
});

describe("what to do about a setting of the kubelet", () => {
  test("names the file that it was started with", () => {
    const flags = { kubelet: ["--config=/etc/kubelet.yaml"] };
    expect(remediation("kubelet-pod-pids", "kubeadm", { flags })).toBe(
      "Set podPidsLimit, for example to 4096. The kubelet reads its settings from /etc/kubelet.yaml; command-line flags take precedence.",
    );
  });

  test("names the flag where there is no file, and where a maker takes flags only", () => {
    expect(remediation("kubelet-pod-pids", "kubeadm")).toMatch(
      /no configuration file here\. The flag is --pod-max-pids\. Flags of the kubelet are set .* \/var\/lib\/kubelet\/kubeadm-flags\.env\.$/,
    );
    expect(remediation("kubelet-certificate", "k3s")).toContain(
      "The flags are --tls-cert-file and --tls-private-key-file. k3s accepts flags of the kubelet, without dashes, as kubelet-arg on its command line",
    );
    expect(remediation("kubelet-hostname-override", "kubeadm", { flags: { kubelet: ["--config=/k"] } })).toMatch(
      /unless the cloud provider needs it\. Flags of the kubelet are set where it is started, such as in \/var\/lib\/kubelet\/kubeadm-flags\.env\.$/,
    );
  });

  test.each([
    ["openshift", "spec.kubeletConfig of a KubeletConfig object"],
    ["eks", "spec.kubelet in the NodeConfig"],
    ["gke", "gcloud container node-pools update --system-config-from-file"],
    ["aks", "az aks nodepool add --kubelet-config"],
  ] as const)("names the setting of %s", (flavour, expected) => {
    expect(remediation("kubelet-pod-pids", flavour)).toContain(expected);
  });
});

test("what to do is another thing where a maker has a setting of its own", () => {
  expect(remediation("apiserver-encryption", "k3s")).toMatch(/^Set secrets-encryption: true /);
  expect(remediation("apiserver-encryption", "openshift")).toMatch(/^Set spec\.encryption\.type /);
  expect(remediation("apiserver-audit-log-path", "openshift")).toMatch(/^Set spec\.audit\.profile /);
  expect(remediation("audit-policy", "rke2")).toContain("/etc/rancher/rke2/audit-policy.yaml");
});

test("only clusters of kubeadm, and those of nobody in particular, are sent to files of kubeadm", () => {
  const flavours = ["k3s", "rke2", "rke", "microk8s", "openshift", "eks", "gke", "aks"] as const;
  const components = names.map((name) => componentFacts(name, []));
  let looked = 0;
  for (const flavour of flavours) {
    for (const { id, remediation: words } of runChecks(
      kubernetesNodeChecks,
      nodeFacts({ flavour: { value: flavour }, components }),
    )) {
      looked++;
      expect(`${flavour} ${id}: ${words}`).not.toMatch(/\/etc\/kubernetes\/|\/var\/lib\/kubelet\//);
    }
  }
  expect(looked).toBeGreaterThanOrEqual(flavours.length * kubernetesNodeChecks.length);
});
