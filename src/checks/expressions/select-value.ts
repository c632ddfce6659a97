import { EvaluationFault } from "./values/fault.ts";
import { kindOf, ListValue, MapValue, noValue, OptionalValue, UnsignedValue, type Value } from "./values/value.ts";

/** How a value is selected: an optional selection of what is absent gives an empty optional. */
interface Selection {
  readonly isOptional: boolean;
}

/**
 * `operand.field`. From an optional it selects what that holds, and gives an optional again. @throws EvaluationFault
 */
export function selectField(operand: Value, field: string, { isOptional }: Selection): Value {
  if (operand instanceof OptionalValue) return throughOptional(operand, (held) => fieldOf(held, field));
  const value = fieldOf(operand, field);
  if (isOptional) return value === undefined ? noValue : new OptionalValue(value);
  if (value === undefined) throw new EvaluationFault(`no such key: ${field}`);
  return value;
}

/** `has(operand.field)`. @throws EvaluationFault when nothing has fields there. */
export function testField(operand: Value, field: string): boolean {
  if (operand instanceof OptionalValue) return operand.value !== undefined && testField(operand.value, field);
  if (operand instanceof MapValue) return operand.has(field);
  throw new EvaluationFault(`no such overload: has() on a field of a value of type ${kindOf(operand)}`);
}

/** `operand[index]`, with optionals as of {@link selectField}. @throws EvaluationFault */
export function indexValue(operand: Value, index: Value, { isOptional }: Selection): Value {
  if (operand instanceof OptionalValue) return throughOptional(operand, (held) => itemOf(held, index));
  const value = itemOf(operand, index);
  if (isOptional) return value === undefined ? noValue : new OptionalValue(value);
  if (value !== undefined) return value;
  const shown = index instanceof UnsignedValue ? index.value : index;
  throw new EvaluationFault(operand instanceof ListValue ? `index out of bounds: ${shown}` : `no such key: ${shown}`);
}

function throughOptional(optional: OptionalValue, select: (held: Value) => Value | undefined): Value {
  if (optional.value === undefined) return noValue;
  const value = select(optional.value);
  return value === undefined ? noValue : new OptionalValue(value);
}

function fieldOf(operand: Value, field: string): Value | undefined {
  if (operand instanceof MapValue) return operand.get(field);
  throw new EvaluationFault(`no such key: ${field}, a value of type ${kindOf(operand)} has no fields`);
}

function itemOf(operand: Value, index: Value): Value | undefined {
  if (operand instanceof MapValue) return operand.get(index);
  if (!(operand instanceof ListValue)) {
    throw new EvaluationFault(`no such overload: a value of type ${kindOf(operand)} has no items`);
  }
  const position = index instanceof UnsignedValue ? index.value : index;
  if (typeof position === "bigint") return operand.items[Number(position)];
  if (typeof position === "number" && Number.isInteger(position)) return operand.items[position];
  throw new EvaluationFault(`no such overload: a list has no item at a ${kindOf(index)}`);
}
