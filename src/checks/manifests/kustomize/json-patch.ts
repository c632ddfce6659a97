import { isJsonObject, type JsonObject } from "../../../model/objects/json-object.ts";
import { put } from "../reading/yaml-place.ts";

// RFC 6902, over pointers of RFC 6901.

/**
 * An object with the operations of a JSON patch applied; undefined when one of them cannot be, which makes the whole
 * patch fail. The object itself stays as it is.
 */
export function applyJsonPatch(object: JsonObject, operations: readonly unknown[]): JsonObject | undefined {
  let root: unknown = object;
  for (const operation of operations) {
    if (!isJsonObject(operation)) return undefined;
    const path = pointerOf(operation["path"]);
    const from = pointerOf(operation["from"]);
    const changed = apply(root, { operation, path, from });
    if (changed === undefined) return undefined;
    root = changed.root;
  }
  return isJsonObject(root) ? root : undefined;
}

function apply(
  root: unknown,
  { operation, path, from }: { operation: JsonObject; path: string[] | undefined; from: string[] | undefined },
): { root: unknown } | undefined {
  if (!path) return undefined;
  switch (operation["op"]) {
    case "add":
      return change(root, path, { kind: "add", value: operation["value"] });
    case "replace":
      return find(root, path) ? change(root, path, { kind: "replace", value: operation["value"] }) : undefined;
    case "remove":
      return find(root, path) ? change(root, path, { kind: "remove" }) : undefined;
    case "test":
      return JSON.stringify(find(root, path)?.value) === JSON.stringify(operation["value"]) ? { root } : undefined;
    case "copy":
    case "move": {
      const found = from && find(root, from);
      if (!found) return undefined;
      const removed = operation["op"] === "move" ? change(root, from, { kind: "remove" }) : { root };
      return removed && change(removed.root, path, { kind: "add", value: found.value });
    }
    default:
      return undefined;
  }
}

type Change = { readonly kind: "add" | "replace"; readonly value: unknown } | { readonly kind: "remove" };

/** The value with one part changed; the parts on the way are copied. */
function change(value: unknown, [head, ...rest]: readonly string[], what: Change): { root: unknown } | undefined {
  if (head === undefined) return what.kind === "remove" ? undefined : { root: what.value };
  if (Array.isArray(value)) {
    const index = head === "-" ? value.length : /^\d{1,6}$/.test(head) ? Number(head) : -1;
    if (index < 0 || index > value.length) return undefined;
    const copy = [...value];
    if (rest.length > 0) {
      const inner = change(copy[index], rest, what);
      if (!inner) return undefined;
      copy[index] = inner.root;
    } else if (what.kind === "add") copy.splice(index, 0, what.value);
    else if (what.kind === "replace") copy[index] = what.value;
    else copy.splice(index, 1);
    return { root: copy };
  }
  if (!isJsonObject(value)) return undefined;
  const copy: Record<string, unknown> = { ...value };
  if (rest.length > 0) {
    const inner = change(Object.hasOwn(value, head) ? value[head] : undefined, rest, what);
    if (!inner) return undefined;
    put(copy, head, inner.root);
  } else if (what.kind === "remove") delete copy[head];
  else put(copy, head, what.value);
  return { root: copy };
}

function find(root: unknown, path: readonly string[]): { value: unknown } | undefined {
  let value = root;
  for (const part of path) {
    const isThere = Array.isArray(value)
      ? /^\d{1,6}$/.test(part) && Number(part) < value.length
      : isJsonObject(value) && Object.hasOwn(value, part);
    if (!isThere) return undefined;
    value = (value as Record<string, unknown>)[part];
  }
  return { value };
}

function pointerOf(text: unknown): string[] | undefined {
  if (typeof text !== "string" || (text !== "" && !text.startsWith("/"))) return undefined;
  return text
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}
