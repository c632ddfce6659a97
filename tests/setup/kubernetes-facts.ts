import type {
  ClusterKind,
  KubernetesClusterFacts,
  KubernetesComponent,
  KubernetesComponentName,
  KubernetesFile,
  KubernetesFileRole,
  KubernetesNodeFacts,
} from "../../src/model/checks/kubernetes-facts.ts";
import type { JsonObject } from "../../src/model/objects/json-object.ts";

/** A component that runs with these arguments. */
export function componentFacts(
  name: KubernetesComponentName,
  flags: readonly string[],
  options: Partial<KubernetesComponent> = {},
): KubernetesComponent {
  return {
    name,
    source: "process",
    place: "process 1",
    argv: [name, ...flags],
    environment: {},
    documents: {},
    ...options,
  };
}

/** A file of a node. */
export function fileFacts(role: KubernetesFileRole, mode: string, owner = "root:root"): KubernetesFile {
  const [user = "", group = ""] = owner.split(":");
  return { role, path: `/${role}`, directory: false, mode, user, group };
}

/** What one node shows, with nothing on it but what is given. */
export function nodeFacts({
  components = [],
  files = [],
  ...others
}: {
  readonly components?: readonly KubernetesComponent[];
  readonly files?: readonly KubernetesFile[];
} & Partial<Pick<KubernetesNodeFacts, "flavour" | "version" | "kubeletUnit">> = {}): KubernetesNodeFacts {
  return {
    flavour: { value: "kubeadm" },
    version: { value: "1.33.1" },
    kubeletUnit: { value: {} },
    ...others,
    components: { value: components },
    files: { value: files },
  };
}

const kinds: readonly ClusterKind[] = [
  ...(["namespaces", "nodes", "pods", "serviceAccounts", "roles", "clusterRoles", "roleBindings"] as const),
  ...(["clusterRoleBindings", "networkPolicies", "services", "ingresses"] as const),
  ...(["validatingWebhooks", "mutatingWebhooks", "validatingPolicies"] as const),
];

/** What a cluster shows, with nothing in it but what is given. */
export function clusterFacts(
  objects: Partial<Record<ClusterKind, readonly JsonObject[]>> = {},
): KubernetesClusterFacts {
  const facts = Object.fromEntries(kinds.map((kind) => [kind, { value: objects[kind] ?? [] }]));
  return {
    ...(facts as unknown as Omit<KubernetesClusterFacts, "serverVersion">),
    serverVersion: { value: "v1.33.1" },
  };
}
