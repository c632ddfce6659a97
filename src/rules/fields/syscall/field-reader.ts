import type { AlertValue } from "../../../model/events/alert.ts";
import type { ByteString } from "../../../model/events/kernel-event.ts";
import type { FieldType, FieldValue } from "../../language/field.ts";
import type { KernelEvent } from "../../state/kernel-event.ts";
import type { Generation } from "../../state/kernel-state.ts";
import type { ParameterContext } from "./parameter-text.ts";

/**
 * Domain names as far as they were looked up; both ways answer from memory. Addresses are byte strings of 4 or 16
 * characters.
 */
export interface DomainNames {
  nameOf(address: ByteString): string | undefined;
  addressesOf(name: string): ReadonlySet<ByteString> | undefined;
}

/** What all fields of one catalogue share. */
export interface FieldContext extends ParameterContext {
  readonly generation: Generation;
  readonly hostname: string | undefined;
  readonly domainNames: DomainNames | undefined;
}

/** The value of a field in an event; a list of values for a field that is one. */
export type ReadField = (event: KernelEvent) => FieldValue | readonly FieldValue[] | undefined;

/** A field with its argument, as `ResolvedField` has it, without what its definition says already. */
export interface FieldReader {
  readonly extract: ReadField;
  /** Where the argument decides it. */
  readonly type?: FieldType;
  readonly typeIn?: (event: KernelEvent) => FieldType;
  readonly print?: (event: KernelEvent) => string | undefined;
  readonly json?: (event: KernelEvent) => AlertValue;
  readonly comparison?: (operator: string, values: readonly string[]) => ((event: KernelEvent) => boolean) | undefined;
}

/**
 * Makes the reader of a field. `argument` is the text in brackets, or behind the name of a field that takes it there
 * (`evt.arg.flags`). Errors: a `ConditionError` for a wrong argument; `undefined` when there is no such field.
 */
export type FieldMaker = (argument: FieldArgument, context: FieldContext) => FieldReader | undefined;

/** The makers of some fields by their names. */
export type FieldMakers = Readonly<Record<string, FieldMaker>>;

/** What stands behind the name of a field. */
export interface FieldArgument {
  /** The name and what follows, as it was written. */
  readonly written: string;
  /** The text in brackets. */
  readonly bracketed: string | undefined;
  /** The text behind the dot that follows the name. */
  readonly dotted: string | undefined;
}

/** Fields that take no argument, by name. */
export function plainFields(fields: Readonly<Record<string, (context: FieldContext) => ReadField>>): FieldMakers {
  return Object.fromEntries(
    Object.entries(fields).map(([name, read]): [string, FieldMaker] => [
      name,
      ({ bracketed, dotted }, context) =>
        bracketed === undefined && dotted === undefined ? { extract: read(context) } : undefined,
    ]),
  );
}

/** A number of 64 bits as a field value: a number while it is a safe one. */
export function integer(value: bigint): number | bigint {
  return value >= -9_007_199_254_740_991n && value <= 9_007_199_254_740_991n ? Number(value) : value;
}

/** A whole number of an argument; `undefined` when it is none. As `sinsp_numparser` reads 32 bits. */
export function wholeNumber(text: string): number | undefined {
  if (!/^[+-]?\d{1,10}$/.test(text)) return undefined;
  const number = Number(text);
  return number >= -0x8000_0000 && number <= 0x7fff_ffff ? number : undefined;
}
