import type { JsonObject } from "../../../model/objects/json-object.ts";
import { objectAt, objectsAt, textAt, textsAt } from "../../manifests/kustomize/json-path.ts";
import { selects } from "../../manifests/label-selector.ts";
import { groupVersion, resourceName } from "./resource-name.ts";

/** An object that is matched with the rules of a policy. */
export interface MatchedObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** Empty for what belongs to none. */
  readonly namespace: string;
  readonly operation: string;
  readonly labels: JsonObject;
  /** Known labels of its namespace. */
  readonly namespaceLabels: JsonObject;
}

/**
 * Whether an object is one that `matchConstraints` or `matchResources` are about, by admissionregistration.k8s.io/v1,
 * `MatchResources`.
 */
export function matchesResources(constraints: JsonObject, object: MatchedObject): boolean {
  const rules = objectsAt(constraints, "resourceRules");
  if (rules.length > 0 && !rules.some(([, rule]) => fitsRule(rule, object))) return false;
  if (objectsAt(constraints, "excludeResourceRules").some(([, rule]) => fitsRule(rule, object))) return false;
  if (!selects(objectAt(constraints, "objectSelector"), object.labels)) return false;
  const isNamespace = object.kind === "Namespace" && object.apiVersion === "v1";
  // What belongs to no namespace is in every selection; a namespace is selected by its own labels.
  if (object.namespace === "" && !isNamespace) return true;
  return selects(objectAt(constraints, "namespaceSelector"), isNamespace ? object.labels : object.namespaceLabels);
}

/** The labels of namespaces that constraints select by. */
export function selectedLabels(constraints: JsonObject): string[] {
  const selector = objectAt(constraints, "namespaceSelector");
  const expressions = objectsAt(selector, "matchExpressions").map(([, expression]) => textAt(expression, "key") ?? "");
  return [...Object.keys(objectAt(selector, "matchLabels")), ...expressions];
}

/** True for constraints that are about pods and about nothing else. */
export function isAboutPodsOnly(constraints: JsonObject): boolean {
  const rules = objectsAt(constraints, "resourceRules");
  return rules.length > 0 && rules.every(([, rule]) => textsAt(rule, "resources").join() === "pods");
}

function fitsRule(rule: JsonObject, object: MatchedObject): boolean {
  const { group, version } = groupVersion(object.apiVersion);
  const scope = textAt(rule, "scope") ?? "*";
  const names = textsAt(rule, "resourceNames");
  return (
    has(rule, "apiGroups", group) &&
    has(rule, "apiVersions", version) &&
    has(rule, "operations", object.operation) &&
    isResource(textsAt(rule, "resources"), resourceName(object.kind)) &&
    (names.length === 0 || names.includes(object.name)) &&
    (scope === "*" || (scope === "Namespaced") === (object.namespace !== ""))
  );
}

function has(rule: JsonObject, key: string, wanted: string): boolean {
  const values = textsAt(rule, key);
  return values.includes("*") || values.includes(wanted);
}

function isResource(patterns: readonly string[], resource: string): boolean {
  return patterns.some((pattern) => pattern === "*" || pattern === "*/*" || pattern === resource);
}
