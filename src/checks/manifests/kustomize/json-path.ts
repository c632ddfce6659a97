import { isJsonObject, type JsonObject } from "../../../model/objects/json-object.ts";

/** Where a value is in a document: keys and indices, from the root. */
export type JsonPath = readonly (string | number)[];

const nothing: JsonObject = Object.freeze({});
const plainKey = /^[A-Za-z_][\w-]*$/;

/**
 * `spec.containers[0].image`; a key that is not a plain word stands in brackets:
 * `metadata.labels[app.kubernetes.io/name]`.
 */
export function pathText(path: JsonPath): string {
  let text = "";
  for (const part of path) {
    if (typeof part === "number" || !plainKey.test(part)) text += `[${part}]`;
    else text += text === "" ? part : `.${part}`;
  }
  return text;
}

/** The object under a key; an empty one when there is none. */
export function objectAt(parent: JsonObject, key: string): JsonObject {
  const value = parent[key];
  return isJsonObject(value) ? value : nothing;
}

/** The objects in the list under a key, with their index; other values are left out. */
export function objectsAt(parent: JsonObject, key: string): readonly (readonly [index: number, item: JsonObject])[] {
  const value = parent[key];
  if (!Array.isArray(value)) return [];
  return value.flatMap((item, index) => (isJsonObject(item) ? [[index, item] as const] : []));
}

/** The texts in the list under a key; anything else in it is left out. */
export function textsAt(parent: JsonObject, key: string): readonly string[] {
  const value = parent[key];
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

/** The text under a key; undefined when there is none. */
export function textAt(parent: JsonObject, key: string): string | undefined {
  const value = parent[key];
  return typeof value === "string" ? value : undefined;
}

/** The value at a path; undefined when a part of it is missing. */
export function valueAt(root: unknown, path: JsonPath): unknown {
  let value = root;
  for (const part of path) {
    if (Array.isArray(value)) value = typeof part === "number" ? value[part] : undefined;
    else value = isJsonObject(value) && Object.hasOwn(value, part) ? value[part] : undefined;
  }
  return value;
}
