import { cleanText } from "./byte-string.ts";
import { type CompiledCheck, compileCheck } from "./compile-check.ts";
import { type Check, type Condition, ConditionError } from "./condition.ts";
import { type ExplainableNode, explain } from "./explain-condition.ts";
import type { FieldCatalogue, RuleEvent } from "./field.ts";
import type { Generation } from "./generation.ts";
import { OperandReaders, operandKey } from "./operand-reader.ts";
import { maxTreeDepth } from "./print-condition.ts";
import { valueWarnings } from "./value-warnings.ts";

/** How conditions are compiled. */
export interface CompilerOptions {
  readonly generation?: Generation;
  /**
   * Told about what compiles but is probably not meant, in Falco's words. Its place is that of the right side of the
   * check.
   */
  readonly warn?: (message: string, check: Check) => void;
}

/** The result of a part of a condition for one event, for people. Texts are UTF-8 clean. */
export interface Explanation {
  readonly condition: Condition;
  /** `undefined`: not looked at, since the parts before it decided. */
  readonly result: boolean | undefined;
  /**
   * For a check: the values of its left side as they print; empty when they are missing. Absent when it cannot be
   * printed (`fd.ip`).
   */
  readonly left?: readonly string[];
  /** For a check: the compared values: constants, or the values of the field on the right. */
  readonly right?: readonly string[];
  /** Why, where the values alone do not tell: a check whose value is missing is false whatever its operator. */
  readonly reason?: "missing" | "right side missing" | "decided before";
  /** For `and`, `or` and `not`. */
  readonly parts?: readonly Explanation[];
}

/**
 * Turns conditions into functions. Equal parts of all conditions of one compiler, and equal fields, are evaluated once
 * per event, which the event's `serial` tells. Macros must have been put in.
 */
export class ConditionCompiler<E extends RuleEvent> {
  readonly #catalogue: FieldCatalogue<E>;
  readonly #generation: Generation;
  readonly #warn: CompilerOptions["warn"];
  readonly #readers: OperandReaders<E>;
  readonly #nodes = new Map<string, Node<E>>();

  constructor(catalogue: FieldCatalogue<E>, { generation = "head", warn }: CompilerOptions = {}) {
    this.#catalogue = catalogue;
    this.#generation = generation;
    this.#warn = warn;
    this.#readers = new OperandReaders(catalogue);
  }

  /**
   * A `ConditionError` when it has an unknown field, an operator that the type does not know, a value that is none of
   * its type, …
   */
  compile(condition: Condition): (event: E) => boolean {
    const node = this.#node(condition, 0);
    return (event) => node.evaluate(event);
  }

  /**
   * How the result for an event comes about, part by part. Parts that did not decide are left out as the function
   * leaves them.
   */
  explain(condition: Condition, event: E): Explanation {
    return explain(condition, { event, node: (part) => this.#node(part, 0) });
  }

  #node(condition: Condition, depth: number): Node<E> {
    if (depth > maxTreeDepth) {
      throw new ConditionError(`exceeded max depth limit of ${maxTreeDepth}`, condition.place);
    }
    switch (condition.kind) {
      case "and":
      case "or": {
        const operands = condition.operands.map((operand) => this.#node(operand, depth + 1));
        const key = `${condition.kind} ${operands.map(({ id }) => id).join(" ")}`;
        return this.#shared(key, () => new Node(this.#nodes.size, joined(condition.kind, operands), true));
      }
      case "not": {
        const operand = this.#node(condition.operand, depth + 1);
        const key = `not ${operand.id}`;
        return this.#shared(key, () => new Node(this.#nodes.size, (event) => !operand.evaluate(event), false));
      }
      case "macro":
        throw new ConditionError(`filter error: unexpected identifier '${condition.name}'`, condition.place);
      case "check": {
        if (this.#warn !== undefined) this.#warnOf(condition);
        return this.#shared(`check ${keyOf(condition)}`, () => {
          const compiled = this.#check(condition);
          return new Node(this.#nodes.size, compiled.evaluate, compiled.isCostly, compiled);
        });
      }
    }
  }

  #shared(key: string, make: () => Node<E>): Node<E> {
    const known = this.#nodes.get(key);
    if (known !== undefined) {
      known.share();
      return known;
    }
    const node = make();
    this.#nodes.set(key, node);
    return node;
  }

  #check(check: Check): CompiledCheck<E> {
    try {
      return compileCheck(check, { readers: this.#readers, generation: this.#generation });
    } catch (error) {
      if (!(error instanceof ConditionError)) throw error;
      throw new ConditionError(cleanText(error.message), error.place ?? check.place, error.hint);
    }
  }

  #warnOf(check: Check): void {
    const context = { catalogue: this.#catalogue, generation: this.#generation };
    for (const message of valueWarnings(check, context)) this.#warn?.(message, check);
  }
}

// A part of conditions, which several may have.
class Node<E extends RuleEvent> implements ExplainableNode<E> {
  readonly id: number;
  evaluate: (event: E) => boolean;
  readonly check: CompiledCheck<E> | undefined;
  #isWorthRemembering: boolean;

  constructor(id: number, evaluate: (event: E) => boolean, isCostly: boolean, check?: CompiledCheck<E>) {
    this.id = id;
    this.evaluate = evaluate;
    this.check = check;
    this.#isWorthRemembering = isCostly;
  }

  // From the second condition on it remembers its result for the event.
  share(): void {
    if (!this.#isWorthRemembering) return;
    this.#isWorthRemembering = false;
    const { evaluate } = this;
    let serial = -1;
    let result = false;
    this.evaluate = (event) => {
      if (event.serial !== serial) {
        result = evaluate(event);
        serial = event.serial;
      }
      return result;
    };
  }
}

function joined<E extends RuleEvent>(kind: "and" | "or", nodes: readonly Node<E>[]): (event: E) => boolean {
  const [first, second, third] = nodes as [Node<E>, Node<E>, Node<E> | undefined];
  if (nodes.length === 2) {
    return kind === "and"
      ? (event) => first.evaluate(event) && second.evaluate(event)
      : (event) => first.evaluate(event) || second.evaluate(event);
  }
  if (nodes.length === 3 && third !== undefined) {
    return kind === "and"
      ? (event) => first.evaluate(event) && second.evaluate(event) && third.evaluate(event)
      : (event) => first.evaluate(event) || second.evaluate(event) || third.evaluate(event);
  }
  const decides = kind === "or";
  return (event) => {
    for (let index = 0; index < nodes.length; index++) {
      if ((nodes[index] as Node<E>).evaluate(event) === decides) return decides;
    }
    return !decides;
  };
}

function keyOf({ left, operator, modifier = "", right }: Check): string {
  const symbol = operator === "==" ? "=" : operator;
  return `${operandKey(left)} ${symbol} ${modifier} ${right === undefined ? "" : operandKey(right)}`;
}
