import { areEqual, compareValues, haveOrder, payForSorting } from "../values/compare-values.ts";
import { EvaluationFault } from "../values/fault.ts";
import type { Meter } from "../values/meter.ts";
import { DurationValue, ListValue, noValue, OptionalValue, UnsignedValue, type Value } from "../values/value.ts";
import { indexOf, intOf, uintOf } from "./integers.ts";
import { includes } from "./operators.ts";
import { type Overload, overload } from "./overload.ts";
import { durationOf } from "./time-range.ts";

/** The lists of Kubernetes, and the sets of CEL. */
export const listFunctions: readonly Overload[] = [
  overload(".isSorted", { takes: ["list"], gives: "bool", run: ([list], meter) => isSorted(list, meter) }),
  overload(".sum", { takes: ["list"], gives: "any", run: ([{ items }], meter) => sum(items, meter) }),
  overload(".min", { takes: ["list"], gives: "any", run: ([{ items }], meter) => extreme(items, { sign: -1, meter }) }),
  overload(".max", { takes: ["list"], gives: "any", run: ([{ items }], meter) => extreme(items, { sign: 1, meter }) }),
  overload(".indexOf", {
    takes: ["list", "any"],
    gives: "int",
    run: ([{ items }, wanted], meter) => BigInt(items.findIndex((item) => areEqual(item, wanted, meter))),
  }),
  overload(".lastIndexOf", {
    takes: ["list", "any"],
    gives: "int",
    run: ([{ items }, wanted], meter) => BigInt(items.findLastIndex((item) => areEqual(item, wanted, meter))),
  }),
  overload(".first", { takes: ["list"], gives: "optional", run: ([{ items }]) => optional(items[0]) }),
  overload(".last", { takes: ["list"], gives: "optional", run: ([{ items }]) => optional(items.at(-1)) }),

  overload("sets.contains", { takes: ["list", "list"], gives: "bool", run: ([a, b], meter) => contains(a, b, meter) }),
  overload("sets.equivalent", {
    takes: ["list", "list"],
    gives: "bool",
    run: ([a, b], meter) => contains(a, b, meter) && contains(b, a, meter),
  }),
  overload("sets.intersects", {
    takes: ["list", "list"],
    gives: "bool",
    run: ([a, b], meter) => a.items.some((item) => includes(b.items, item, meter)),
  }),
];

/** The extension of lists that Kubernetes does not have. */
export const moreListFunctions: readonly Overload[] = [
  overload(".distinct", { takes: ["list"], gives: "list", run: ([{ items }], meter) => distinct(items, meter) }),
  overload(".flatten", { takes: ["list"], gives: "list", run: ([list], meter) => flatten(list, { depth: 1, meter }) }),
  overload(".flatten", {
    takes: ["list", "int"],
    gives: "list",
    run: ([list, depth], meter) => {
      if (depth < 0n) throw new EvaluationFault("level must be non-negative");
      return flatten(list, { depth: Math.min(indexOf(depth), 100), meter });
    },
  }),
  overload("lists.range", {
    takes: ["int"],
    gives: "list",
    run: ([size], meter) => {
      const length = Math.max(indexOf(size), 0);
      meter.spend(length);
      return new ListValue(Array.from({ length }, (_, index) => BigInt(index)));
    },
  }),
  overload(".reverse", {
    takes: ["list"],
    gives: "list",
    run: ([{ items }], meter) => {
      meter.spend(items.length);
      return new ListValue(items.toReversed());
    },
  }),
  overload(".slice", {
    takes: ["list", "int", "int"],
    gives: "list",
    run: ([list, from, to], meter) => slice(list, { from, to, meter }),
  }),
  overload(".sort", {
    takes: ["list"],
    gives: "list",
    run: ([{ items }], meter) => {
      comparable(items);
      payForSorting(items, meter);
      return new ListValue(items.toSorted((a, b) => compareValues(a, b) ?? 0));
    },
  }),
];

function optional(value: Value | undefined): OptionalValue {
  return value === undefined ? noValue : new OptionalValue(value);
}

function contains(list: ListValue, part: ListValue, meter: Meter): boolean {
  return part.items.every((item) => includes(list.items, item, meter));
}

function comparable(items: readonly Value[]): void {
  const [first] = items;
  if (first === undefined || items.every((item) => haveOrder(first, item))) return;
  throw new EvaluationFault("no such overload: the items of the list are not comparable");
}

function isSorted({ items }: ListValue, meter: Meter): boolean {
  payForSorting(items, meter);
  comparable(items);
  return items.every((item, index) => {
    const previous = items[index - 1];
    return index === 0 || previous === undefined || (compareValues(previous, item) ?? 1) <= 0;
  });
}

function extreme(items: readonly Value[], { sign, meter }: { sign: 1 | -1; meter: Meter }): Value {
  payForSorting(items, meter);
  comparable(items);
  let best = items[0];
  if (best === undefined) throw new EvaluationFault(`${sign > 0 ? "max" : "min"} called on empty list`);
  for (const item of items) if ((compareValues(item, best) ?? 0) * sign > 0) best = item;
  return best;
}

function sum(items: readonly Value[], meter: Meter): Value {
  meter.spend(items.length);
  let total: Value = items[0] ?? 0n;
  for (const item of items.slice(1)) total = add(total, item);
  return typeof total === "bigint" || typeof total === "number"
    ? total
    : add(total, total instanceof DurationValue ? durationOf(0n) : uintOf(0n));
}

function add(a: Value, b: Value): Value {
  if (typeof a === "bigint" && typeof b === "bigint") return intOf(a + b);
  if (typeof a === "number" && typeof b === "number") return a + b;
  if (a instanceof UnsignedValue && b instanceof UnsignedValue) return uintOf(a.value + b.value);
  if (a instanceof DurationValue && b instanceof DurationValue) return durationOf(a.nanoseconds + b.nanoseconds);
  throw new EvaluationFault("no such overload: sum() requires numbers or durations of the same type");
}

function distinct(items: readonly Value[], meter: Meter): ListValue {
  const kept: Value[] = [];
  for (const item of items) if (!includes(kept, item, meter)) kept.push(item);
  return new ListValue(kept);
}

function flatten({ items }: ListValue, { depth, meter }: { depth: number; meter: Meter }): ListValue {
  meter.spend(items.length);
  if (depth === 0) return new ListValue(items);
  return new ListValue(
    items.flatMap((item) => (item instanceof ListValue ? flatten(item, { depth: depth - 1, meter }).items : [item])),
  );
}

function slice({ items }: ListValue, { from, to, meter }: { from: bigint; to: bigint; meter: Meter }): ListValue {
  if (from < 0n || to < from || to > BigInt(items.length))
    throw new EvaluationFault(`invalid slice of a list: ${from} to ${to}`);
  meter.spend(Number(to - from));
  return new ListValue(items.slice(Number(from), Number(to)));
}
