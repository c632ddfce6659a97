import type { PlainCheck, PlainCondition } from "./plain-condition.ts";

/** Parts of a condition that are certain wherever it is true: those that must all hold. */
export interface Certain {
  readonly ids: ReadonlySet<number>;
  /** By left side: the smallest set of values that a check allows. */
  readonly values: ReadonlyMap<number, ReadonlySet<string>>;
}

/** One for each alternative of a condition. */
export function certainties(condition: PlainCondition): readonly Certain[] {
  const alternatives = condition.kind === "or" ? condition.parts : [condition];
  return alternatives.map((alternative) => {
    const ids = new Set([condition.id, alternative.id]);
    const values = new Map<number, ReadonlySet<string>>();
    for (const part of alternative.kind === "and" ? alternative.parts : [alternative]) {
      ids.add(part.id);
      const allowed = part.kind === "check" ? valuesOf(part) : undefined;
      if (part.kind !== "check" || !allowed) continue;
      const earlier = values.get(part.left);
      if (!earlier || allowed.size < earlier.size) values.set(part.left, allowed);
    }
    return { ids, values };
  });
}

/** Whether a condition is true wherever each of the alternatives is, as far as it shows without knowing the fields. */
export function implies(alternatives: readonly Certain[], condition: PlainCondition): boolean {
  return alternatives.every((certain) => isCertain(condition, certain));
}

function isCertain(condition: PlainCondition, certain: Certain): boolean {
  if (certain.ids.has(condition.id)) return true;
  if (condition.kind !== "check") {
    const isPart = (part: PlainCondition): boolean => isCertain(part, certain);
    return condition.kind === "and" ? condition.parts.every(isPart) : condition.parts.some(isPart);
  }
  const allowed = valuesOf(condition);
  const known = certain.values.get(condition.left);
  if (!allowed || !known) return false;
  for (const value of known) if (!allowed.has(value)) return false;
  return true;
}

const knownValues = new WeakMap<PlainCheck["check"], ReadonlySet<string>>();

/** The values that `=` or `in` allows; `undefined` for any other check. */
function valuesOf({ check, isNegated }: PlainCheck): ReadonlySet<string> | undefined {
  if (isNegated || check.modifier !== undefined) return undefined;
  const { operator, right } = check;
  if ((operator === "=" || operator === "==") && right?.kind === "value") return new Set([right.text]);
  if (operator !== "in" || right?.kind !== "list") return undefined;
  const values = knownValues.get(check) ?? new Set(right.texts);
  knownValues.set(check, values);
  return values;
}
