import type { Check, Condition, Operand } from "../language/condition.ts";

/**
 * A condition with negation only at its checks, `and` and `or` nested no deeper than they must be, and equal parts with
 * equal ids.
 */
export type PlainCondition = PlainGroup | PlainCheck;

/** Parts of which all, or one, must be true. */
export interface PlainGroup {
  readonly kind: "and" | "or";
  readonly parts: readonly PlainCondition[];
  readonly id: number;
}

/** A check that must be true, or must not be. */
export interface PlainCheck {
  readonly kind: "check";
  readonly check: Check;
  readonly isNegated: boolean;
  /** The left side, the same for the same field with the same argument. */
  readonly left: number;
  readonly id: number;
}

/**
 * Makes conditions comparable; ids are those of one simplifier. Order and repetition of parts and of list items do not
 * matter.
 */
export class ConditionSimplifier {
  readonly #ids = new Map<string, number>();
  readonly #checks = new WeakMap<Check, { readonly left: number; readonly id: number }>();

  simplify(condition: Condition, isNegated = false): PlainCondition {
    switch (condition.kind) {
      case "not":
        return this.simplify(condition.operand, !isNegated);
      case "check":
        return this.#check(condition, isNegated);
      case "macro":
        // Resolved conditions do not hold macros.
        throw new Error(`the macro ${condition.name} is not resolved`);
      case "and":
      case "or":
        return this.#group((condition.kind === "and") !== isNegated ? "and" : "or", { condition, isNegated });
    }
  }

  /** The id of the other polarity of a check; `undefined` when no condition has it. */
  oppositeOf({ check, isNegated }: PlainCheck): number | undefined {
    return this.#ids.get(`${isNegated ? "" : "not "}${this.#keysOf(check).id}`);
  }

  #group(
    kind: PlainGroup["kind"],
    { condition, isNegated }: { condition: Extract<Condition, { operands: readonly Condition[] }>; isNegated: boolean },
  ): PlainCondition {
    const parts = new Map<number, PlainCondition>();
    for (const operand of condition.operands) {
      const part = this.simplify(operand, isNegated);
      for (const inner of part.kind === kind ? part.parts : [part]) parts.set(inner.id, inner);
    }
    const [only] = parts.values();
    if (only && parts.size === 1) return only;
    const id = this.#id(`${kind} ${[...parts.keys()].sort((a, b) => a - b).join(" ")}`);
    return { kind, parts: [...parts.values()], id };
  }

  #check(check: Check, isNegated: boolean): PlainCheck {
    const { left, id } = this.#keysOf(check);
    return { kind: "check", check, isNegated, left, id: this.#id(`${isNegated ? "not " : ""}${id}`) };
  }

  #keysOf(check: Check): { readonly left: number; readonly id: number } {
    const known = this.#checks.get(check);
    if (known) return known;
    const left = this.#id(JSON.stringify(operandKey(check.left)));
    const operator = check.operator === "==" ? "=" : check.operator;
    const right = check.right && operandKey(check.right);
    const keys = { left, id: this.#id(JSON.stringify([left, operator, check.modifier ?? "", right ?? ""])) };
    this.#checks.set(check, keys);
    return keys;
  }

  #id(key: string): number {
    const id = this.#ids.get(key) ?? this.#ids.size;
    this.#ids.set(key, id);
    return id;
  }
}

function operandKey(operand: Operand): unknown {
  switch (operand.kind) {
    case "value":
      return operand.text;
    case "list":
      return ["list", ...[...new Set(operand.texts)].sort()];
    case "name":
      return ["name", operand.name];
    case "field":
      return ["field", operand.name, operand.argument ?? ""];
    case "fields":
      return ["fields", ...operand.operands.map(operandKey)];
    case "transformer":
      return [operand.kind, operand.name, operand.argument ?? "", ...operand.operands.map(operandKey)];
  }
}
