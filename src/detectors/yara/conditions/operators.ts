import { RuleError } from "../syntax/rule-error.ts";
import type { BinaryOperator } from "../syntax/rule-syntax.ts";
import type { Compiled, Type, Value } from "./value.ts";

type NumberOperation = (left: number, right: number) => Value;
type TextOperation = (left: string, right: string) => Value;

const comparisons: Readonly<Record<string, (left: number | string, right: number | string) => boolean>> = {
  "==": (left, right) => left === right,
  "!=": (left, right) => left !== right,
  "<": (left, right) => left < right,
  "<=": (left, right) => left <= right,
  ">": (left, right) => left > right,
  ">=": (left, right) => left >= right,
};

const onTexts: Readonly<Record<string, TextOperation>> = {
  contains: (left, right) => left.includes(right),
  icontains: (left, right) => lower(left).includes(lower(right)),
  startswith: (left, right) => left.startsWith(right),
  istartswith: (left, right) => lower(left).startsWith(lower(right)),
  endswith: (left, right) => left.endsWith(right),
  iendswith: (left, right) => lower(left).endsWith(lower(right)),
  iequals: (left, right) => lower(left) === lower(right),
};

const onIntegers: Readonly<Record<string, NumberOperation>> = {
  "+": (left, right) => within64Bits(left + right, (one, other) => one + other, [left, right]),
  "-": (left, right) => within64Bits(left - right, (one, other) => one - other, [left, right]),
  "*": (left, right) => within64Bits(left * right, (one, other) => one * other, [left, right]),
  "\\": (left, right) => (right === 0 ? undefined : Math.trunc(left / right)),
  "%": (left, right) => (right === 0 ? undefined : left % right),
  "&": bits(
    (left, right) => left & right,
    (left, right) => left & right,
  ),
  "|": bits(
    (left, right) => left | right,
    (left, right) => left | right,
  ),
  "^": bits(
    (left, right) => left ^ right,
    (left, right) => left ^ right,
  ),
  "<<": (left, right) => shifted(left, right, (value, count) => value << count),
  ">>": (left, right) => shifted(left, right, (value, count) => value >> count),
};

const onFloats: Readonly<Record<string, NumberOperation>> = {
  "+": (left, right) => left + right,
  "-": (left, right) => left - right,
  "*": (left, right) => left * right,
  "\\": (left, right) => left / right,
};

/** An operator between two values; `matches` is not among them. Error: {@link RuleError} for types that do not fit. */
export function compileBinary(
  operator: BinaryOperator,
  { left, right, line }: { readonly left: Compiled; readonly right: Compiled; readonly line: number },
): Compiled {
  const compare = comparisons[operator];
  const areTexts = left.type === "text" && right.type === "text";
  const areNumbers = isNumber(left.type) && isNumber(right.type);
  const isFloat = left.type === "float" || right.type === "float";
  if (compare && (areTexts || areNumbers)) {
    return {
      type: "boolean",
      evaluate: onDefined(left, right, (one, other) => compare(one as number, other as number)),
    };
  }
  const onText = onTexts[operator];
  if (onText && areTexts) {
    return {
      type: "boolean",
      evaluate: onDefined(left, right, (one, other) => onText(one as string, other as string)),
    };
  }
  const onNumber = isFloat ? onFloats[operator] : onIntegers[operator];
  if (onNumber && areNumbers) {
    const type = isFloat ? "float" : "integer";
    return { type, evaluate: onDefined(left, right, (one, other) => onNumber(one as number, other as number)) };
  }
  throw new RuleError(line, `${operator} between ${nameOf(left.type)} and ${nameOf(right.type)}`);
}

function onDefined(
  left: Compiled,
  right: Compiled,
  operation: (left: Value, right: Value) => Value,
): Compiled["evaluate"] {
  return (file) => {
    const one = left.evaluate(file);
    const other = right.evaluate(file);
    return one === undefined || other === undefined ? undefined : operation(one, other);
  };
}

/** Whether values of a type are numbers. */
export function isNumber(type: Type): boolean {
  return type === "integer" || type === "float";
}

/** A type as a message names it. */
export function nameOf(type: Type): string {
  return typeof type === "string" ? type : type.kind;
}

/** ~ of an integer. */
export function complement(value: number): number {
  return -value - 1;
}

/** Letters as in ASCII. */
function lower(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

function within64Bits(
  result: number,
  exactly: (left: bigint, right: bigint) => bigint,
  [left, right]: readonly [number, number],
): number {
  if (Number.isSafeInteger(result)) return result;
  return Number(BigInt.asIntN(64, exactly(BigInt(left), BigInt(right))));
}

function bits(
  small: (left: number, right: number) => number,
  large: (left: bigint, right: bigint) => bigint,
): NumberOperation {
  return (left, right) => {
    // Both in 31 bits: the operators of the language give the same.
    if (left >= 0 && right >= 0 && left <= 0x7fffffff && right <= 0x7fffffff) return small(left, right);
    return Number(BigInt.asIntN(64, large(BigInt(left), BigInt(right))));
  };
}

function shifted(value: number, count: number, shift: (value: bigint, count: bigint) => bigint): Value {
  if (count < 0) return undefined;
  return count >= 64 ? 0 : Number(BigInt.asIntN(64, shift(BigInt(value), BigInt(count))));
}
