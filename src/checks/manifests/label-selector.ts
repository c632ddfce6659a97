import type { JsonObject } from "../../model/objects/json-object.ts";
import { objectAt, objectsAt, textAt, textsAt } from "./kustomize/json-path.ts";

/** Whether labels fit a selector with `matchLabels` and `matchExpressions`; an empty selector fits all. */
export function selects(selector: JsonObject, labels: JsonObject): boolean {
  const isMatching = Object.entries(objectAt(selector, "matchLabels")).every(
    ([key, value]) => Object.hasOwn(labels, key) && String(labels[key]) === String(value),
  );
  return (
    isMatching && objectsAt(selector, "matchExpressions").every(([, expression]) => fitsExpression(expression, labels))
  );
}

function fitsExpression(expression: JsonObject, labels: JsonObject): boolean {
  const key = textAt(expression, "key") ?? "";
  const values = textsAt(expression, "values");
  const label = Object.hasOwn(labels, key) ? String(labels[key]) : undefined;
  switch (expression["operator"]) {
    case "In":
      return label !== undefined && values.includes(label);
    case "NotIn":
      return label === undefined || !values.includes(label);
    case "Exists":
      return label !== undefined;
    case "DoesNotExist":
      return label === undefined;
    default:
      return false;
  }
}

/** Things that select by labels, found by labels without a look at all of them. */
export class SelectorIndex<Item> {
  readonly #byLabel = new Map<string, { selector: JsonObject; item: Item }[]>();

  /** Adds what selects in a namespace. */
  add(item: Item, { namespace, selector }: { namespace: string; selector: JsonObject }): void {
    const [first] = Object.entries(objectAt(selector, "matchLabels"));
    const key = first ? labelKey(namespace, first) : namespace;
    const list = this.#byLabel.get(key);
    if (list) list.push({ selector, item });
    else this.#byLabel.set(key, [{ selector, item }]);
  }

  /** What selects these labels in a namespace. */
  matching(namespace: string, labels: JsonObject): Item[] {
    const keys = [namespace, ...Object.entries(labels).map((label) => labelKey(namespace, label))];
    return keys
      .flatMap((key) => this.#byLabel.get(key) ?? [])
      .filter(({ selector }) => selects(selector, labels))
      .map(({ item }) => item);
  }
}

function labelKey(namespace: string, [key, value]: readonly [string, unknown]): string {
  return `${namespace}\n${key}\n${String(value)}`;
}
