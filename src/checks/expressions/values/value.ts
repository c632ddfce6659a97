import type { AddressValue, NetworkValue } from "./address-value.ts";
import type { ClusterValue } from "./cluster-value.ts";
import type { FormatValue } from "./format-value.ts";
import { ObjectValue } from "./object-value.ts";
import type { QuantityValue } from "./quantity-value.ts";
import type { SemverValue } from "./semver-value.ts";
import type { UrlValue } from "./url-value.ts";

/**
 * A value of an expression. `bigint` is CEL's `int` (64 bits), `number` its `double`: a number of JSON has to become
 * one of them first, see `valueFromJson`.
 */
export type Value = KindValues[Exclude<Kind, "any">];

/** What each kind of value is here. `any` stands for all of them in declarations of functions. */
export interface KindValues {
  any: Value;
  bool: boolean;
  int: bigint;
  uint: UnsignedValue;
  double: number;
  string: string;
  bytes: Uint8Array;
  null: null;
  list: ListValue;
  map: MapValue;
  timestamp: TimestampValue;
  duration: DurationValue;
  type: TypeValue;
  optional: OptionalValue;
  address: AddressValue;
  network: NetworkValue;
  quantity: QuantityValue;
  semver: SemverValue;
  url: UrlValue;
  format: FormatValue;
  cluster: ClusterValue;
}

/** The kinds by their names in this engine; `typeName` has CEL's. */
export type Kind = keyof KindValues;

/** CEL's `uint`: 64 bits without a sign. */
export class UnsignedValue extends ObjectValue {
  readonly kind = "uint";
  readonly value: bigint;

  constructor(value: bigint) {
    super();
    this.value = value;
  }
}

/** A list; its items never change. */
export class ListValue extends ObjectValue {
  readonly kind = "list";
  readonly items: readonly Value[];

  constructor(items: readonly Value[]) {
    super();
    this.items = items;
  }
}

/** A map; its entries never change, and come in the order in which they were written. */
export abstract class MapValue extends ObjectValue {
  readonly kind = "map";
  abstract get size(): number;
  /** Undefined when there is no such key. May throw what the evaluation of the entry throws. */
  abstract get(key: Value): Value | undefined;
  abstract has(key: Value): boolean;
  abstract keys(): readonly Value[];
}

/** A point in time. */
export class TimestampValue extends ObjectValue {
  readonly kind = "timestamp";
  /** Nanoseconds since 1970. */
  readonly nanoseconds: bigint;

  constructor(nanoseconds: bigint) {
    super();
    this.nanoseconds = nanoseconds;
  }
}

/** A span of time. */
export class DurationValue extends ObjectValue {
  readonly kind = "duration";
  readonly nanoseconds: bigint;

  constructor(nanoseconds: bigint) {
    super();
    this.nanoseconds = nanoseconds;
  }
}

/** A type, which is a value too. */
export class TypeValue extends ObjectValue {
  readonly kind = "type";
  /** As CEL names it: `int`, `google.protobuf.Timestamp`. */
  readonly name: string;

  constructor(name: string) {
    super();
    this.name = name;
  }
}

/** A value that may be absent. */
export class OptionalValue extends ObjectValue {
  readonly kind = "optional";
  /** Undefined when there is none. */
  readonly value: Value | undefined;

  constructor(value: Value | undefined) {
    super();
    this.value = value;
  }
}

/** What `optional.none()` gives. */
export const noValue: OptionalValue = new OptionalValue(undefined);

/** The kind of a value. */
export function kindOf(value: Value): Exclude<Kind, "any"> {
  switch (typeof value) {
    case "string":
      return "string";
    case "boolean":
      return "bool";
    case "bigint":
      return "int";
    case "number":
      return "double";
    default:
      if (value === null) return "null";
      return value instanceof Uint8Array ? "bytes" : value.kind;
  }
}

const typeNames: Readonly<Record<Kind, string>> = {
  any: "dyn",
  bool: "bool",
  int: "int",
  uint: "uint",
  double: "double",
  string: "string",
  bytes: "bytes",
  null: "null_type",
  list: "list",
  map: "map",
  timestamp: "google.protobuf.Timestamp",
  duration: "google.protobuf.Duration",
  type: "type",
  optional: "optional_type",
  address: "net.IP",
  network: "net.CIDR",
  quantity: "kubernetes.Quantity",
  semver: "kubernetes.Semver",
  url: "kubernetes.URL",
  format: "kubernetes.NamedFormat",
  cluster: "resource.Context",
};

/** The name that CEL gives to the type of a kind. */
export function typeName(kind: Kind): string {
  return typeNames[kind];
}

/** The types that an expression can name. */
export const namedTypes: ReadonlyMap<string, TypeValue> = new Map(
  Object.entries(typeNames)
    .filter(([kind]) => kind !== "any")
    .map(([, name]) => [name, new TypeValue(name)]),
);
