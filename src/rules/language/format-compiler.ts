import type { AlertValue } from "../../model/events/alert.ts";
import { cleanText, toByteString } from "./byte-string.ts";
import { ConditionError, type FieldOperand, type Operand, type TransformerOperand } from "./condition.ts";
import type { FieldCatalogue, RuleEvent } from "./field.ts";
import type { Generation } from "./generation.ts";
import { nonexistentField, type OperandReader, OperandReaders } from "./operand-reader.ts";
import { type FormatPart, type ParsedFormat, parseFormat } from "./parse-format.ts";
import { printOperand } from "./print-condition.ts";
import { operandJson, printOperandValue } from "./print-operand.ts";

/** An output format, ready to be filled in from events. */
export interface OutputFormat<E extends RuleEvent> {
  /**
   * What it shows, in order: `proc.name`, `evt.arg[0]`; of a transformer the fields in it and itself:
   * `toupper(proc.name)`.
   */
  readonly fields: readonly string[];
  /**
   * The text, UTF-8 clean. A value that is missing prints `<NA>` when the format begins with `*`; otherwise the text
   * ends before it and is not complete, and Falco would not show it.
   */
  render(event: E): { readonly text: string; readonly isComplete: boolean };
  /**
   * The fields with their values, each once. A missing field is `null` when the format begins with `*`; otherwise the
   * list ends before it. Transformers are left out, as Falco does, unless asked for.
   */
  values(event: E): [name: string, value: AlertValue][];
}

/** How formats are compiled. */
export interface FormatOptions {
  readonly generation?: Generation;
  /** What transformers give is among the values. */
  readonly includesTransformed?: boolean;
  /**
   * Converts the text of a value for display, because the value is outside text; the text of the format is the user's.
   */
  readonly shown?: (value: string) => string;
}

interface ShownField<E extends RuleEvent> {
  readonly name: string;
  readonly reader: OperandReader<E>;
  readonly isTransformed: boolean;
}

/** Turns output formats (`%proc.name`, `%evt.arg[0]`, `%toupper(proc.name)`, `%20fd.name`) into functions. */
export class FormatCompiler<E extends RuleEvent> {
  readonly #readers: OperandReaders<E>;
  readonly #generation: Generation;
  readonly #includesTransformed: boolean;
  readonly #shownText: FormatOptions["shown"];

  constructor(
    catalogue: FieldCatalogue<E>,
    { generation = "head", includesTransformed = false, shown }: FormatOptions = {},
  ) {
    this.#readers = new OperandReaders(catalogue);
    this.#shownText = shown;
    this.#generation = generation;
    this.#includesTransformed = includesTransformed;
  }

  /** A `ConditionError` for a token that is not a field. */
  compile(format: string): OutputFormat<E> {
    const parsed = this.#parse(format);
    const shown = parsed.parts.flatMap((part) => (part.kind === "operand" ? this.#shown(part.operand) : []));
    const valued = uniquelyNamed(shown.filter(({ isTransformed }) => this.#includesTransformed || !isTransformed));
    const pieces = parsed.parts.map((part) => this.#piece(part));
    return {
      fields: shown.map(({ name }) => name),
      render: (event) => rendered(pieces, parsed.needsAll, event),
      values: (event) => valuesOf(valued, parsed.needsAll, event),
    };
  }

  #parse(format: string): ParsedFormat {
    try {
      return parseFormat(toByteString(format), {
        generation: this.#generation,
        isKnown: (operand) => this.#isKnown(operand),
      });
    } catch (error) {
      if (!(error instanceof ConditionError)) throw error;
      throw new ConditionError(cleanText(error.message), error.place, this.#hint(format, error));
    }
  }

  /** Names the token at the place of the error, and the field that may be meant. */
  #hint(format: string, { place }: ConditionError): string | undefined {
    const token =
      place && /^%[0-9]*([a-zA-Z][\w.]*)/.exec(toByteString(format).slice(place.index, place.index + 300))?.[1];
    return token === undefined || this.#readers.hasField(token) ? undefined : this.#readers.hintOf(token);
  }

  #isKnown(operand: FieldOperand | TransformerOperand): boolean {
    try {
      this.#readers.reader(operand);
      return true;
    } catch (error) {
      // The library of 0.40 tries nothing shorter once a field is found.
      const isFinal = this.#generation === "0.40" && !(error as Error).message.startsWith(nonexistentField);
      if (error instanceof ConditionError && !isFinal) return false;
      throw error;
    }
  }

  // The fields of an operand, then its transformers, of nested ones the outermost.
  #shown(operand: FieldOperand | TransformerOperand): ShownField<E>[] {
    const fields: ShownField<E>[] = [];
    let isAfterTransformer = false;

    const visit = (part: Operand): void => {
      switch (part.kind) {
        case "fields":
          part.operands.forEach(visit);
          break;
        case "field":
          fields.push({ name: printOperand(part), reader: this.#readers.reader(part), isTransformed: false });
          isAfterTransformer = false;
          break;
        case "transformer":
          part.operands.forEach(visit);
          if (isAfterTransformer) fields.pop();
          fields.push({ name: printOperand(part), reader: this.#readers.reader(part), isTransformed: true });
          isAfterTransformer = true;
      }
    };

    visit(operand);
    return fields;
  }

  #piece(part: FormatPart): Piece<E> {
    if (part.kind === "text") return { read: () => part.text, width: undefined };
    const reader = this.#readers.reader(part.operand);
    if (this.#generation === "0.40" && reader.field?.definition.isFilterOnly) {
      throw new ConditionError(`${reader.name} is filter only and cannot be used as a display field`);
    }
    const shown = this.#shownText;
    if (shown === undefined) return { read: (event) => printOperandValue(reader, event), width: part.width };
    return {
      read: (event) => {
        const value = printOperandValue(reader, event);
        return value === undefined ? undefined : toByteString(shown(cleanText(value)));
      },
      width: part.width,
    };
  }
}

interface Piece<E extends RuleEvent> {
  /** A byte string; `undefined` when the value is missing. */
  readonly read: (event: E) => string | undefined;
  readonly width: number | undefined;
}

function rendered<E extends RuleEvent>(
  pieces: readonly Piece<E>[],
  needsAll: boolean,
  event: E,
): { text: string; isComplete: boolean } {
  let text = "";
  for (const { read, width } of pieces) {
    const value = read(event);
    if (value === undefined && needsAll) return { text: cleanText(text), isComplete: false };
    const shown = value ?? "<NA>";
    text += width === undefined ? shown : shown.slice(0, width).padEnd(width);
  }
  return { text: cleanText(text), isComplete: true };
}

function valuesOf<E extends RuleEvent>(
  fields: readonly ShownField<E>[],
  needsAll: boolean,
  event: E,
): [string, AlertValue][] {
  const values: [string, AlertValue][] = [];
  for (const { name, reader } of fields) {
    const value = operandJson(reader, event);
    if (value === null && needsAll) break;
    values.push([name, value]);
  }
  return values;
}

function uniquelyNamed<E extends RuleEvent>(fields: readonly ShownField<E>[]): ShownField<E>[] {
  return [...new Map(fields.map((field) => [field.name, field])).values()];
}
