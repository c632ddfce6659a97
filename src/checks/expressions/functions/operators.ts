import { areEqual, compareValues, haveOrder } from "../values/compare-values.ts";
import { EvaluationFault } from "../values/fault.ts";
import type { Meter } from "../values/meter.ts";
import { DurationValue, kindOf, ListValue, type Value } from "../values/value.ts";
import { intOf, uintOf } from "./integers.ts";
import { type Overload, overload } from "./overload.ts";
import { durationOf, timestampOf } from "./time-range.ts";

/** The operators, except those that do not evaluate all of their operands. */
export const operators: readonly Overload[] = [
  overload("_==_", { takes: ["any", "any"], gives: "bool", run: ([a, b], meter) => areEqual(a, b, meter) }),
  overload("_!=_", { takes: ["any", "any"], gives: "bool", run: ([a, b], meter) => !areEqual(a, b, meter) }),
  order("_<_", (sign) => sign < 0),
  order("_<=_", (sign) => sign <= 0),
  order("_>_", (sign) => sign > 0),
  order("_>=_", (sign) => sign >= 0),
  overload("_in_", {
    takes: ["any", "list"],
    gives: "bool",
    run: ([item, { items }], meter) => includes(items, item, meter),
  }),
  overload("_in_", { takes: ["any", "map"], gives: "bool", run: ([key, map]) => map.has(key) }),
  overload("!_", { takes: ["bool"], gives: "bool", run: ([value]) => !value }),
  overload("-_", { takes: ["int"], gives: "int", run: ([value]) => intOf(-value) }),
  overload("-_", { takes: ["double"], gives: "double", run: ([value]) => -value }),

  ...ofIntegers("_+_", (a, b) => a + b),
  ...ofIntegers("_-_", (a, b) => a - b),
  ...ofIntegers("_*_", (a, b) => a * b),
  ...ofIntegers("_/_", (a, b) => a / notZero(b, "division by zero")),
  ...ofIntegers("_%_", (a, b) => a % notZero(b, "modulus by zero")),
  overload("_+_", { takes: ["double", "double"], gives: "double", run: ([a, b]) => a + b }),
  overload("_-_", { takes: ["double", "double"], gives: "double", run: ([a, b]) => a - b }),
  overload("_*_", { takes: ["double", "double"], gives: "double", run: ([a, b]) => a * b }),
  overload("_/_", { takes: ["double", "double"], gives: "double", run: ([a, b]) => a / b }),
  overload("_+_", {
    takes: ["string", "string"],
    gives: "string",
    run: ([a, b], meter) => {
      meter.spendOn(a.length + b.length);
      return a + b;
    },
  }),
  overload("_+_", {
    takes: ["bytes", "bytes"],
    gives: "bytes",
    run: ([a, b], meter) => {
      meter.spendOn(a.length + b.length);
      return Buffer.concat([a, b]);
    },
  }),
  overload("_+_", {
    takes: ["list", "list"],
    gives: "list",
    run: ([a, b], meter) => {
      meter.spend(a.items.length + b.items.length);
      return new ListValue([...a.items, ...b.items]);
    },
  }),
  overload("_+_", {
    takes: ["timestamp", "duration"],
    gives: "timestamp",
    run: ([a, b]) => timestampOf(a.nanoseconds + b.nanoseconds),
  }),
  overload("_+_", {
    takes: ["duration", "timestamp"],
    gives: "timestamp",
    run: ([a, b]) => timestampOf(a.nanoseconds + b.nanoseconds),
  }),
  overload("_+_", {
    takes: ["duration", "duration"],
    gives: "duration",
    run: ([a, b]) => durationOf(a.nanoseconds + b.nanoseconds),
  }),
  overload("_-_", {
    takes: ["timestamp", "duration"],
    gives: "timestamp",
    run: ([a, b]) => timestampOf(a.nanoseconds - b.nanoseconds),
  }),
  overload("_-_", {
    takes: ["timestamp", "timestamp"],
    gives: "duration",
    run: ([a, b]) => durationOf(a.nanoseconds - b.nanoseconds),
  }),
  overload("_-_", {
    takes: ["duration", "duration"],
    gives: "duration",
    run: ([a, b]) => durationOf(a.nanoseconds - b.nanoseconds),
  }),
  overload("-_", { takes: ["duration"], gives: "duration", run: ([value]) => new DurationValue(-value.nanoseconds) }),
];

/** True when a list has an item that is equal to a value. */
export function includes(items: readonly Value[], wanted: Value, meter: Meter): boolean {
  return items.some((item) => areEqual(item, wanted, meter));
}

function order(name: string, holds: (sign: number) => boolean): Overload {
  return overload(name, {
    takes: ["any", "any"],
    gives: "bool",
    run: ([a, b], meter) => {
      if (!haveOrder(a, b))
        throw new EvaluationFault(`no such overload: ${kindOf(a)} ${name.replaceAll("_", "")} ${kindOf(b)}`);
      if (typeof a === "string") meter.spendOn(a.length);
      const sign = compareValues(a, b);
      return sign !== undefined && holds(sign);
    },
  });
}

function ofIntegers(name: string, run: (a: bigint, b: bigint) => bigint): Overload[] {
  return [
    overload(name, { takes: ["int", "int"], gives: "int", run: ([a, b]) => intOf(run(a, b)) }),
    overload(name, { takes: ["uint", "uint"], gives: "uint", run: ([a, b]) => uintOf(run(a.value, b.value)) }),
  ];
}

function notZero(value: bigint, message: string): bigint {
  if (value === 0n) throw new EvaluationFault(message);
  return value;
}
