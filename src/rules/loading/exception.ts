import { trimEnd } from "../../model/text/trim-end.ts";
import { operators } from "../language/operators.ts";
import { type LoadContext, LoadError } from "./load-context.ts";
import type { ExceptionDefinition, ExceptionEntry } from "./rule-definition.ts";

/**
 * Whether a source has a field that can stand on the left side; `undefined`: the source is not known, and neither are
 * its fields.
 */
export type FieldCheck = ((field: string) => boolean) | undefined;

/**
 * The exception with the operators that it leaves out. Error: a {@link LoadError} when its parts do not fit together.
 */
export function completeException(exception: ExceptionDefinition, isField: FieldCheck): ExceptionDefinition {
  const { context, fields } = exception;
  if (typeof fields === "string") {
    const given = exception.operators.length === 0 ? "in" : exception.operators;
    if (typeof given !== "string") throw invalid("Fields and comps must both be strings", context);
    const operator = trimmed(given);
    if (!operators.list.includes(operator) && !hasModifier(operator)) {
      const words = "(in, pmatch, intersects) or a modifier operator (e.g. startswith oneof)";
      throw invalid(`When fields is a single value, comps must be one of ${words}`, context);
    }
    checkField(fields, isField, context);
    return { ...exception, operators: operator };
  }
  const given = exception.operators.length === 0 ? fields.map(() => "=") : exception.operators;
  if (typeof given === "string" || given.length !== fields.length) {
    throw invalid("Fields and comps lists must have equal length", context);
  }
  const complete = given.map((entry) => trimmed(textOf(entry)));
  for (const operator of complete) {
    if (!Object.values(operators).flat().includes(operator) && !hasModifier(operator)) {
      throw invalid(`'${operator}' is not a supported comparison operator`, context);
    }
  }
  for (const field of fields) checkField(textOf(field), isField, context);
  return { ...exception, operators: complete };
}

/**
 * The condition with each exception as `and not (…)`. Error: a {@link LoadError} for values that do not fit the fields.
 */
export function withExceptions(condition: string, exceptions: readonly ExceptionDefinition[]): string {
  if (exceptions.length === 0) return condition;
  const clauses = exceptions.map(exceptionClause).filter((clause) => clause !== "");
  return [`(${condition})`, ...clauses.map((clause) => `not ${clause}`)].join(" and ");
}

/** The text of an entry; empty for a list. */
export function textOf(entry: ExceptionEntry | undefined): string {
  return typeof entry === "string" ? entry : "";
}

function exceptionClause({ fields, operators: comparisons, values, context }: ExceptionDefinition): string {
  if (values.length === 0) return "";
  if (typeof fields === "string") {
    const items = values.map((value) => {
      if (typeof value !== "string") throw invalid("Expected values array to contain a list of strings", context);
      return quoted(value);
    });
    return `(${fields} ${textOf(comparisons)} (${items.join(", ")}))`;
  }
  const alternatives = values.map((value) => {
    if (typeof value === "string" ? fields.length > 0 : value.length !== fields.length) {
      throw invalid("Fields and values lists must have equal length", context);
    }
    const checks = fields.map((field, index) => {
      const operator = textOf(comparisons[index]);
      return ` ${textOf(field)} ${operator} ${rightSide(value[index] ?? "", operator)}`;
    });
    return `(${checks.join(" and ")})`;
  });
  return `(${alternatives.join(" or ")})`;
}

function rightSide(value: ExceptionEntry, operator: string): string {
  if (typeof value !== "string") return `(${value.map((entry) => quoted(textOf(entry))).join(", ")})`;
  if (!operators.list.includes(operator) && !hasModifier(operator)) return quoted(value);
  return value.startsWith("(") ? value : `(${value})`;
}

/** In double quotes when it has a blank and no quote at its begin; a quote inside stays as it is, as in Falco. */
export function quoted(text: string): string {
  return text.includes(" ") && !/^["']/.test(text) ? `"${text}"` : text;
}

function hasModifier(operator: string): boolean {
  const match = /^(\S+) (?:oneof|anyof|allof)$/.exec(operator);
  return match?.[1] !== undefined && operators.text.includes(match[1]);
}

function trimmed(text: string): string {
  return trimEnd(text.replace(/^[ \t\r\n]+/, ""), " \t\r\n");
}

function checkField(field: string, isField: FieldCheck, context: LoadContext): void {
  if (isField && !isField(field)) throw invalid(`'${field}' is not a supported filter field`, context);
}

function invalid(message: string, context: LoadContext): LoadError {
  return new LoadError("LOAD_ERR_VALIDATE", message, context);
}
