import { EvaluationFault } from "./fault.ts";
import { kindOf, MapValue, UnsignedValue, type Value } from "./value.ts";

/** A map that an expression made. */
export class EntriesMap extends MapValue {
  readonly #entries = new Map<string, readonly [Value, Value]>();

  get size(): number {
    return this.#entries.size;
  }

  /** Adds an entry; for the one who makes the map. False when the key is there already. */
  add(key: Value, value: Value): boolean {
    const id = keyIdentity(key);
    if (id === undefined || typeof key === "number") {
      throw new EvaluationFault(`unsupported key type: ${kindOf(key)}`);
    }
    if (this.#entries.has(id)) return false;
    this.#entries.set(id, [key, value]);
    return true;
  }

  get(key: Value): Value | undefined {
    const id = keyIdentity(key);
    return id === undefined ? undefined : this.#entries.get(id)?.[1];
  }

  has(key: Value): boolean {
    const id = keyIdentity(key);
    return id !== undefined && this.#entries.has(id);
  }

  keys(): readonly Value[] {
    return Array.from(this.#entries.values(), ([key]) => key);
  }
}

/** The same text for keys that are equal, across the kinds of numbers; undefined for what is never a key. */
function keyIdentity(key: Value): string | undefined {
  switch (typeof key) {
    case "string":
      return `s${key}`;
    case "bigint":
      return `n${key}`;
    case "boolean":
      return key ? "true" : "false";
    case "number":
      return Number.isInteger(key) ? `n${BigInt(key)}` : `n${key}`;
    default:
      return key instanceof UnsignedValue ? `n${key.value}` : undefined;
  }
}
