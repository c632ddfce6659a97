import type { Expression, VariableAssignment } from "../language/syntax.ts";
import { wordValue } from "../language/words.ts";

/** Values that one word may have after its variables are replaced. */
const mostValues = 20_000;
const deepestReference = 50;
const reference = /@\{([A-Za-z][A-Za-z0-9_]*)\}/;

/** The variables of a policy file, in the order of their assignments. */
export class Variables {
  private readonly values = new Map<string, string[]>();
  private readonly booleans = new Map<string, boolean>();

  assign({ name, operator, values }: VariableAssignment): void {
    const known = this.values.get(name);
    const added = values.map(wordValue);
    if (operator === "+=") {
      if (known === undefined) throw new Error(`@{${name}} is not defined before values are added to it`);
      known.push(...added);
      return;
    }
    if (operator === "?=" && known !== undefined) return;
    if (operator === "=" && known !== undefined) throw new Error(`@{${name}} is already defined`);
    this.values.set(name, added);
  }

  assignBoolean(name: string, operator: string, value: Expression): void {
    const known = this.booleans.has(name);
    if (operator === "=" && known) throw new Error(`\${${name}} is already defined`);
    if (operator === "?=" && known) return;
    this.booleans.set(name, this.evaluate(value));
  }

  /** The texts that a pattern stands for. `profileName` is the value of `@{profile_name}`. */
  expand(pattern: string, profileName: string): readonly string[] {
    return this.expandWith(pattern, profileName, []);
  }

  evaluate(expression: Expression): boolean {
    switch (expression.kind) {
      case "or": {
        const left = this.evaluate(expression.left);
        return this.evaluate(expression.right) || left;
      }
      case "and": {
        const left = this.evaluate(expression.left);
        return this.evaluate(expression.right) && left;
      }
      case "not":
        return !this.evaluate(expression.operand);
      case "defined":
        return this.isDefined(expression.variable);
      case "value":
        return this.booleanOf(expression.word);
      case "compare":
        return this.compare(expression.left, expression.operator, expression.right);
    }
  }

  private isDefined(written: string): boolean {
    const name = bareName(written);
    if (written.startsWith("@")) return this.values.has(name);
    if (!this.booleans.has(name)) throw new Error(`${written} is not defined`);
    return true;
  }

  private booleanOf(word: string): boolean {
    if (word.startsWith("$")) {
      const value = this.booleans.get(bareName(word));
      if (value === undefined) throw new Error(`${word} is not defined`);
      return value;
    }
    if (/^true$/i.test(word)) return true;
    if (/^false$/i.test(word)) return false;
    throw new Error(`${word} is neither true nor false`);
  }

  private compare(left: string, operator: string, right: string): boolean {
    const lefts = this.valuesOf(left);
    const rights = this.valuesOf(right);
    const order = (one: string, other: string): number => {
      const numbers = [Number(one), Number(other)] as const;
      if (!numbers.some(Number.isNaN)) return numbers[0] - numbers[1];
      return one < other ? -1 : one > other ? 1 : 0;
    };
    switch (operator) {
      case "in":
        return lefts.every((value) => rights.includes(value));
      case "==":
      case "!=": {
        const equal = lefts.length === rights.length && lefts.every((value) => rights.includes(value));
        return equal === (operator === "==");
      }
      default: {
        const result = order(lefts[0] ?? "", rights[0] ?? "");
        if (operator === ">") return result > 0;
        if (operator === ">=") return result >= 0;
        return operator === "<" ? result < 0 : result <= 0;
      }
    }
  }

  private valuesOf(word: string): readonly string[] {
    if (!word.startsWith("@")) return [wordValue(word)];
    const values = this.values.get(bareName(word));
    if (values === undefined) throw new Error(`${word} is not defined`);
    return values;
  }

  private expandWith(pattern: string, profileName: string, within: readonly string[]): readonly string[] {
    const found = reference.exec(pattern);
    if (found === null) return [pattern];
    const [written, name = ""] = found;
    if (within.includes(name)) throw new Error(`@{${name}} is defined by itself`);
    if (within.length > deepestReference) throw new Error("variables refer to each other too deeply");
    const before = pattern.slice(0, found.index);
    const after = pattern.slice(found.index + written.length);
    const values = name === "profile_name" ? [escapeGlob(profileName)] : this.values.get(name);
    if (values === undefined) throw new Error(`@{${name}} is not defined`);
    const own = values.flatMap((value) => this.expandWith(value, profileName, [...within, name]));
    const rest = this.expandWith(after, profileName, within);
    if (own.length * rest.length > mostValues) throw new Error(`a pattern with @{${name}} has too many values`);
    return own.flatMap((value) => rest.map((end) => `${before}${value}${end}`));
  }
}

/** `@{NAME}`, `@NAME`, `${NAME}` and `$NAME` without their marks. */
function bareName(written: string): string {
  return written.replace(/^[@$]\{?/, "").replace(/\}$/, "");
}

/** A text as a glob that matches only this text. */
export function escapeGlob(text: string): string {
  return text.replace(/[\\*?[\]{}^,]/g, "\\$&");
}
