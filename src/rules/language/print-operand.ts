import type { AlertValue } from "../../model/events/alert.ts";
import { cleanText } from "./byte-string.ts";
import type { FieldValue, RuleEvent } from "./field.ts";
import type { OperandReader } from "./operand-reader.ts";
import { jsonValue, printList, printValue, type ValueKind } from "./print-value.ts";

/** What an operand reads, as text: a byte string; `undefined` when it is missing or has no form to print. */
export function printOperandValue<E extends RuleEvent>(reader: OperandReader<E>, event: E): string | undefined {
  if (reader.field?.print !== undefined) return reader.field.print(event);
  const value = reader.read(event);
  if (value === undefined) return undefined;
  const kind = kindIn(reader, event);
  return reader.isList ? printList(value as readonly FieldValue[], kind) : printValue(value as FieldValue, kind);
}

/**
 * The same for people: the values of a list one by one; what has no form to print is empty. `undefined` when it is
 * missing.
 */
export function printParts<E extends RuleEvent>(reader: OperandReader<E>, event: E): readonly string[] | undefined {
  const value = reader.read(event);
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) return [printOperandValue(reader, event) ?? ""];
  const kind = kindIn(reader, event);
  return (value as readonly FieldValue[]).map((one) => printValue(one, kind) ?? "");
}

/** What an operand reads, as JSON; `null` when it is missing. */
export function operandJson<E extends RuleEvent>(reader: OperandReader<E>, event: E): AlertValue {
  const { field } = reader;
  if (field?.json !== undefined) return field.json(event);
  const value = reader.read(event);
  if (value === undefined) return null;
  if (field?.print !== undefined) {
    const text = field.print(event);
    return text === undefined ? null : cleanText(text);
  }
  const kind = kindIn(reader, event);
  if (!reader.isList) return jsonValue(value as FieldValue, kind);
  return (value as readonly FieldValue[]).map((one) => jsonValue(one, kind));
}

function kindIn<E extends RuleEvent>({ type, format, field }: OperandReader<E>, event: E): ValueKind {
  return { type: type === "DYN" ? (field?.typeIn?.(event) ?? "CHARBUF") : type, format };
}
