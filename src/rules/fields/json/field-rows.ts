import type { AlertValue } from "../../../model/events/alert.ts";
import { cleanText } from "../../language/byte-string.ts";
import { ConditionError } from "../../language/condition.ts";
import type { FieldCatalogue, FieldDefinition, FieldValue, ResolvedField } from "../../language/field.ts";
import type { JsonRuleEvent } from "./json-rule-event.ts";

/** A value of a field, or several when it is a list. */
export type Extracted = FieldValue | readonly FieldValue[] | undefined;

/** Reads a field from an event. */
export type Extract = (event: JsonRuleEvent) => Extracted;

/** A field and how it is read. */
export interface FieldRow {
  readonly definition: FieldDefinition;
  /** The reader for an argument, as text, which has the form that the definition asks for. */
  bind(argument: string | undefined): Extract;
  /** The value in JSON where it is not what the type says. */
  json?(event: JsonRuleEvent): AlertValue;
}

/** A catalogue made of rows; a later row with a known name replaces the earlier one. Empty lists are missing values. */
export function catalogueOf(rows: readonly FieldRow[]): FieldCatalogue<JsonRuleEvent> {
  const byName = new Map(rows.map((row) => [row.definition.name, row]));
  return {
    definitions: [...byName.values()].map(({ definition }) => definition),
    resolve(name, argument) {
      const row = byName.get(name);
      return row && resolved(row, argument);
    },
  };
}

function resolved(row: FieldRow, argument: string | undefined): ResolvedField<JsonRuleEvent> {
  const { definition, json } = row;
  checkArgument(definition, argument);
  const read = row.bind(argument === undefined ? undefined : cleanText(argument));
  const isList = definition.isList === true;
  return {
    definition,
    argument,
    type: definition.type,
    isList,
    extract: isList ? (event) => withoutEmpty(read(event)) : read,
    ...(json && { json }),
  };
}

function withoutEmpty(value: Extracted): Extracted {
  return Array.isArray(value) && value.length === 0 ? undefined : value;
}

function checkArgument({ name, argument: form }: FieldDefinition, argument: string | undefined): void {
  if (argument === undefined) {
    if (form?.isRequired) throw new ConditionError(`filter '${name}': ${name} requires an argument but none provided`);
    return;
  }
  const whole = `${name}[${argument}]`;
  if (!form) {
    throw new ConditionError(
      `filter '${whole}': ${name} does not allow nor require an argument but one is provided: ${argument}`,
    );
  }
  if (form.isIndex && !form.isKey) checkIndex(whole, name, argument);
}

function checkIndex(whole: string, name: string, argument: string): void {
  const wrong = (what: string): ConditionError =>
    new ConditionError(`filter ${whole} ${name} has an invalid index argument ${what}: ${argument}`);
  if (/\D/.test(argument)) throw wrong("not composed only by digits");
  if (argument === "" || /^0./.test(argument)) throw wrong("starting with 0");
  if (BigInt.asUintN(64, BigInt(argument.slice(0, 24))) !== BigInt(argument))
    throw wrong("not representable on 64 bit");
}
