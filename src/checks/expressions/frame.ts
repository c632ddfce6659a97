import { anyType, type StaticType } from "./static-type.ts";
import type { Meter } from "./values/meter.ts";
import type { Value } from "./values/value.ts";

/** What an evaluation works on. */
export interface Frame {
  readonly meter: Meter;
  /** Values of the variables that macros bind, by their slots. */
  readonly locals: Value[];
  /** @throws EvaluationFault when no value was given for the variable. */
  variable(name: string): Value;
}

/** A compiled part of an expression. @throws EvaluationFault, AbortFault */
export type Evaluate = (frame: Frame) => Value;

/** A part of an expression that is compiled. */
export interface Part {
  readonly evaluate: Evaluate;
  readonly type: StaticType;
  /** True when its value depends on nothing. */
  readonly isConstant: boolean;
}

/** A variable that a macro binds. */
export interface Local {
  readonly slot: number;
  readonly type: StaticType;
}

/** The variables that macros bind around a place. */
export class Scope {
  static readonly empty: Scope = new Scope(new Map(), 0);
  readonly #locals: ReadonlyMap<string, Local>;
  readonly #size: number;

  private constructor(locals: ReadonlyMap<string, Local>, size: number) {
    this.#locals = locals;
    this.#size = size;
  }

  find(name: string): Local | undefined {
    return this.#locals.get(name);
  }

  /** The scope with more variables, which hide those of the same names, and their slots. */
  with(
    names: readonly string[],
    types: readonly StaticType[],
  ): { readonly scope: Scope; readonly slots: readonly number[] } {
    const slots = names.map((_, index) => this.#size + index);
    const added = names.map(
      (name, index) => [name, { slot: this.#size + index, type: types[index] ?? anyType }] as const,
    );
    return { scope: new Scope(new Map([...this.#locals, ...added]), this.#size + names.length), slots };
  }
}
