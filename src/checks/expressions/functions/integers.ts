import { EvaluationFault } from "../values/fault.ts";
import { UnsignedValue } from "../values/value.ts";

/** An `int`, when a number fits into 64 bits. @throws EvaluationFault */
export function intOf(value: bigint): bigint {
  if (BigInt.asIntN(64, value) !== value) throw new EvaluationFault("integer overflow");
  return value;
}

/** A `uint`, when a number fits into 64 bits. @throws EvaluationFault */
export function uintOf(value: bigint): UnsignedValue {
  if (BigInt.asUintN(64, value) !== value) throw new EvaluationFault("unsigned integer overflow");
  return new UnsignedValue(value);
}

/** A whole number as an index or a count, capped at what JavaScript counts exactly. */
export function indexOf(value: bigint): number {
  const highest = BigInt(Number.MAX_SAFE_INTEGER);
  if (value > highest) return Number.MAX_SAFE_INTEGER;
  return value < -highest ? -Number.MAX_SAFE_INTEGER : Number(value);
}
