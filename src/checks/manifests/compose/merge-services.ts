import type { CheckLocation } from "../../../model/checks/check.ts";
import { isJsonObject, type JsonObject } from "../../../model/objects/json-object.ts";
import type { JsonPath } from "../kustomize/json-path.ts";

/** What a service says, and where; paths begin at the service. */
export interface LocatedService {
  readonly spec: JsonObject;
  /** Paths that are not merged with lower files, by the tags `!reset` and `!override`. */
  readonly replacing?: readonly JsonPath[];
  locate(path: JsonPath): CheckLocation;
}

/**
 * A service on top of the one that it extends: mappings are joined, lists follow each other, anything else replaces.
 * Entries that Compose would replace by their target stay, so that nothing is hidden.
 */
export function mergeServices(
  below: LocatedService,
  own: LocatedService,
  { missing = "own" }: { /** Where a value is located that neither has. */ readonly missing?: "base" | "own" } = {},
): LocatedService {
  const base = { ...below, spec: (own.replacing ?? []).reduce(withoutPath, below.spec) };
  return {
    spec: mergeObjects(base.spec, own.spec),
    ...(below.replacing ? { replacing: below.replacing } : {}),
    locate: (path) => locateMerged(path, { base, own, missing }),
  };
}

/** A mapping without what lies at a path. */
function withoutPath(object: JsonObject, path: JsonPath): JsonObject {
  const [key, ...rest] = path;
  if (typeof key !== "string" || !Object.hasOwn(object, key)) return path.length === 0 ? {} : object;
  const value = object[key];
  const others = Object.entries(object).filter(([name]) => name !== key);
  if (rest.length === 0) return Object.fromEntries(others);
  return isJsonObject(value) ? Object.fromEntries([...others, [key, withoutPath(value, rest)]]) : object;
}

function mergeObjects(base: JsonObject, own: JsonObject): JsonObject {
  const merged = new Map(Object.entries(base));
  for (const [key, value] of Object.entries(own)) {
    merged.set(key, merged.has(key) ? mergeValues(merged.get(key), value) : value);
  }
  return Object.fromEntries(merged);
}

function mergeValues(base: unknown, own: unknown): unknown {
  if (own === null) return base;
  if (Array.isArray(base) && Array.isArray(own)) return [...base, ...own];
  if (isJsonObject(base) && isJsonObject(own)) return mergeObjects(base, own);
  if (Array.isArray(base) && isJsonObject(own)) return [...base, ...pairsOf(own)];
  if (isJsonObject(base) && Array.isArray(own)) return [...pairsOf(base), ...own];
  return own;
}

function pairsOf(mapping: JsonObject): string[] {
  return Object.entries(mapping).map(([key, value]) => `${key}=${isJsonObject(value) ? "" : String(value ?? "")}`);
}

function locateMerged(
  path: JsonPath,
  {
    base,
    own,
    missing,
  }: { readonly base: LocatedService; readonly own: LocatedService; readonly missing: "base" | "own" },
): CheckLocation {
  let inBase: unknown = base.spec;
  let inOwn: unknown = own.spec;
  for (const [depth, part] of path.entries()) {
    if (Array.isArray(inBase) && Array.isArray(inOwn) && typeof part === "number") {
      if (part < inBase.length) return base.locate(path);
      return own.locate([...path.slice(0, depth), part - inBase.length, ...path.slice(depth + 1)]);
    }
    if (!isJsonObject(inBase) || !isJsonObject(inOwn)) break;
    const key = String(part);
    if (!Object.hasOwn(inOwn, key) || inOwn[key] === null) {
      return Object.hasOwn(inBase, key) || missing === "base" ? base.locate(path) : own.locate(path);
    }
    inBase = inBase[key];
    inOwn = inOwn[key];
  }
  return own.locate(path);
}
