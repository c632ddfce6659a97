import type { Check, Observation } from "../../checks/check.ts";
import type { ListedIn, Refused } from "../../engines/kubernetes/partial-lists.ts";
import type { ClusterKind, KubernetesClusterFacts } from "../../model/checks/kubernetes-facts.ts";
import { isJsonObject, type JsonObject } from "../../model/objects/json-object.ts";
import { sharedGaps } from "./check-kubernetes-gaps.ts";

/** By kind, of which namespaces there is a list; without those kinds of which all objects are known, or none. */
export type ClusterScope = ReadonlyMap<ClusterKind, KindScope>;

/** The namespaces in which a kind was listed, and a clause for each reason that others are missing. */
export type KindScope = Pick<ListedIn, "namespaces" | "gaps">;

/** The kinds of objects that are in namespaces, by their names in the paths of the API. */
const kinds: ReadonlyMap<string, ClusterKind> = new Map([
  ["pods", "pods"],
  ["serviceaccounts", "serviceAccounts"],
  ["roles", "roles"],
  ["rolebindings", "roleBindings"],
  ["networkpolicies", "networkPolicies"],
  ["services", "services"],
  ["ingresses", "ingresses"],
]);

/** What of the API may be listed namespace by namespace. */
export const namespacedResources: ReadonlySet<string> = new Set(kinds.keys());

/** The member of a cluster's facts that holds its scope; absent when there is nothing to say. */
export function scopeFacts(listedIn: ReadonlyMap<string, ListedIn>): { readonly listedIn?: JsonObject } {
  const entries = [...listedIn].flatMap(([resource, { namespaces, refused, only, gaps }]) => {
    const kind = kinds.get(resource);
    const facts = { namespaces, ...(refused && { refused }), ...(only && { only }), gaps };
    return kind === undefined ? [] : [[kind, facts as unknown as JsonObject] as const];
  });
  return entries.length === 0 ? {} : { listedIn: Object.fromEntries(entries) };
}

/**
 * The scope in the facts of a cluster; a reason that concerns several kinds is one clause for all of them. A kind whose
 * part is malformed counts as listed in no namespace.
 */
export function readScope({ listedIn }: JsonObject): ClusterScope {
  if (listedIn === undefined) return new Map();
  const members = isJsonObject(listedIn) ? listedIn : Object.fromEntries([...kinds.values()].map((kind) => [kind, 0]));
  const lists = new Map(
    [...kinds].flatMap(([resource, kind]) =>
      Object.hasOwn(members, kind) ? [[resource, listedInOf(members[kind], kind)] as const] : [],
    ),
  );
  const shared = sharedGaps(lists);
  return new Map(
    [...kinds].flatMap(([resource, kind]) => {
      const list = lists.get(resource);
      if (!list) return [];
      const gaps = [...(shared.get(resource) ?? []), ...list.gaps];
      return [[kind, { namespaces: list.namespaces, gaps }] as const];
    }),
  );
}

function listedInOf(value: unknown, kind: ClusterKind): ListedIn {
  const { namespaces, gaps, refused, only } = isJsonObject(value) ? value : {};
  if (isTexts(namespaces) && isTexts(gaps) && isRefused(refused) && isRefused(only)) {
    return { namespaces, ...(refused && { refused }), ...(only && { only }), gaps };
  }
  return { namespaces: [], gaps: [`listedIn in the facts does not contain where ${kind} were listed`] };
}

function isRefused(value: unknown): value is Refused | undefined {
  if (value === undefined) return true;
  return isJsonObject(value) && isTexts(value["namespaces"]) && typeof value["message"] === "string";
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

/**
 * Limits a check to its known scope: it reports on a namespace only where every kind that it needs was listed there.
 * Where namespaces are missing that should have been listed, it is also a `warn` for each reason, and tells nothing of
 * the cluster as a whole but what failed.
 */
export function withinScope(check: Check<KubernetesClusterFacts>, scope: ClusterScope): Check<KubernetesClusterFacts> {
  const lists = check.needs.flatMap((need) => scope.get(need as ClusterKind) ?? []);
  if (lists.length === 0) return check;
  const gaps = [...new Set(lists.flatMap((list) => list.gaps))];
  const listed = lists.map(({ namespaces }) => new Set(namespaces));
  const isKnown = ({ resource, state }: Observation): boolean => {
    if (resource === undefined) return gaps.length === 0 || state === "fail";
    const namespace = namespaceOf(resource);
    return namespace === undefined || listed.every((names) => names.has(namespace));
  };
  return {
    ...check,
    *evaluate(facts) {
      for (const observation of check.evaluate(facts)) if (isKnown(observation)) yield observation;
      for (const reason of gaps) yield { state: "warn", evidence: [], reason };
    },
  };
}

/** The namespace that a resource is in, or is: of `Namespace shop` and `Deployment shop/api` it is `shop`. */
function namespaceOf(resource: string): string | undefined {
  const [, kind = "", first = "", rest] = /^(\S+) ([^/]*)(\/)?/.exec(resource) ?? [];
  if (kind === "Namespace") return first;
  return rest === undefined || kind.startsWith("Cluster") ? undefined : first;
}
