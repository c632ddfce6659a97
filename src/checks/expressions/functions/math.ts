import { compareValues, haveOrder } from "../values/compare-values.ts";
import { EvaluationFault } from "../values/fault.ts";
import type { Meter } from "../values/meter.ts";
import { kindOf, ListValue, UnsignedValue, type Value } from "../values/value.ts";
import { intOf, uintOf } from "./integers.ts";
import { type Overload, overload } from "./overload.ts";

/** The mathematics extension of CEL. */
export const mathFunctions: readonly Overload[] = [
  overload("math.greatest", {
    takes: ["any"],
    isVariadic: true,
    gives: "any",
    run: (args, meter) => extreme(args, { sign: 1, meter }),
  }),
  overload("math.least", {
    takes: ["any"],
    isVariadic: true,
    gives: "any",
    run: (args, meter) => extreme(args, { sign: -1, meter }),
  }),
  ofDouble("ceil", Math.ceil),
  ofDouble("floor", Math.floor),
  ofDouble("trunc", Math.trunc),
  // Halves go away from zero.
  ofDouble("round", (value) => (Number.isFinite(value) ? Math.sign(value) * Math.floor(Math.abs(value) + 0.5) : value)),
  ofDouble("sqrt", Math.sqrt),
  overload("math.sqrt", { takes: ["int"], gives: "double", run: ([value]) => Math.sqrt(Number(value)) }),
  overload("math.sqrt", { takes: ["uint"], gives: "double", run: ([{ value }]) => Math.sqrt(Number(value)) }),
  test("isNaN", Number.isNaN),
  test("isInf", (value) => value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY),
  test("isFinite", Number.isFinite),
  ofDouble("abs", Math.abs),
  overload("math.abs", { takes: ["int"], gives: "int", run: ([value]) => intOf(value < 0n ? -value : value) }),
  overload("math.abs", { takes: ["uint"], gives: "uint", run: ([value]) => value }),
  ofDouble("sign", Math.sign),
  overload("math.sign", { takes: ["int"], gives: "int", run: ([value]) => BigInt(Math.sign(Number(value))) }),
  overload("math.sign", { takes: ["uint"], gives: "uint", run: ([{ value }]) => uintOf(value === 0n ? 0n : 1n) }),
  ...bitwise("bitAnd", (a, b) => a & b),
  ...bitwise("bitOr", (a, b) => a | b),
  ...bitwise("bitXor", (a, b) => a ^ b),
  overload("math.bitNot", { takes: ["int"], gives: "int", run: ([value]) => ~value }),
  overload("math.bitNot", { takes: ["uint"], gives: "uint", run: ([{ value }]) => uintOf(BigInt.asUintN(64, ~value)) }),
  ...shift("bitShiftLeft", (value, by) => value << by),
  ...shift("bitShiftRight", (value, by) => value >> by),
];

function ofDouble(name: string, run: (value: number) => number): Overload {
  return overload(`math.${name}`, { takes: ["double"], gives: "double", run: ([value]) => run(value) });
}

function test(name: string, holds: (value: number) => boolean): Overload {
  return overload(`math.${name}`, { takes: ["double"], gives: "bool", run: ([value]) => holds(value) });
}

function bitwise(name: string, run: (a: bigint, b: bigint) => bigint): Overload[] {
  return [
    overload(`math.${name}`, { takes: ["int", "int"], gives: "int", run: ([a, b]) => run(a, b) }),
    overload(`math.${name}`, {
      takes: ["uint", "uint"],
      gives: "uint",
      run: ([a, b]) => uintOf(run(a.value, b.value)),
    }),
  ];
}

/** Shifts the 64 bits of a number, without regard to a sign. */
function shift(name: string, run: (bits: bigint, by: bigint) => bigint): Overload[] {
  const shifted = (value: bigint, by: bigint): bigint => {
    if (by < 0n) throw new EvaluationFault(`math.${name}() negative offset: ${by}`);
    return by >= 64n ? 0n : BigInt.asUintN(64, run(BigInt.asUintN(64, value), by));
  };
  return [
    overload(`math.${name}`, {
      takes: ["int", "int"],
      gives: "int",
      run: ([value, by]) => BigInt.asIntN(64, shifted(value, by)),
    }),
    overload(`math.${name}`, {
      takes: ["uint", "int"],
      gives: "uint",
      run: ([{ value }, by]) => new UnsignedValue(shifted(value, by)),
    }),
  ];
}

function extreme(args: readonly Value[], { sign, meter }: { sign: 1 | -1; meter: Meter }): Value {
  const [only] = args;
  const values = args.length === 1 && only instanceof ListValue ? only.items : args;
  meter.spend(values.length);
  let best: Value | undefined;
  for (const value of values) {
    if (!haveOrder(0n, value)) throw new EvaluationFault(`no such overload: math takes numbers, not ${kindOf(value)}`);
    if (best === undefined || (compareValues(value, best) ?? 0) * sign > 0) best = value;
  }
  if (best === undefined) throw new EvaluationFault("math.greatest() and math.least() need at least one number");
  return best;
}
