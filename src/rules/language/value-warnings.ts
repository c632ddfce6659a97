import { cleanText } from "./byte-string.ts";
import type { Check, Operand } from "./condition.ts";
import type { FieldCatalogue, RuleEvent } from "./field.ts";
import type { Generation } from "./generation.ts";
import { transformerNames } from "./operators.ts";

/** Likely mistakes in the values of a check, in the words of Falco's filter compiler. */
export function valueWarnings<E extends RuleEvent>(
  check: Check,
  { catalogue, generation }: { readonly catalogue: FieldCatalogue<E>; readonly generation: Generation },
): string[] {
  const transformers = ["val", ...transformerNames(generation)];
  return textsOf(check.right).flatMap((text) => {
    const warnings: string[] = [];
    if (check.operator === "regex" && isSimple(text)) {
      warnings.push(
        `regex check with '${text}' may be optimized with simpler operators such as '=', 'contains', 'startswith', 'endswith'`,
      );
    }
    const bare = text.replace(/[ \t\n\v\f\r]+/g, "");
    if (isField(bare, catalogue)) warnings.push(`'${text}' may be a valid field misused as a const string value`);
    if (bare.endsWith(")") && transformers.some((name) => bare.startsWith(`${name}(`))) {
      warnings.push(`'${text}' may be a valid field transformer misused as a const string value`);
    }
    return warnings.map(cleanText);
  });
}

/** The constant values on the right side of a check, as byte strings; `undefined` when it does not have constants. */
export function constantsOf(right: Operand | undefined): readonly string[] | undefined {
  switch (right?.kind) {
    case "value":
      return [right.text];
    case "name":
      return [right.name];
    case "list":
      return right.texts;
    default:
      return undefined;
  }
}

function textsOf(right: Operand | undefined): readonly string[] {
  return constantsOf(right) ?? [];
}

function isField<E extends RuleEvent>(text: string, catalogue: FieldCatalogue<E>): boolean {
  const bracket = text.endsWith("]") ? text.indexOf("[") : -1;
  const name = bracket === -1 ? text : text.slice(0, bracket);
  const argument = bracket === -1 ? undefined : text.slice(bracket + 1, -1);
  try {
    return catalogue.resolve(name, argument) !== undefined;
  } catch {
    return false;
  }
}

// Nothing of a regular expression but what stands at its ends.
function isSimple(pattern: string): boolean {
  const last = pattern.length - 1;
  for (let index = 0; index <= last; index++) {
    const character = pattern[index] as string;
    if ((index === 0 && character === "^") || (index === last && character === "$")) continue;
    const isAtEnd = (index === 0 && last > 0) || index === last - 1;
    if (isAtEnd && character === "." && /[+*?]/.test(pattern[index + 1] ?? "")) index++;
    else if (/[.+*?^$()[\]{}|\\]/.test(character)) return false;
  }
  return true;
}
