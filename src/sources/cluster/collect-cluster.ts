import type { ClusterClient } from "../../engines/kubernetes/cluster-client.ts";
import { listPages } from "../../engines/kubernetes/list-pages.ts";
import type { Fact } from "../../model/checks/fact.ts";
import type { ClusterKind, KubernetesClusterFacts } from "../../model/checks/kubernetes-facts.ts";
import { PlimsollError } from "../../model/error.ts";
import { objectIn, textIn } from "../../model/objects/json-members.ts";
import type { JsonObject } from "../../model/objects/json-object.ts";
import { factOf } from "../fact-of.ts";
import { collectOpenShift } from "./collect-openshift.ts";
import { hideInObject } from "./hide-in-object.ts";

/** Options of {@link collectCluster}. */
export interface CollectClusterOptions {
  /** Only these namespaces; objects without a namespace are read all the same. */
  readonly namespaces?: readonly string[];
  readonly signal: AbortSignal;
}

interface Resource {
  readonly group: string;
  readonly resource: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

/** Secrets and ConfigMaps are not among them: no check needs what is in them. */
const resources: Readonly<Record<ClusterKind, Resource>> = {
  namespaces: resource("v1", "namespaces", { kind: "Namespace", namespaced: false }),
  nodes: resource("v1", "nodes", { kind: "Node", namespaced: false }),
  pods: resource("v1", "pods", { kind: "Pod" }),
  serviceAccounts: resource("v1", "serviceaccounts", { kind: "ServiceAccount" }),
  roles: resource("rbac.authorization.k8s.io/v1", "roles", { kind: "Role" }),
  clusterRoles: resource("rbac.authorization.k8s.io/v1", "clusterroles", { kind: "ClusterRole", namespaced: false }),
  roleBindings: resource("rbac.authorization.k8s.io/v1", "rolebindings", { kind: "RoleBinding" }),
  clusterRoleBindings: resource("rbac.authorization.k8s.io/v1", "clusterrolebindings", {
    kind: "ClusterRoleBinding",
    namespaced: false,
  }),
  networkPolicies: resource("networking.k8s.io/v1", "networkpolicies", { kind: "NetworkPolicy" }),
  services: resource("v1", "services", { kind: "Service" }),
  ingresses: resource("networking.k8s.io/v1", "ingresses", { kind: "Ingress" }),
  validatingWebhooks: resource("admissionregistration.k8s.io/v1", "validatingwebhookconfigurations", {
    kind: "ValidatingWebhookConfiguration",
    namespaced: false,
  }),
  mutatingWebhooks: resource("admissionregistration.k8s.io/v1", "mutatingwebhookconfigurations", {
    kind: "MutatingWebhookConfiguration",
    namespaced: false,
  }),
  validatingPolicies: resource("admissionregistration.k8s.io/v1", "validatingadmissionpolicies", {
    kind: "ValidatingAdmissionPolicy",
    namespaced: false,
  }),
};

const mostObjects = 500_000;

/**
 * Reads the objects of a cluster that checks look at. What the account may not list, or the server does not know, is an
 * unavailable fact.
 *
 * Errors: `engine-unreachable` when there is no connection, `cancelled` when the signal aborts.
 */
export async function collectCluster(
  client: ClusterClient,
  options: CollectClusterOptions,
): Promise<KubernetesClusterFacts> {
  const attempt = <T>(read: () => Promise<T>): Promise<Fact<T>> =>
    factOf(read, { signal: options.signal, codes: ["engine-failed"] });
  // This request is first, and alone: it shows whether there is a cluster at all.
  const serverVersion = await attempt(async () => versionOf(await client.get("/version", options)));
  const facts: Partial<Record<ClusterKind, Fact<readonly JsonObject[]>>> = {};
  for (const kind of Object.keys(resources) as ClusterKind[]) {
    facts[kind] = await attempt(() => listObjects(client, resources[kind], options));
  }
  const objects = facts as Record<ClusterKind, Fact<readonly JsonObject[]>>;
  const openShift = isOpenShift(objects.namespaces)
    ? await collectOpenShift(client, { ...options, pods: objects.pods })
    : undefined;
  return { ...objects, serverVersion, ...(openShift && { openShift }) };
}

function isOpenShift(namespaces: Fact<readonly JsonObject[]>): boolean {
  const all = "value" in namespaces ? namespaces.value : [];
  return all.some((namespace) => textIn(objectIn(namespace, "metadata"), "name") === "openshift-kube-apiserver");
}

/** The version that an API server gives as its own: `v1.29.3-eks-036c24b`, else `v1.29`. Error: `engine-failed`. */
export function versionOf(answer: JsonObject | "gone"): string {
  if (answer !== "gone") {
    const { gitVersion, major, minor } = answer;
    if (typeof gitVersion === "string" && gitVersion !== "") return gitVersion;
    if (typeof major === "string" && typeof minor === "string") return `v${major}.${minor.replace(/\+$/, "")}`;
  }
  throw new PlimsollError("engine-failed", "the API server does not report its version");
}

async function listObjects(
  client: ClusterClient,
  { group, resource: name, apiVersion, kind, namespaced }: Resource,
  { namespaces, signal }: CollectClusterOptions,
): Promise<readonly JsonObject[]> {
  const scope = namespaced && namespaces ? { namespaces } : {};
  let count = 0;
  return await listPages(client, { path: `/${group}/${name}`, ...scope, signal }, (item) => {
    if (++count > mostObjects) {
      throw new PlimsollError("engine-failed", `the cluster has more than ${mostObjects} ${name}`);
    }
    // Items of a list carry neither of both.
    return hideInObject({ apiVersion, kind, ...item });
  });
}

function resource(
  apiVersion: string,
  name: string,
  { kind, namespaced = true }: { readonly kind: string; readonly namespaced?: boolean },
): Resource {
  const group = apiVersion.includes("/") ? `apis/${apiVersion}` : `api/${apiVersion}`;
  return { group, resource: name, apiVersion, kind, namespaced };
}
