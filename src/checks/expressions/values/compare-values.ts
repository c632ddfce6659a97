import { AbortFault } from "./fault.ts";
import type { Meter } from "./meter.ts";
import {
  DurationValue,
  kindOf,
  ListValue,
  MapValue,
  OptionalValue,
  TimestampValue,
  TypeValue,
  UnsignedValue,
  type Value,
} from "./value.ts";

const deepest = 400;

/** CEL's `==`: numbers of all kinds compare by what they stand for, values of other kinds that differ are unequal. */
export function areEqual(a: Value, b: Value, meter: Meter): boolean {
  return equal(a, b, { meter, depth: 0 });
}

function equal(a: Value, b: Value, at: { meter: Meter; depth: number }): boolean {
  const { meter, depth } = at;
  meter.spend(1);
  if (typeof a === "string") {
    if (typeof b !== "string") return false;
    meter.spendOn(Math.min(a.length, b.length));
    return a === b;
  }
  const number = numberOf(a);
  if (number !== undefined) {
    const other = numberOf(b);
    return other !== undefined && compareNumbers(number, other) === 0;
  }
  if (typeof a === "boolean" || a === null) return a === b;
  if (b === null || typeof b !== "object" || kindOf(a) !== kindOf(b)) return false;
  if (depth > deepest) throw new AbortFault(`values are nested more than ${deepest} deep`);
  const below = { meter, depth: depth + 1 };
  if (a instanceof ListValue && b instanceof ListValue) {
    return (
      a.items.length === b.items.length && a.items.every((item, index) => equal(item, b.items[index] ?? null, below))
    );
  }
  if (a instanceof Uint8Array && b instanceof Uint8Array) {
    meter.spendOn(Math.min(a.length, b.length));
    return a.length === b.length && a.every((byte, index) => byte === b[index]);
  }
  if (a instanceof TimestampValue && b instanceof TimestampValue) return a.nanoseconds === b.nanoseconds;
  if (a instanceof DurationValue && b instanceof DurationValue) return a.nanoseconds === b.nanoseconds;
  if (a instanceof TypeValue && b instanceof TypeValue) return a.name === b.name;
  if (a instanceof OptionalValue && b instanceof OptionalValue) {
    if (a.value === undefined || b.value === undefined) return a.value === b.value;
    return equal(a.value, b.value, below);
  }
  if (a instanceof MapValue && b instanceof MapValue) {
    if (a.size !== b.size) return false;
    return a.keys().every((key) => {
      const left = a.get(key);
      const right = b.get(key);
      return left !== undefined && right !== undefined && equal(left, right, below);
    });
  }
  return typeof a === "object" && "equals" in a && a.equals(b);
}

/**
 * The order of two values: negative, zero or positive; undefined for values without an order (NaN, or kinds that do not
 * compare, see `haveOrder`).
 */
export function compareValues(a: Value, b: Value): number | undefined {
  const number = numberOf(a);
  const other = numberOf(b);
  if (number !== undefined && other !== undefined) return compareNumbers(number, other);
  if (typeof a === "string" && typeof b === "string") return compareText(a, b);
  if (typeof a === "boolean" && typeof b === "boolean") return Number(a) - Number(b);
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b);
  if (a instanceof TimestampValue && b instanceof TimestampValue) return order(a.nanoseconds, b.nanoseconds);
  if (a instanceof DurationValue && b instanceof DurationValue) return order(a.nanoseconds, b.nanoseconds);
  return undefined;
}

/** True for two values that `<` accepts. */
export function haveOrder(a: Value, b: Value): boolean {
  if (numberOf(a) !== undefined) return numberOf(b) !== undefined;
  const kind = kindOf(a);
  return kind === kindOf(b) && ["string", "bool", "bytes", "timestamp", "duration"].includes(kind);
}

/**
 * Pays for putting values into an order: each is compared with about as many others as their count has binary digits.
 */
export function payForSorting(values: readonly Value[], meter: Meter): void {
  const rounds = Math.ceil(Math.log2(values.length + 2));
  for (const value of values) {
    const length = typeof value === "string" || value instanceof Uint8Array ? value.length : 0;
    meter.spend(rounds + Math.ceil((rounds * length) / 10));
  }
}

// By code points, as UTF-8 orders, which UTF-16 does not.
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left === right) continue;
    const isLeftSurrogate = left >= 0xd800 && left <= 0xdfff;
    const isRightSurrogate = right >= 0xd800 && right <= 0xdfff;
    if (isLeftSurrogate !== isRightSurrogate) return isLeftSurrogate ? 1 : -1;
    return left - right;
  }
  return a.length - b.length;
}

// With a double, a whole number of its range is compared as a double, as cel-go does, and not as what it is exactly.
function compareNumbers(a: bigint | number, b: bigint | number): number | undefined {
  if (typeof a === "bigint" && typeof b === "number" && Math.abs(b) <= 2 ** 64) return order(Number(a), b);
  if (typeof a === "number" && typeof b === "bigint" && Math.abs(a) <= 2 ** 64) return order(a, Number(b));
  return order(a, b);
}

function order(a: bigint | number, b: bigint | number): number | undefined {
  if (a < b) return -1;
  if (a > b) return 1;
  return a >= b ? 0 : undefined;
}

function numberOf(value: Value): bigint | number | undefined {
  if (typeof value === "bigint" || typeof value === "number") return value;
  return value instanceof UnsignedValue ? value.value : undefined;
}
