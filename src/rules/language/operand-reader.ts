import { nearestName } from "../../model/text/nearest-name.ts";
import { ConditionError, type FieldOperand, type Operand, type TransformerOperand } from "./condition.ts";
import type { FieldCatalogue, FieldType, FieldValue, PrintFormat, ResolvedField, RuleEvent } from "./field.ts";
import { optionArgument, optionArguments } from "./option-arguments.ts";
import { printValue } from "./print-value.ts";
import { transformOf } from "./transform.ts";

/** How the message for an unknown field begins. */
export const nonexistentField = "filter_check called with nonexistent field";

/** A value as it is read from an event: one, several of a list, or none. */
export type ReadValue = FieldValue | readonly FieldValue[] | undefined;

/**
 * A field, a transformer or a constant, ready to be read from events; what it reads is kept while the event is the
 * same.
 */
export interface OperandReader<E extends RuleEvent> {
  /** The field, as messages name it. */
  readonly name: string;
  readonly type: FieldType;
  readonly isList: boolean;
  readonly format: PrintFormat;
  /** The type of the field below all transformers. */
  readonly origin: { readonly type: FieldType; readonly isList: boolean };
  /** The field, when nothing transforms it. */
  readonly field?: ResolvedField<E>;
  readonly refusesTransformers: boolean;
  readonly isNeverRight: boolean;
  readonly read: (event: E) => ReadValue;
}

/** Makes readers of the operands of conditions and formats. Equal operands share one reader. */
export class OperandReaders<E extends RuleEvent> {
  readonly #catalogue: FieldCatalogue<E>;
  readonly #readers = new Map<string, OperandReader<E>>();

  constructor(catalogue: FieldCatalogue<E>) {
    this.#catalogue = catalogue;
  }

  /** A `ConditionError`, in Falco's words, for an unknown field or a transformer that does not take its operands. */
  reader(operand: FieldOperand | TransformerOperand): OperandReader<E> {
    const key = operandKey(operand);
    const known = this.#readers.get(key);
    if (known !== undefined) return known;
    const reader = operand.kind === "field" ? this.#field(operand) : this.#transformer(operand);
    this.#readers.set(key, reader);
    return reader;
  }

  /** A field of this name exists, whatever its argument is. */
  hasField(name: string): boolean {
    return this.#catalogue.definitions.some((definition) => definition.name === name);
  }

  /** What to say of a name that is not the name of a field. */
  hintOf(name: string): string {
    const near = nearestName(
      name,
      this.#catalogue.definitions.map((definition) => definition.name),
    );
    const subject = `The source of the rule has no field ${name}`;
    return near === undefined ? `${subject}.` : `${subject}. Did you mean ${near}?`;
  }

  #field({ name, argument }: FieldOperand): OperandReader<E> {
    const field = this.#catalogue.resolve(name, argument);
    if (field === undefined) {
      const text = argument === undefined ? name : `${name}[${argument}]`;
      throw new ConditionError(
        `${nonexistentField} ${text}`,
        undefined,
        this.hasField(name) ? undefined : this.hintOf(name),
      );
    }
    const { definition, type, isList } = field;
    return {
      name: definition.name,
      type,
      isList,
      format: definition.format,
      origin: { type, isList },
      field,
      refusesTransformers: definition.refusesTransformers === true,
      isNeverRight: definition.isNeverRight === true,
      read: remembered((event) => field.extract(event)),
    };
  }

  #transformer({ name, operands, argument }: TransformerOperand): OperandReader<E> {
    const readers = operands.map((operand) => this.#operand(operand));
    const [first] = readers;
    if (first === undefined) throw new ConditionError(`filter error: found null child node on '${name}' transformer`);
    if (name === "val" || readers.length === 1) {
      if (argument !== undefined) {
        throw new ConditionError(`filter error: transformer '${name}' does not support field arguments`);
      }
      return name === "val" ? first : single(name, first);
    }
    switch (name) {
      case "join":
        return join(readers);
      case "concat":
        return concat(readers);
      case "getopt":
        return getopt(readers, argument);
      default:
        throw new ConditionError("unknown multivalue transformer");
    }
  }

  #operand(operand: Operand): OperandReader<E> {
    switch (operand.kind) {
      case "field":
      case "transformer":
        return this.reader(operand);
      case "value":
        return internal({ isList: false, read: () => operand.text });
      case "fields":
        return list(operand.operands.map((part) => this.#operand(part)));
      default:
        throw new ConditionError("filter error: unexpected transformer operand", operand.place);
    }
  }
}

/** The same text for equal operands, and for no others. */
export function operandKey(operand: Operand): string {
  return JSON.stringify(operand, (name, value: unknown) => (name === "place" ? undefined : value));
}

// Reads once for each event.
function remembered<E extends RuleEvent>(read: (event: E) => ReadValue): (event: E) => ReadValue {
  let serial = -1;
  let value: ReadValue;
  return (event) => {
    if (event.serial !== serial) {
      value = read(event);
      serial = event.serial;
    }
    return value;
  };
}

interface Made<E extends RuleEvent> {
  readonly isList: boolean;
  readonly read: (event: E) => ReadValue;
  readonly hasListOrigin?: boolean;
}

// An operand that is not a field: constants, and transformers of several operands.
function internal<E extends RuleEvent>({ isList, read, hasListOrigin = isList }: Made<E>): OperandReader<E> {
  return {
    name: "NA",
    type: "CHARBUF",
    isList,
    format: "NA",
    origin: { type: "CHARBUF", isList: hasListOrigin },
    refusesTransformers: false,
    isNeverRight: false,
    read,
  };
}

function single<E extends RuleEvent>(name: string, operand: OperandReader<E>): OperandReader<E> {
  if (operand.refusesTransformers) throw new ConditionError(`field '${operand.name}' does not support transformers`);
  const { type, isList } = operand;
  const transform = transformOf(name, { type, isList, field: operand.name });
  const { field: _, ...rest } = operand;
  return {
    ...rest,
    type: transform.type,
    isList: transform.isList,
    read: remembered((event) => {
      const value = operand.read(event);
      return value === undefined ? undefined : transform.apply(value);
    }),
  };
}

// Its parts, those that are lists one by one; none when one of them is missing.
function list<E extends RuleEvent>(parts: readonly OperandReader<E>[]): OperandReader<E> {
  return internal({
    isList: true,
    read: (event) => {
      const texts: string[] = [];
      for (const part of parts) {
        const value = part.read(event);
        if (value === undefined) return undefined;
        texts.push(...textsOf(value, part));
      }
      return texts;
    },
  });
}

function join<E extends RuleEvent>(operands: readonly OperandReader<E>[]): OperandReader<E> {
  const [separator, parts] = pair(operands, "join() requires exactly 2 arguments: separator and list");
  if (separator.origin.isList) {
    throw new ConditionError("join() first argument (separator) must be a single value, not a list");
  }
  if (!parts.origin.isList) throw new ConditionError("join() second argument must be a list");
  return internal({
    isList: false,
    read: remembered((event) => {
      const between = separator.read(event);
      const values = between === undefined ? undefined : parts.read(event);
      if (between === undefined || values === undefined) return undefined;
      return textsOf(values, parts).join(textsOf(between, separator)[0]);
    }),
  });
}

function concat<E extends RuleEvent>(operands: readonly OperandReader<E>[]): OperandReader<E> {
  if (operands.some(({ origin }) => origin.type !== "CHARBUF" || origin.isList)) {
    throw new ConditionError("concat() arguments must be strings");
  }
  return internal({
    isList: false,
    read: remembered((event) => {
      let text = "";
      for (const operand of operands) {
        const value = operand.read(event);
        if (value === undefined) return undefined;
        text += textsOf(value, operand).join("");
      }
      return text;
    }),
  });
}

function getopt<E extends RuleEvent>(
  operands: readonly OperandReader<E>[],
  argument: string | undefined,
): OperandReader<E> {
  const [words, options] = pair(operands, "getopt() requires exactly 2 arguments: args list and optstring");
  if (!words.origin.isList) throw new ConditionError("getopt() first argument must be a list");
  if (options.origin.isList) {
    throw new ConditionError("getopt() second argument (optstring) must be a single value");
  }
  if (words.origin.type !== "CHARBUF" || options.origin.type !== "CHARBUF") {
    throw new ConditionError("getopt() arguments must be strings");
  }
  if (argument !== undefined && argument.length !== 1) {
    throw new ConditionError("getopt() field argument must be a single option character");
  }
  return internal({
    isList: argument === undefined,
    // Among the operands of another transformer it does not count as a list.
    hasListOrigin: false,
    read: remembered((event) => {
      const description = options.read(event);
      const values = description === undefined ? undefined : words.read(event);
      if (description === undefined || values === undefined) return undefined;
      const texts = textsOf(values, words);
      const known = textsOf(description, options)[0] ?? "";
      return argument === undefined ? optionArguments(texts, known) : optionArgument(texts, known, argument);
    }),
  });
}

function pair<T>(operands: readonly T[], message: string): [T, T] {
  const [first, second, more] = operands;
  if (first === undefined || second === undefined || more !== undefined) throw new ConditionError(message);
  return [first, second];
}

// Numbers as they print; texts as they are.
function textsOf<E extends RuleEvent>(value: NonNullable<ReadValue>, { type, format }: OperandReader<E>): string[] {
  const values = Array.isArray(value) ? (value as readonly FieldValue[]) : [value as FieldValue];
  return values.map((one) => (typeof one === "string" ? one : (printValue(one, { type, format }) ?? String(one))));
}
