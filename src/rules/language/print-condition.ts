import { cleanText, isUtf8 } from "./byte-string.ts";
import { type Condition, ConditionError, type Operand } from "./condition.ts";
import { escapeText } from "./escape.ts";

/**
 * Trees deeper than this are refused by everything that walks them. A parsed condition is not; one made of macros could
 * be.
 */
export const maxTreeDepth = 2000;

/**
 * A condition as text again, as Falco prints it (`condition_compiled`). It need not parse again: Falco does not quote a
 * value for parentheses or commas in it, nor an empty one.
 */
export function printCondition(condition: Condition): string {
  const parts: string[] = [];
  print(condition, parts, 0);
  return cleanText(parts.join(""));
}

/** A field, a transformer or a value as Falco prints it: `evt.arg[0]`, `join(-,(fd.name,proc.name))`, `"two words"`. */
export function printOperand(operand: Operand): string {
  return cleanText(operandText(operand));
}

function operandText(operand: Operand): string {
  switch (operand.kind) {
    case "value":
      return textOf(operand.text);
    case "name":
      return operand.name;
    case "list":
      return `(${operand.texts.map(textOf).join(", ")})`;
    case "fields":
      return `(${operand.operands.map(operandText).join(",")})`;
    case "field":
      return operand.name + argumentText(operand.argument);
    case "transformer":
      return `${operand.name}(${operand.operands.map(operandText).join(",")})${argumentText(operand.argument)}`;
  }
}

function argumentText(argument: string | undefined): string {
  if (argument === undefined) return "";
  return `[${argument === "" ? '""' : textOf(argument)}]`;
}

function print(condition: Condition, parts: string[], depth: number): void {
  if (depth > maxTreeDepth) throw new ConditionError(`exceeded max depth limit of ${maxTreeDepth}`, condition.place);
  switch (condition.kind) {
    case "and":
    case "or":
      parts.push("(");
      condition.operands.forEach((operand, index) => {
        if (index > 0) parts.push(` ${condition.kind} `);
        print(operand, parts, depth + 1);
      });
      parts.push(")");
      break;
    case "not":
      parts.push("not ");
      print(condition.operand, parts, depth + 1);
      break;
    case "macro":
      parts.push(condition.name);
      break;
    case "check":
      parts.push(operandText(condition.left), " ", condition.operator);
      if (condition.modifier !== undefined) parts.push(" ", condition.modifier);
      if (condition.right !== undefined) parts.push(" ", operandText(condition.right));
  }
}

// Bytes that are not UTF-8 can only have come from `\x` escapes in quotes, which they become again.
function textOf(text: string): string {
  const escaped = escapeText(text);
  if (isUtf8(text)) return escaped;
  const bytes = escaped.replace(/[\x80-\xff]/g, (byte) => `\\x${byte.charCodeAt(0).toString(16)}`);
  return bytes.startsWith('"') ? bytes : `"${bytes}"`;
}
