import { printOperand } from "../language/print-condition.ts";
import type { KnownValues } from "./known-values.ts";
import type { ConditionSimplifier, PlainCheck, PlainCondition } from "./plain-condition.ts";

/** How the left side of a check compares: as one text, as one number, or in a way about which nothing is said here. */
export type Comparison = "text" | "number" | "other";

/** Facts about one left side from checks that must all be true. */
interface Facts {
  readonly name: string;
  /** The values that are left to it; `undefined`: any. */
  allowed: ReadonlySet<string> | undefined;
  readonly excluded: Set<string>;
  /** Tests that its text must pass. */
  readonly tests: ((text: string) => boolean)[];
  readonly prefixes: string[];
  isPresent: boolean;
  isAbsent: boolean;
  /** Why no value is left, when it is known. */
  readonly why: string | undefined;
  least: number;
  most: number;
}

const maxSteps = 100_000;

/**
 * The reason why a condition can never be true, as a clause; `undefined` when it can, or when its own words do not show
 * it. Only what holds for every event counts: a field that has several values at once can be two things.
 */
export function findContradiction(condition: PlainCondition, options: ContradictionOptions): string | undefined {
  return new ContradictionSearch(options).search(condition, new Scope());
}

/** Known facts besides the words of a condition. */
export interface ContradictionOptions {
  readonly simplifier: ConditionSimplifier;
  readonly comparisonOf: (check: PlainCheck) => Comparison;
  /** The only values of a left side; `undefined`: any. */
  readonly valuesOf: (check: PlainCheck) => KnownValues | undefined;
}

/** Checks that are all true in a part of a condition, with those of the parts around it. */
class Scope {
  readonly #outer: Scope | undefined;
  readonly #ids = new Set<number>();
  readonly #facts = new Map<number, Facts>();

  constructor(outer?: Scope) {
    this.#outer = outer;
  }

  has(id: number): boolean {
    return this.#ids.has(id) || (this.#outer?.has(id) ?? false);
  }

  add(id: number): void {
    this.#ids.add(id);
  }

  /** The facts about a left side, as a copy of those around when they are changed here first. */
  factsAbout(left: number, name: () => string, known?: KnownValues): Facts {
    const own = this.#facts.get(left);
    if (own) return own;
    const outer = this.#outer?.find(left);
    const facts: Facts = outer
      ? { ...outer, excluded: new Set(outer.excluded), tests: [...outer.tests], prefixes: [...outer.prefixes] }
      : {
          name: name(),
          allowed: known?.values,
          excluded: new Set(),
          tests: [],
          prefixes: [],
          isPresent: known?.isAlwaysPresent === true,
          isAbsent: false,
          why: known?.why,
          least: Number.NEGATIVE_INFINITY,
          most: Number.POSITIVE_INFINITY,
        };
    this.#facts.set(left, facts);
    return facts;
  }

  find(left: number): Facts | undefined {
    return this.#facts.get(left) ?? this.#outer?.find(left);
  }
}

class ContradictionSearch {
  readonly #options: ContradictionOptions;
  #steps = 0;

  constructor(options: ContradictionOptions) {
    this.#options = options;
  }

  search(condition: PlainCondition, scope: Scope): string | undefined {
    if (++this.#steps > maxSteps) return undefined;
    if (condition.kind === "check") return this.#add(condition, scope);
    if (condition.kind === "or") {
      let first: string | undefined;
      for (const part of condition.parts) {
        const why = this.search(part, new Scope(scope));
        if (why === undefined) return undefined;
        first ??= why;
      }
      return first;
    }
    // What checks say is known before the alternatives are tried.
    const ordered = [...condition.parts].sort((a, b) => Number(a.kind !== "check") - Number(b.kind !== "check"));
    for (const part of ordered) {
      const why = this.search(part, scope);
      if (why !== undefined) return why;
    }
    return undefined;
  }

  #add(part: PlainCheck, scope: Scope): string | undefined {
    const { check, isNegated, left, id } = part;
    const opposite = this.#options.simplifier.oppositeOf(part);
    const name = () => printOperand(check.left);
    if (opposite !== undefined && scope.has(opposite)) return `the same check of ${name()} must be both true and false`;
    scope.add(id);
    const texts = constants(part);
    if (texts?.length === 0 && !isNegated) return `${name()} is compared with an empty list`;
    const known = this.#options.valuesOf(part);
    if (known?.values.size === 0 && !isNegated) return known.why;
    const comparison = this.#options.comparisonOf(part);
    if (comparison === "other") return undefined;
    const facts = scope.factsAbout(left, name, known);
    note(part, facts, comparison);
    return impossibility(facts);
  }
}

/** The constants on the right side; `undefined` when there are none, or when the check has a modifier. */
function constants({ check: { right, modifier } }: PlainCheck): readonly string[] | undefined {
  if (modifier !== undefined) return undefined;
  if (right?.kind === "value") return [right.text];
  return right?.kind === "list" ? right.texts : undefined;
}

function note(part: PlainCheck, facts: Facts, comparison: "text" | "number"): void {
  const { check, isNegated } = part;
  if (check.operator === "exists") {
    if (isNegated) facts.isAbsent = true;
    else facts.isPresent = true;
    return;
  }
  // A check that is not true does not mention presence: a missing value fails it as well.
  if (!isNegated) facts.isPresent = true;
  const texts = constants(part);
  if (!texts) return;
  const known = comparison === "number" ? texts.map(numberText).filter((value) => value !== undefined) : texts;
  if (known.length < texts.length) return;
  const [value = ""] = known;
  const isEquality = ["=", "==", "in"].includes(check.operator);
  if (isEquality && !isNegated) {
    const { allowed } = facts;
    facts.allowed = new Set(allowed ? known.filter((one) => allowed.has(one)) : known);
  } else if (isEquality || (check.operator === "!=" && !isNegated)) for (const one of known) facts.excluded.add(one);
  else if (comparison === "number") noteBound(facts, { operator: check.operator, isNegated, bound: Number(value) });
  else noteTest(facts, { operator: check.operator, isNegated, value });
}

function noteBound(
  facts: Facts,
  { operator, isNegated, bound }: { readonly operator: string; readonly isNegated: boolean; readonly bound: number },
): void {
  // The numbers are whole ones, and far from where a double has gaps.
  if (isNegated || !Number.isSafeInteger(bound)) return;
  if (operator === ">") facts.least = Math.max(facts.least, bound + 1);
  if (operator === ">=") facts.least = Math.max(facts.least, bound);
  if (operator === "<") facts.most = Math.min(facts.most, bound - 1);
  if (operator === "<=") facts.most = Math.min(facts.most, bound);
}

function noteTest(
  facts: Facts,
  { operator, isNegated, value }: { readonly operator: string; readonly isNegated: boolean; readonly value: string },
): void {
  const tests: Readonly<Record<string, (text: string) => boolean>> = {
    startswith: (text) => text.startsWith(value),
    endswith: (text) => text.endsWith(value),
    contains: (text) => text.includes(value),
  };
  const test = tests[operator];
  if (!test) return;
  facts.tests.push(isNegated ? (text) => !test(text) : test);
  if (operator === "startswith" && !isNegated) facts.prefixes.push(value);
}

/** Why no event can have such a value; `undefined` when one can. */
function impossibility(facts: Facts): string | undefined {
  const { name, allowed, excluded, tests, prefixes, isPresent, isAbsent, why, least, most } = facts;
  if (isPresent && isAbsent) return `${name} must be missing and have a value`;
  if (least > most) return `${name} must be at least ${least} and at most ${most}`;
  const [first = "", ...others] = prefixes;
  const other = others.find((prefix) => !prefix.startsWith(first) && !first.startsWith(prefix));
  if (other !== undefined) return `${name} must start with '${first}' and with '${other}'`;
  if (!allowed || !isPresent) return undefined;
  const isBounded = least !== Number.NEGATIVE_INFINITY || most !== Number.POSITIVE_INFINITY;
  for (const value of allowed) {
    if (excluded.has(value) || !tests.every((test) => test(value))) continue;
    if (!isBounded || (Number(value) >= least && Number(value) <= most)) return undefined;
  }
  return why ?? `no value of ${name} passes all checks of it`;
}

/** A number in one way of writing; `undefined` for what is none. */
function numberText(text: string): string | undefined {
  if (!/^-?(?:\d{1,20}|0[xX][0-9a-fA-F]{1,16})$/.test(text)) return undefined;
  return text.startsWith("-") ? `-${BigInt(text.slice(1))}` : `${BigInt(text)}`;
}
