import type { Condition } from "./profile.ts";

const signs = { NE: "!=", LT: "<", LE: "<=", EQ: "==", GE: ">=", GT: ">" } as const;

/** `arg0 == 8`, with arguments numbered from 0; masks in hexadecimal. */
function conditionText({ index, operator, value, masked }: Condition): string {
  if (operator === "MASKED_EQ") return `(arg${index} & 0x${value.toString(16)}) == ${numberText(masked)}`;
  return `arg${index} ${signs[operator]} ${numberText(value)}`;
}

/** All conditions, joined with `and`. */
export function conditionsText(conditions: readonly Condition[]): string {
  return conditions.map(conditionText).join(" and ");
}

function numberText(value: bigint): string {
  return value > 0xffffn ? `0x${value.toString(16)}` : String(value);
}
