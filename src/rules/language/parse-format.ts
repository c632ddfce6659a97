import { ConditionError, type FieldOperand, type TransformerOperand } from "./condition.ts";
import type { Generation } from "./generation.ts";
import { parseOperandAt } from "./parse-condition.ts";

/**
 * A part of an output format: text as it is, or something that is read from events, padded or cut to `width` bytes when
 * given.
 */
export type FormatPart =
  | { readonly kind: "text"; readonly text: string }
  | {
      readonly kind: "operand";
      readonly operand: FieldOperand | TransformerOperand;
      readonly width: number | undefined;
    };

/** An output format in parts. */
export interface ParsedFormat {
  readonly parts: readonly FormatPart[];
  /** Without a leading `*`: a value that is missing makes the whole text worthless. */
  readonly needsAll: boolean;
}

interface FormatOptions {
  readonly generation: Generation;
  /** True for an operand that can be read from events; may throw when nothing else should be tried. */
  readonly isKnown: (operand: FieldOperand | TransformerOperand) => boolean;
}

// No field has a longer name; a wider field would only be a way to fill memory.
const longestName = 256;
const largestWidth = 65_535;

/**
 * An output format (a byte string) in parts. A token begins with `%` and is the longest field or transformer that is
 * known there. A `ConditionError`, in Falco's words, for a token that is none.
 */
export function parseFormat(format: string, options: FormatOptions): ParsedFormat {
  if (format === "") throw new ConditionError("empty formatting token");
  const needsAll = !format.startsWith("*");
  const parts: FormatPart[] = [];
  let index = needsAll ? 0 : 1;
  while (index < format.length) {
    const token = format.indexOf("%", index);
    const end = token === -1 ? format.length : token;
    if (end > index) parts.push({ kind: "text", text: format.slice(index, end) });
    if (token === -1) break;
    index = token + 1;
    if (index === format.length) {
      throw new ConditionError("invalid formatting syntax: formatting cannot end with a %");
    }
    const digits = /^[0-9]*/.exec(format.slice(index, index + 8))?.[0] ?? "";
    index += digits.length;
    if (index === format.length) {
      throw new ConditionError("invalid formatting syntax: formatting cannot end with a number");
    }
    if (Number(digits) > largestWidth) {
      throw new ConditionError(`invalid formatting syntax: a field is at most ${largestWidth} wide`);
    }
    const { operand, length } = tokenAt(format.slice(index), { ...options, token });
    parts.push({ kind: "operand", operand, width: Number(digits) || undefined });
    index += length;
  }
  return { parts, needsAll };
}

interface FormatToken {
  readonly operand: FieldOperand | TransformerOperand;
  readonly length: number;
}

function tokenAt(rest: string, options: FormatOptions & { readonly token: number }): FormatToken {
  const token = wholeToken(rest, options) ?? beginningOfName(rest, options);
  if (token !== undefined) return token;
  const place = { index: options.token, line: 1, column: options.token + 1 };
  if (options.generation === "0.40") throw new ConditionError(`invalid formatting token ${rest}`, place);
  throw new ConditionError("unknown filter: unexpected token after '", place);
}

function wholeToken(rest: string, { generation, isKnown }: FormatOptions): FormatToken | undefined {
  let parsed: ReturnType<typeof parseOperandAt>;
  try {
    parsed = parseOperandAt(rest, { generation });
  } catch (error) {
    if (error instanceof ConditionError) return undefined;
    throw error;
  }
  return isKnown(parsed.operand) ? { operand: parsed.operand, length: parsed.end } : undefined;
}

// Text can follow a field with nothing between: the longest beginning that is one.
function beginningOfName(rest: string, { isKnown }: FormatOptions): FormatToken | undefined {
  const longest = /^[a-zA-Z][\w.]*/.exec(rest.slice(0, longestName))?.[0] ?? "";
  for (let { length } = longest; length > 2; length--) {
    const name = rest.slice(0, length);
    const operand: FieldOperand = { kind: "field", name, place: { index: 0, line: 1, column: 1 } };
    if (name.includes(".") && /\w$/.test(name) && isKnown(operand)) return { operand, length };
  }
  return undefined;
}
