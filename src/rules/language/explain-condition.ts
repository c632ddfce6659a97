import { cleanText } from "./byte-string.ts";
import type { CompiledCheck } from "./compile-check.ts";
import type { Condition } from "./condition.ts";
import type { Explanation } from "./condition-compiler.ts";
import type { RuleEvent } from "./field.ts";
import type { OperandReader } from "./operand-reader.ts";
import { printParts } from "./print-operand.ts";
import { constantsOf } from "./value-warnings.ts";

/** A compiled part of a condition. */
export interface ExplainableNode<E extends RuleEvent> {
  evaluate(event: E): boolean;
  /** For checks. */
  readonly check: CompiledCheck<E> | undefined;
}

interface Context<E extends RuleEvent> {
  readonly event: E;
  readonly node: (condition: Condition) => ExplainableNode<E>;
}

/** Evaluates a condition part by part, and stops where its function stops. */
export function explain<E extends RuleEvent>(condition: Condition, context: Context<E>): Explanation {
  switch (condition.kind) {
    case "and":
    case "or": {
      const decides = condition.kind === "or";
      const parts: Explanation[] = [];
      let isDecided = false;
      for (const operand of condition.operands) {
        const part = isDecided ? skipped(operand) : explain(operand, context);
        if (part.result === decides) isDecided = true;
        parts.push(part);
      }
      return { condition, result: isDecided === decides, parts };
    }
    case "not": {
      const part = explain(condition.operand, context);
      return { condition, result: !part.result, parts: [part] };
    }
    default:
      return explainCheck(condition, context);
  }
}

function skipped(condition: Condition): Explanation {
  return { condition, result: undefined, reason: "decided before" };
}

function explainCheck<E extends RuleEvent>(condition: Condition, { event, node }: Context<E>): Explanation {
  const { check, evaluate } = node(condition);
  const result = evaluate(event);
  if (check === undefined || condition.kind !== "check") return { condition, result };
  const left = shown(check.left, event);
  const right = check.right === undefined ? constantsOf(condition.right)?.map(cleanText) : shown(check.right, event);
  const reason = reasonOf({ result, left, right: check.right === undefined ? undefined : right });
  return {
    condition,
    result,
    ...(left === undefined ? {} : { left }),
    ...(right === undefined ? {} : { right }),
    ...(reason === undefined ? {} : { reason }),
  };
}

interface Sides {
  readonly result: boolean;
  readonly left: readonly string[] | undefined;
  readonly right: readonly string[] | undefined;
}

function reasonOf({ result, left, right }: Sides): Explanation["reason"] {
  if (result) return undefined;
  if (left?.length === 0) return "missing";
  return right?.length === 0 ? "right side missing" : undefined;
}

function shown<E extends RuleEvent>(reader: OperandReader<E>, event: E): readonly string[] | undefined {
  if (reader.field?.definition.isFilterOnly) return undefined;
  return printParts(reader, event)?.map(cleanText) ?? [];
}
