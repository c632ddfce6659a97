import { type Condition, ConditionError } from "../language/condition.ts";

/** A macro as it can be put into conditions. */
export interface ResolvedMacro {
  readonly name: string;
  condition: Condition;
  /** The macros that it had itself; empty until it is resolved. */
  macros: ReadonlySet<string>;
  isUsed: boolean;
}

/** The macro of a name where one can be used; `undefined` when there is none. */
export type MacroLookup = (name: string) => ResolvedMacro | undefined;

/** A condition without macros, and the macros that it had, also those inside of macros. */
export interface ResolvedCondition {
  readonly condition: Condition;
  readonly macros: ReadonlySet<string>;
}

/** How large and how deep macros may make a condition. */
const maxSize = 500_000;
const maxDepth = 2000;

interface Size {
  /** Checks and what joins them; long lists count for more. */
  readonly nodes: number;
  readonly depth: number;
}

/**
 * Puts macros into conditions as trees. The tree of a macro is shared by all that use it, which costs no memory; what
 * would be too large when written out is refused all the same, because everything that looks at a condition walks
 * through all of it.
 */
export class MacroResolver {
  readonly #sizes = new WeakMap<Condition, Size>();
  readonly #known = new WeakMap<Condition, KnownResult>();

  /**
   * Error: a {@link ConditionError} for a macro that is not among those that are visible, for macros that use each
   * other, and for a condition that becomes too large; of several, loops come first. The result for the same condition
   * and macros is the same object.
   */
  resolve(condition: Condition, visible: MacroLookup): ResolvedCondition {
    const known = this.#known.get(condition);
    const result = known?.uses.every(([name, macro]) => visible(name)?.condition === macro)
      ? known.result
      : this.#resolveUncached(condition, visible);
    for (const name of result.macros) {
      const macro = visible(name);
      if (macro) macro.isUsed = true;
    }
    return result;
  }

  #resolveUncached(condition: Condition, visible: MacroLookup): ResolvedCondition {
    const run: Run = { visible, path: [], uses: new Map(), isFlat: true, macros: new Set(), unknown: undefined };
    const resolved = this.#insert(condition, run);
    if (run.unknown)
      throw new ConditionError(`Undefined macro '${run.unknown.name}' used in filter.`, run.unknown.place);
    const result = { condition: resolved, macros: run.macros };
    if (run.isFlat) this.#known.set(condition, { uses: [...run.uses], result });
    return result;
  }

  #insert(condition: Condition, run: Run): Condition {
    // What has a size has no macros left.
    if (condition.kind === "check" || this.#sizes.has(condition)) return condition;
    if (condition.kind === "macro") return this.#insertMacro(condition, run);
    if (condition.kind === "not") {
      const operand = this.#insert(condition.operand, run);
      return this.#sized(operand === condition.operand ? condition : { ...condition, operand }, [operand], run);
    }
    const operands = condition.operands.map((operand) => this.#insert(operand, run));
    const isSame = operands.every((operand, index) => operand === condition.operands[index]);
    return this.#sized(isSame ? condition : { ...condition, operands }, operands, run);
  }

  #insertMacro(use: Extract<Condition, { kind: "macro" }>, run: Run): Condition {
    const macro = run.visible(use.name);
    if (!macro) {
      run.unknown ??= use;
      return use;
    }
    if (run.path.includes(use.name)) throw new ConditionError(`reference loop in macro '${use.name}'`, use.place);
    if (run.path.length > maxDepth) throw new ConditionError("the macros are nested too deeply", use.place);
    if (run.path.length === 0) run.uses.set(use.name, macro.condition);
    else run.isFlat = false;
    run.path.push(use.name);
    const inserted = this.#insert(macro.condition, run);
    run.path.pop();
    run.macros.add(use.name);
    for (const name of macro.macros) run.macros.add(name);
    return inserted;
  }

  #sized(condition: Condition, operands: readonly Condition[], run: Run): Condition {
    let nodes = 1;
    let depth = 0;
    for (const operand of operands) {
      const size = this.#sizeOf(operand);
      nodes += size.nodes;
      depth = Math.max(depth, size.depth);
    }
    if (nodes > maxSize)
      throw new ConditionError("the condition is too large after its macros are expanded", condition.place);
    if (depth > maxDepth)
      throw new ConditionError("the condition is nested too deeply after its macros are expanded", condition.place);
    if (!run.unknown) this.#sizes.set(condition, { nodes, depth: depth + 1 });
    return condition;
  }

  #sizeOf(condition: Condition): Size {
    const known = this.#sizes.get(condition);
    if (known) return known;
    if (condition.kind !== "check") return { nodes: 1, depth: 0 };
    const texts = condition.right?.kind === "list" ? condition.right.texts : [];
    const size = { nodes: 1 + texts.reduce((sum, text) => sum + 1 + text.length / 32, 0), depth: 0 };
    this.#sizes.set(condition, size);
    return size;
  }
}

/** A result, and the macros for which it holds. */
interface KnownResult {
  readonly uses: readonly (readonly [name: string, macro: Condition])[];
  readonly result: ResolvedCondition;
}

interface Run {
  readonly visible: MacroLookup;
  /** The macros that are being put in, outermost first. */
  readonly path: string[];
  /** The macros that the condition itself uses. */
  readonly uses: Map<string, Condition>;
  /** None of them had macros left. */
  isFlat: boolean;
  readonly macros: Set<string>;
  unknown: Extract<Condition, { kind: "macro" }> | undefined;
}
