import type { JsonObject } from "../../../model/objects/json-object.ts";
import { type JsonPath, objectAt, objectsAt, textAt, textsAt } from "../kustomize/json-path.ts";
import { type ManifestFacts, type ManifestResource, resourceTitle } from "../manifest-resource.ts";
import { defaultNamespace } from "../namespaces/default-namespace.ts";

// Role-based access control: a rule grants verbs on resources of API groups; a sub-resource is written `pods/exec`, and
// `*` is any. Source: https://kubernetes.io/docs/reference/access-authn-authz/rbac/.

/** Something that a role can grant: any of these verbs on any of these resources. */
export interface Power {
  readonly groups: readonly string[];
  /** `secrets`, `pods/exec`. */
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  /** Names of objects with which a rule grants the power as well; any other name makes a rule a careful one. */
  readonly names?: readonly string[];
}

/** A subject that is bound to a role. */
export interface RoleSubject {
  readonly kind: string;
  readonly name: string;
  /** Namespace of a service account, the binding's own where it names none; else empty. */
  readonly namespace: string;
  readonly binding: ManifestResource;
  /** Path of the subject in the binding. */
  readonly path: JsonPath;
}

// A Role grants what is in its namespace. The impersonation of a service account is authorized there, that of users and
// groups is not. `bind` on cluster roles counts for bindings in the namespace.
const ofCluster: ReadonlySet<string> = new Set([
  "certificatesigningrequests/approval",
  "clusterrolebindings",
  "groups",
  "mutatingwebhookconfigurations",
  "nodes/proxy",
  "persistentvolumes",
  "signers",
  "uids",
  "userextras",
  "users",
  "validatingwebhookconfigurations",
]);

/**
 * The fields of the rules of a role that grant a power: for each rule that does, its resources, verbs and groups. A
 * namespaced Role does not grant access to resources of the cluster.
 */
export function grantPlaces(role: JsonObject, powers: readonly Power[]): JsonPath[][] {
  const within =
    role["kind"] === "Role"
      ? powers.map((power) => ({ ...power, resources: power.resources.filter((name) => !ofCluster.has(name)) }))
      : powers;
  return objectsAt(role, "rules").flatMap(([index, rule]) => {
    const places = within.flatMap((power) => rulePlaces(rule, power).map((path) => ["rules", index, ...path]));
    const distinct = new Map(places.map((path) => [path.join("/"), path]));
    return distinct.size > 0 ? [[...distinct.values()]] : [];
  });
}

function rulePlaces(rule: JsonObject, { groups, resources, verbs, names = [] }: Power): JsonPath[] {
  const named = textsAt(rule, "resourceNames");
  if (named.length > 0 && !named.some((name) => names.includes(name))) return [];
  const matching = (key: string, isWanted: (text: string) => boolean): JsonPath[] =>
    textsAt(rule, key).flatMap((text, index) => (isWanted(text) ? [[key, index]] : []));
  const resourcePlaces = matching("resources", (text) => resources.some((wanted) => coversResource(text, wanted)));
  const verbPlaces = matching("verbs", (text) => text === "*" || verbs.includes(text));
  const groupPlaces = matching("apiGroups", (text) => text === "*" || groups.includes(text));
  const isGranted = resourcePlaces.length > 0 && verbPlaces.length > 0 && groupPlaces.length > 0;
  return isGranted ? [...resourcePlaces, ...verbPlaces, ...groupPlaces] : [];
}

/**
 * Whether a resource of a rule covers another : `*` all, and with an asterisk before the slash that sub-resource of
 * all.
 */
function coversResource(granted: string, wanted: string): boolean {
  if (granted === "*" || granted === wanted) return true;
  return granted.startsWith("*/") && wanted.endsWith(granted.slice(1));
}

/** True for a role that the API server makes and keeps itself. */
export function isOwnOfKubernetes({ name, object }: ManifestResource): boolean {
  const label = objectAt(objectAt(object, "metadata"), "labels")["kubernetes.io/bootstrapping"];
  return label === "rbac-defaults" || (name.startsWith("system:") && !name.startsWith("system:serviceaccount"));
}

/** A role that an account is bound to, and by what. */
export interface RoleGrant {
  readonly role: ManifestResource;
  readonly binding: ManifestResource;
}

const cache = new WeakMap<ManifestFacts, RoleBindings>();

/** The subjects of each role, among resources. */
export class RoleBindings {
  readonly #subjects = new Map<string, RoleSubject[]>();
  readonly #roles = new Map<string, ManifestResource>();
  readonly #granted = new Map<string, RoleGrant[]>();
  readonly #admins = new Map<string, ManifestResource>();

  /** Those of the same facts are made once. */
  static of(facts: ManifestFacts): RoleBindings {
    const known = cache.get(facts);
    if (known) return known;
    const made = new RoleBindings(facts);
    cache.set(facts, made);
    return made;
  }

  readonly #defaultNamespace: string;

  constructor(facts: ManifestFacts) {
    const { resources } = facts;
    this.#defaultNamespace = defaultNamespace(facts);
    for (const resource of resources) {
      if (isRole(resource)) this.#roles.set(this.#roleKey(resource.kind, resource), resource);
    }
    for (const binding of resources) {
      if (!isBinding(binding)) continue;
      const role = roleRef(binding);
      const key = this.#roleKey(role.kind, {
        namespace: binding.namespace,
        name: role.name,
      });
      const subjects = subjectsOf(binding, this.#defaultNamespace);
      addTo(this.#subjects, key, subjects);
      const found = this.#roles.get(key);
      for (const { kind, namespace, name } of subjects) {
        if (kind !== "ServiceAccount") continue;
        const account = `${namespace}/${name}`;
        const isClusterScoped = binding.kind === "ClusterRoleBinding" && role.kind === "ClusterRole";
        if (isClusterScoped && role.name === "cluster-admin") this.#admins.set(account, binding);
        if (!found) continue;
        addTo(this.#granted, account, [{ role: found, binding }]);
      }
    }
  }

  /** The subjects of a role. */
  subjects(role: ManifestResource): readonly RoleSubject[] {
    return this.#subjects.get(this.#roleKey(role.kind, role)) ?? [];
  }

  /** The roles that a service account is bound to. */
  rolesOf(account: {
    namespace: string;
    name: string;
  }): readonly { role: ManifestResource; binding: ManifestResource }[] {
    return this.#granted.get(`${account.namespace}/${account.name}`) ?? [];
  }

  /** The binding of a service account to cluster-admin in all namespaces, when there is one. */
  adminBindingOf({ namespace, name }: { namespace: string; name: string }): ManifestResource | undefined {
    return this.#admins.get(`${namespace}/${name}`);
  }

  /** The role that a binding is about, when it is among the resources. */
  roleOf(binding: ManifestResource): ManifestResource | undefined {
    const { kind, name } = roleRef(binding);
    return this.#roles.get(this.#roleKey(kind, { namespace: binding.namespace, name }));
  }

  #roleKey(kind: string, { namespace, name }: { namespace: string; name: string }): string {
    return kind === "ClusterRole" ? `/${name}` : `${namespace || this.#defaultNamespace}/${name}`;
  }
}

/** True for a role, of a namespace or of the cluster. */
export function isRole({ kind, apiVersion }: ManifestResource): boolean {
  return (kind === "Role" || kind === "ClusterRole") && apiVersion.startsWith("rbac.authorization.k8s.io/");
}

/** True for a binding, in a namespace or in the cluster. */
export function isBinding({ kind, apiVersion }: ManifestResource): boolean {
  const isKind = kind === "RoleBinding" || kind === "ClusterRoleBinding";
  return isKind && (apiVersion === "" || apiVersion.startsWith("rbac.authorization.k8s.io/"));
}

/** Which role a binding is about. */
export function roleRef({ object }: ManifestResource): {
  kind: string;
  name: string;
} {
  const reference = objectAt(object, "roleRef");
  return {
    kind: textAt(reference, "kind") ?? "",
    name: textAt(reference, "name") ?? "",
  };
}

/** The subjects of a binding; a service account without a namespace belongs to the last one. */
export function subjectsOf(binding: ManifestResource, otherwise = "default"): RoleSubject[] {
  return objectsAt(binding.object, "subjects").map(([index, subject]) => {
    const kind = textAt(subject, "kind") ?? "";
    const namespace = textAt(subject, "namespace") ?? (binding.namespace || otherwise);
    return {
      kind,
      name: textAt(subject, "name") ?? "",
      namespace: kind === "ServiceAccount" ? namespace : "",
      binding,
      path: ["subjects", index],
    };
  });
}

/** `ServiceAccount shop/api by RoleBinding shop/api-reader`. */
export function subjectText({ kind, namespace, name, binding }: RoleSubject): string {
  return `${kind} ${namespace === "" ? "" : `${namespace}/`}${name} by ${resourceTitle(binding)}`;
}

function addTo<Item>(lists: Map<string, Item[]>, key: string, items: readonly Item[]): void {
  const list = lists.get(key);
  if (list) list.push(...items);
  else lists.set(key, [...items]);
}
