import { EvaluationFault } from "../values/fault.ts";
import { DurationValue, TimestampValue } from "../values/value.ts";

const second = 1_000_000_000n;
const earliest = -62_135_596_800n * second;
const latest = 253_402_300_800n * second - 1n;

/** A point in time of the years 1 to 9999, from nanoseconds since 1970. @throws EvaluationFault */
export function timestampOf(nanoseconds: bigint): TimestampValue {
  if (nanoseconds < earliest || nanoseconds > latest) throw new EvaluationFault("timestamp out of range");
  return new TimestampValue(nanoseconds);
}

/** A span of up to 292 years, which is what 64 bits of nanoseconds hold. @throws EvaluationFault */
export function durationOf(nanoseconds: bigint): DurationValue {
  if (BigInt.asIntN(64, nanoseconds) !== nanoseconds) throw new EvaluationFault("duration out of range");
  return new DurationValue(nanoseconds);
}
