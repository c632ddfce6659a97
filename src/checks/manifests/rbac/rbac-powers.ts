import type { Check, CheckDescription } from "../../check.ts";
import { objectsAt, textsAt } from "../kustomize/json-path.ts";
import { type ManifestFailure, manifestCheck } from "../manifest-check.ts";
import type { ManifestFacts, ManifestResource } from "../manifest-resource.ts";
import { grantPlaces, isOwnOfKubernetes, isRole, type Power, RoleBindings, subjectText } from "./rbac-grants.ts";

/** The API group of roles and bindings. */
export const rbac = "rbac.authorization.k8s.io";

/** The kinds of the group `apps` that make pods. */
export const workloads: readonly string[] = ["deployments", "daemonsets", "statefulsets", "replicasets"];

const most = 5;

/** The powers by which one who has them comes to have all. */
export const takeoverPowers: readonly Power[] = [
  { groups: [""], resources: ["secrets"], verbs: ["get", "list", "watch"] },
  { groups: [""], resources: ["pods"], verbs: ["create", "update", "patch"] },
  {
    groups: ["apps"],
    resources: workloads,
    verbs: ["create", "update", "patch"],
  },
  {
    groups: ["batch"],
    resources: ["jobs", "cronjobs"],
    verbs: ["create", "update", "patch"],
  },
  {
    groups: [""],
    resources: ["pods/exec", "pods/ephemeralcontainers", "nodes/proxy"],
    verbs: ["create", "get", "patch", "update"],
  },
  { groups: [""], resources: ["serviceaccounts/token"], verbs: ["create"] },
  {
    groups: ["", rbac],
    resources: ["users", "groups", "serviceaccounts"],
    verbs: ["impersonate"],
  },
  {
    groups: [rbac],
    resources: ["roles", "clusterroles"],
    verbs: ["escalate", "bind"],
  },
  {
    groups: [rbac],
    resources: ["rolebindings", "clusterrolebindings"],
    verbs: ["create", "update", "patch"],
  },
];

/** The description of a check about role-based access control. */
export function rbacText(name: string, text: Omit<CheckDescription, "id">): CheckDescription {
  return { id: `manifests/rbac-${name}`, ...text };
}

/** A check of roles that grant one of these powers; with `isAll`, everything. */
export function powerCheck(
  description: CheckDescription,
  powers: readonly Power[],
  { isAll = false }: { isAll?: boolean } = {},
): Check<ManifestFacts> {
  return manifestCheck(description, {
    isAbout: isRole,
    *examine(resource, facts) {
      if (isOwnOfKubernetes(resource)) return;
      const grants = isAll ? allPlaces(resource) : grantPlaces(resource.object, powers);
      for (const places of grants)
        yield {
          places: places.map((path) => ({ path })),
          ...boundTo(resource, facts),
        };
    },
  });
}

function allPlaces({ object }: ManifestResource): (string | number)[][][] {
  return objectsAt(object, "rules").flatMap(([index, rule]) => {
    const keys = ["resources", "verbs", "apiGroups"];
    if (!keys.every((key) => textsAt(rule, key).includes("*"))) return [];
    return [keys.map((key) => ["rules", index, key, textsAt(rule, key).indexOf("*")])];
  });
}

/** The subjects of a role, as a reason. */
export function boundTo(role: ManifestResource, facts: ManifestFacts): Pick<ManifestFailure, "reason"> {
  const subjects = RoleBindings.of(facts).subjects(role);
  if (subjects.length === 0) return { reason: "no binding of this role was found" };
  const shown = subjects.slice(0, most).map(subjectText).join(", ");
  return {
    reason: `bound to ${shown}${subjects.length > most ? ` and ${subjects.length - most} more` : ""}`,
  };
}
