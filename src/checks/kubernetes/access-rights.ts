import type { KubernetesClusterFacts } from "../../model/checks/kubernetes-facts.ts";
import { objectIn, objectsIn, textIn, textsIn } from "../../model/objects/json-members.ts";
import type { JsonObject } from "../../model/objects/json-object.ts";
import type { ManifestResource } from "../manifests/manifest-resource.ts";
import { objectsOf } from "./cluster-objects.ts";

/** The subjects and the rights of one binding. */
export interface Grant {
  readonly binding: ManifestResource;
  /** Where it holds; undefined for the whole cluster. */
  readonly namespace: string | undefined;
  readonly role: string;
  readonly rules: readonly JsonObject[];
  /** `ServiceAccount shop/api`, `User jane`, `Group devs`. */
  readonly subjects: readonly string[];
}

/** A right: a verb on a resource of a group. */
export interface Right {
  readonly group: string;
  /** `pods`, `pods/exec`. */
  readonly resource: string;
  readonly verbs: readonly string[];
  /** Names of objects with which a rule gives the right as well. */
  readonly names?: readonly string[];
}

/** Every binding with the rules of its role and its subjects; one whose role does not exist grants nothing. */
export function grantsOf(facts: KubernetesClusterFacts): readonly Grant[] {
  const clusterRoles = new Map(objectsOf(facts, "clusterRoles").map((role) => [role.name, role] as const));
  const roles = new Map(objectsOf(facts, "roles").map((role) => [`${role.namespace}/${role.name}`, role] as const));
  const bindings = [...objectsOf(facts, "clusterRoleBindings"), ...objectsOf(facts, "roleBindings")];
  return bindings.map((binding) => {
    const reference = objectIn(binding.object, "roleRef");
    const name = textIn(reference, "name");
    const isLocal = textIn(reference, "kind") === "Role";
    const role = isLocal ? roles.get(`${binding.namespace}/${name}`) : clusterRoles.get(name);
    return {
      binding,
      namespace: binding.kind === "ClusterRoleBinding" ? undefined : binding.namespace,
      role: `${isLocal ? "Role" : "ClusterRole"} ${name}`,
      rules: role ? objectsIn(role.object, "rules") : [],
      subjects: objectsIn(binding.object, "subjects").map((subject) => subjectText(subject, binding.namespace)),
    };
  });
}

/** True when a rule gives one of the verbs on the resource; a rule for some objects by name only does not count. */
export function allows(rule: JsonObject, { group, resource, verbs, names: accepted = [] }: Right): boolean {
  const named = textsIn(rule, "resourceNames");
  if (named.length > 0 && !named.some((name) => accepted.includes(name))) return false;
  const groups = textsIn(rule, "apiGroups");
  const resources = textsIn(rule, "resources");
  const given = textsIn(rule, "verbs");
  const [base = "", sub] = resource.split("/");
  const names = sub === undefined ? [base, "*"] : [resource, `*/${sub}`, "*"];
  return (
    (groups.includes(group) || groups.includes("*")) &&
    resources.some((name) => names.includes(name)) &&
    (given.includes("*") || given.some((verb) => verbs.includes(verb)))
  );
}

/**
 * True for bindings that Kubernetes makes for itself: by its defaults, by kubeadm, or to its own components. A default
 * binding with an added subject does not count; the server would not take the addition away.
 */
export function isOwnGrant(grant: Grant): boolean {
  const { binding, subjects } = grant;
  if (subjects.some((subject) => everybody.has(subject)) && !isPublicByDefault(grant)) return false;
  const labels = objectIn(objectIn(binding.object, "metadata"), "labels");
  const isDefault =
    textIn(labels, "kubernetes.io/bootstrapping") === "rbac-defaults" || binding.name.startsWith("kubeadm:");
  const own = isDefault
    ? /^(?:(?:User|Group) system:|Group kubeadm:|ServiceAccount kube-system\/)/
    : /^(?:User system:kube-|ServiceAccount kube-system\/)/;
  return (isDefault || subjects.length > 0) && subjects.every((subject) => own.test(subject));
}

const everybody: ReadonlySet<string> = new Set([
  ...["User system:anonymous", "Group system:unauthenticated", "Group system:authenticated"],
]);

/** What Kubernetes shows to everybody. Sources: "Default roles and role bindings"; kubeadm, `cluster-info`. */
function isPublicByDefault({ binding: { name }, role }: Grant): boolean {
  const names = ["system:basic-user", "system:discovery", "system:public-info-viewer"];
  return (
    [...names, "kubeadm:bootstrap-signer-clusterinfo"].includes(name) &&
    (role === `ClusterRole ${name}` || role === `Role ${name}`)
  );
}

function subjectText(subject: JsonObject, namespace: string): string {
  const kind = textIn(subject, "kind");
  const name = textIn(subject, "name");
  if (kind !== "ServiceAccount") return `${kind} ${name}`;
  return `ServiceAccount ${textIn(subject, "namespace") || namespace}/${name}`;
}
