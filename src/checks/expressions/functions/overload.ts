import { EvaluationFault } from "../values/fault.ts";
import type { Meter } from "../values/meter.ts";
import { type Kind, type KindValues, kindOf, type Value } from "../values/value.ts";

/** One form of a function, for arguments of some kinds. */
export interface Overload {
  /**
   * For a method a name with a leading dot, and its receiver as its first argument: `.startsWith`; for an operator
   * `_+_`.
   */
  readonly name: string;
  readonly takes: readonly Kind[];
  /** True when the last kind may come any number of times more. */
  readonly isVariadic: boolean;
  readonly gives: Kind;
  /** @throws EvaluationFault, AbortFault */
  run(args: readonly Value[], meter: Meter): Value;
}

/** What an overload is declared by. */
export interface OverloadParts<Kinds extends readonly Kind[], Result extends Kind> {
  readonly takes: Kinds;
  readonly gives: Result;
  readonly isVariadic?: boolean;
  run(args: { readonly [Index in keyof Kinds]: KindValues[Kinds[Index]] }, meter: Meter): KindValues[Result];
}

/** Declares an overload, with arguments typed by their kinds. */
export function overload<const Kinds extends readonly Kind[], Result extends Kind>(
  name: string,
  { takes, gives, isVariadic = false, run }: OverloadParts<Kinds, Result>,
): Overload {
  // The table runs it with arguments of the kinds that it takes only.
  return { name, takes, gives, isVariadic, run: run as unknown as Overload["run"] };
}

/** Functions by their names. */
export class FunctionTable {
  readonly #overloads = new Map<string, Overload[]>();

  constructor(overloads: Iterable<Overload>) {
    for (const one of overloads) {
      const known = this.#overloads.get(one.name);
      if (known) known.push(one);
      else this.#overloads.set(one.name, [one]);
    }
  }

  /** The forms of a function; undefined when there is none of the name. */
  get(name: string): readonly Overload[] | undefined {
    return this.#overloads.get(name);
  }
}

/** The result of a function. @throws EvaluationFault when no form takes such arguments. */
export function callFunction(forms: readonly Overload[], args: readonly Value[], meter: Meter): Value {
  for (const form of forms) if (accepts(form, args)) return form.run(args, meter);
  const kinds = args.map(kindOf).join(", ");
  throw new EvaluationFault(`no such overload: ${forms[0]?.name.replace(/^\./, "") ?? ""}(${kinds})`);
}

function accepts({ takes, isVariadic }: Overload, args: readonly Value[]): boolean {
  if (isVariadic ? args.length < takes.length : args.length !== takes.length) return false;
  return args.every((arg, index) => {
    const kind = takes[Math.min(index, takes.length - 1)];
    return kind === "any" || kind === kindOf(arg);
  });
}
