import { EvaluationFault } from "./fault.ts";
import { ObjectValue } from "./object-value.ts";
import { ListValue, MapValue, type Value } from "./value.ts";

const deepest = 200;

/**
 * The value of what JSON or YAML stands for. Whole numbers become `int`, as an API server has them, others `double`.
 * Objects are read when they are asked for their members, and remember them. What JSON has no word for (`undefined`,
 * functions) is null.
 */
export function valueFromJson(json: unknown, depth = 0): Value {
  switch (typeof json) {
    case "string":
    case "boolean":
    case "bigint":
      return json;
    case "number":
      return Number.isSafeInteger(json) ? BigInt(json) : json;
    case "object":
      break;
    default:
      return null;
  }
  if (json === null) return null;
  if (json instanceof ObjectValue) return json as Value;
  if (json instanceof Uint8Array) return json;
  if (depth > deepest) throw new EvaluationFault(`the data is nested more than ${deepest} deep`);
  if (Array.isArray(json)) return new ListValue(json.map((item) => valueFromJson(item, depth + 1)));
  return new JsonMap(json as Readonly<Record<string, unknown>>, depth);
}

class JsonMap extends MapValue {
  readonly #object: Readonly<Record<string, unknown>>;
  readonly #depth: number;
  readonly #values = new Map<string, Value>();
  #keys: readonly string[] | undefined;

  constructor(object: Readonly<Record<string, unknown>>, depth: number) {
    super();
    this.#object = object;
    this.#depth = depth;
  }

  get size(): number {
    return this.keys().length;
  }

  get(key: Value): Value | undefined {
    if (typeof key !== "string") return undefined;
    const known = this.#values.get(key);
    if (known !== undefined) return known;
    if (!this.has(key)) return undefined;
    const value = valueFromJson(this.#object[key], this.#depth + 1);
    this.#values.set(key, value);
    return value;
  }

  has(key: Value): boolean {
    return typeof key === "string" && Object.hasOwn(this.#object, key) && this.#object[key] !== undefined;
  }

  keys(): readonly string[] {
    this.#keys ??= Object.keys(this.#object).filter((key) => this.#object[key] !== undefined);
    return this.#keys;
  }
}

/** A map whose values are found when they are asked for, at most once each. */
export class LazyMap extends MapValue {
  readonly #names: readonly string[];
  readonly #find: (name: string) => Value;
  readonly #known = new Map<string, { value: Value } | { thrown: unknown }>();

  constructor(names: readonly string[], find: (name: string) => Value) {
    super();
    this.#names = names;
    this.#find = find;
  }

  get size(): number {
    return this.#names.length;
  }

  get(key: Value): Value | undefined {
    if (typeof key !== "string" || !this.has(key)) return undefined;
    let known = this.#known.get(key);
    if (!known) {
      try {
        known = { value: this.#find(key) };
      } catch (thrown) {
        known = { thrown };
      }
      this.#known.set(key, known);
    }
    if ("thrown" in known) throw known.thrown;
    return known.value;
  }

  has(key: Value): boolean {
    return typeof key === "string" && this.#names.includes(key);
  }

  keys(): readonly string[] {
    return this.#names;
  }
}
