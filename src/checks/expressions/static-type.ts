import { type Kind, typeName } from "./values/value.ts";

/**
 * Facts about a value before it is evaluated: its kind, and for lists, maps and optionals the types of their contents.
 */
export interface StaticType {
  /** `any` for what is not known. */
  readonly kind: Kind;
  /**
   * Types of the items, of the keys and the values, or of the content of an optional; absent when they are not known.
   */
  readonly parts?: readonly StaticType[];
}

/** The type of what is not known. */
export const anyType: StaticType = { kind: "any" };
/** The type of conditions. */
export const boolType: StaticType = { kind: "bool" };

const numbers: readonly Kind[] = ["int", "uint", "double"];
const ordered: readonly Kind[] = ["string", "bool", "bytes", "timestamp", "duration"];
const nullable: readonly Kind[] = [
  "timestamp",
  "duration",
  "optional",
  "address",
  "network",
  "quantity",
  "semver",
  "url",
  "format",
];

/** A list of items of a type, or a map, or an optional. */
export function typeOf(kind: "list" | "map" | "optional", ...parts: readonly StaticType[]): StaticType {
  return { kind, parts };
}

/** A part of a type: `any` when it is not known. */
export function partOf(type: StaticType, index: number): StaticType {
  return type.parts?.[index] ?? anyType;
}

/** The type that values of both types have; undefined when no value is of both. */
export function joinTypes(a: StaticType, b: StaticType): StaticType | undefined {
  if (a.kind === "any" || b.kind === "any") return anyType;
  if (a.kind === "null" && nullable.includes(b.kind)) return b;
  if (b.kind === "null" && nullable.includes(a.kind)) return a;
  if (a.kind !== b.kind) return undefined;
  if (!a.parts || !b.parts) return a;
  const parts: StaticType[] = [];
  for (const [index, part] of a.parts.entries()) {
    const joined = joinTypes(part, partOf(b, index));
    if (!joined) return undefined;
    parts.push(joined);
  }
  return { kind: a.kind, parts };
}

/** The common type of several values; `any` when they do not share one. */
export function commonType(types: readonly StaticType[]): StaticType {
  let common = types[0] ?? anyType;
  for (const type of types.slice(1)) common = joinTypes(common, type) ?? anyType;
  return common;
}

/** True when values of the two types may be compared with `<`. */
export function mayHaveOrder(a: StaticType, b: StaticType): boolean {
  if (a.kind === "any") return b.kind === "any" || numbers.includes(b.kind) || ordered.includes(b.kind);
  if (b.kind === "any") return mayHaveOrder(b, a);
  return numbers.includes(a.kind) ? numbers.includes(b.kind) : a.kind === b.kind && ordered.includes(a.kind);
}

/** As CEL writes a type: `map(string, list(dyn))`. */
export function typeText({ kind, parts = [] }: StaticType): string {
  const name = typeName(kind);
  const held = kind === "list" || kind === "optional" ? 1 : kind === "map" ? 2 : 0;
  if (held === 0) return name;
  return `${name}(${Array.from({ length: held }, (_, index) => typeText(parts[index] ?? anyType)).join(", ")})`;
}
