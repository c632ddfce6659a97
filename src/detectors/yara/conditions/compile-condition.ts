import { moduleOf } from "../modules/known-modules.ts";
import { Automaton, type AutomatonMemory } from "../strings/automaton.ts";
import { compileProgram, refuseLarge } from "../strings/program.ts";
import type { SearchString } from "../strings/search-string.ts";
import type { StringMatches } from "../strings/string-search.ts";
import { NeedsEngine, RuleError } from "../syntax/rule-error.ts";
import type { Expression, Iterator, Quantity, Range, SetOfNames } from "../syntax/rule-syntax.ts";
import { compileBinary, complement, isNumber, nameOf } from "./operators.ts";
import { type Compiled, type FileInScan, isTrue, type Type, type Value } from "./value.ts";

/** What a condition may name. */
export interface ConditionScope {
  readonly line: number;
  /** The strings of the rule by their names, with their indices in the rule set. */
  readonly strings: ReadonlyMap<string, { readonly index: number; readonly string: SearchString }>;
  /** Rules that come before in the same file, with their indices; undefined for those that need another engine. */
  readonly rules: ReadonlyMap<string, number | undefined>;
  readonly memory: AutomatonMemory;
}

/**
 * A condition as a function. Errors: {@link RuleError} for one that YARA refuses too, {@link NeedsEngine} for one that
 * is not evaluated here.
 */
export function compileCondition(condition: Expression, scope: ConditionScope): (file: FileInScan) => boolean {
  const evaluate = new ConditionCompiler(scope).truth(condition);
  return (file) => evaluate(file) === true;
}

/** What a turn of a loop costs at least. */
const leastTurn = 10;

type Truth = (file: FileInScan) => boolean | undefined;

interface LoopVariable {
  readonly slot: number;
  readonly type: Type;
}

class ConditionCompiler {
  readonly #scope: ConditionScope;
  readonly #variables = new Map<string, LoopVariable>();
  /** The strings that `$` stands for within loops over strings, and the slot of the one of this turn. */
  readonly #anonymous: {
    readonly slot: number;
    readonly set: readonly number[];
    readonly strings: readonly SearchString[];
  }[] = [];
  #slots = 0;
  /** What one evaluation of the expressions that were compiled so far costs. */
  #work = 0;

  constructor(scope: ConditionScope) {
    this.#scope = scope;
  }

  truth(expression: Expression): Truth {
    const { type, evaluate } = this.#compile(expression);
    if (typeof type !== "string" || type === "regexp") this.#fail(`${nameOf(type)} is not a condition`);
    if (type === "boolean") return evaluate as Truth;
    return (file) => {
      const value = evaluate(file);
      return value === undefined ? undefined : isTrue(value);
    };
  }

  #compile(expression: Expression): Compiled {
    this.#work += expression.kind === "text" ? 1 + expression.value.length / 8 : 1;
    switch (expression.kind) {
      case "boolean":
      case "integer":
      case "float":
      case "text": {
        const { value } = expression;
        return { type: expression.kind, evaluate: () => value };
      }
      case "regexp":
        return this.#fail("a regular expression is only possible after matches");
      case "filesize":
        return { type: "integer", evaluate: ({ bytes }) => bytes.length };
      case "entrypoint":
        throw new NeedsEngine("entrypoint, which YARA has deprecated");
      case "unsupported":
        throw new NeedsEngine(expression.needs);
      case "read":
        return this.#read(expression.what, expression.offset);
      case "string":
        return this.#string(expression);
      case "count":
        return this.#count(expression);
      case "offset":
      case "length":
        return this.#place(expression);
      case "not":
      case "defined":
      case "and":
      case "or":
        return { type: "boolean", evaluate: this.#logic(expression) };
      case "negate":
      case "complement":
        return this.#unary(expression);
      case "binary":
        return this.#binary(expression);
      case "of":
        return { type: "boolean", evaluate: this.#of(expression) };
      case "for-of":
        return { type: "boolean", evaluate: this.#forOf(expression) };
      case "for-in":
        return { type: "boolean", evaluate: this.#forIn(expression) };
      case "name":
        return this.#name(expression.name);
      case "member":
        return this.#member(expression);
      case "index":
        return this.#index(expression);
      case "call":
        return this.#call(expression);
    }
  }

  #read(what: string, offset: Expression): Compiled {
    const at = this.#integer(offset);
    const size = Number(/\d+/.exec(what)?.[0]) / 8;
    const isSigned = what.startsWith("i");
    const isBig = what.endsWith("be");
    const read = (bytes: Buffer, position: number): number => {
      if (isBig) return isSigned ? bytes.readIntBE(position, size) : bytes.readUIntBE(position, size);
      return isSigned ? bytes.readIntLE(position, size) : bytes.readUIntLE(position, size);
    };
    return {
      type: "integer",
      evaluate: (file) => {
        const position = at(file);
        const isInside = position !== undefined && position >= 0 && position + size <= file.bytes.length;
        return isInside ? read(file.bytes, position) : undefined;
      },
    };
  }

  #string({ name, at, in: range }: Extract<Expression, { kind: "string" }>): Compiled {
    const matches = this.#matches(name, { all: at !== undefined || range !== undefined });
    return { type: "boolean", evaluate: this.#placed(matches, { at, in: range }) };
  }

  /** Whether a string was found, at a place if one is given. */
  #placed(
    matches: (file: FileInScan) => StringMatches,
    { at, in: range }: { readonly at?: Expression | undefined; readonly in?: Range | undefined },
  ): (file: FileInScan) => boolean {
    if (at) {
      const offset = this.#integer(at);
      return (file) => {
        const wanted = offset(file);
        return wanted !== undefined && countWithin(matches(file).offsets, { from: wanted, to: wanted }) > 0;
      };
    }
    if (!range) return (file) => matches(file).offsets.length > 0;
    const bounds = this.#bounds(range);
    return (file) => {
      const wanted = bounds(file);
      return wanted !== undefined && countWithin(matches(file).offsets, wanted) > 0;
    };
  }

  #count({ name, in: range }: Extract<Expression, { kind: "count" }>): Compiled {
    const matches = this.#matches(name, { all: true });
    if (!range) return { type: "integer", evaluate: (file) => matches(file).offsets.length };
    const bounds = this.#bounds(range);
    return {
      type: "integer",
      evaluate: (file) => {
        const wanted = bounds(file);
        return wanted && countWithin(matches(file).offsets, wanted);
      },
    };
  }

  #place({ kind, name, index }: Extract<Expression, { kind: "offset" | "length" }>): Compiled {
    const matches = this.#matches(name, { all: true });
    const which = index ? this.#integer(index) : () => 1;
    const list = kind === "offset" ? "offsets" : "lengths";
    return {
      type: "integer",
      evaluate: (file) => {
        const number = which(file);
        return number === undefined ? undefined : matches(file)[list][number - 1];
      },
    };
  }

  /** The matches of a string by its name; of `$` those of the string of this turn of a loop. */
  #matches(name: string, { all }: { readonly all: boolean }): (file: FileInScan) => StringMatches {
    if (name === "$") {
      const loop = this.#anonymous.at(-1) ?? this.#fail("$ without a name outside of a loop over strings");
      for (const string of loop.strings) string.needsAll ||= all;
      return (file) => file.strings.matchesOf(Number(file.variables[loop.slot]));
    }
    const known = this.#scope.strings.get(name) ?? this.#fail(`string ${name} is not defined`);
    known.string.needsAll ||= all;
    return (file) => file.strings.matchesOf(known.index);
  }

  #logic(expression: Extract<Expression, { kind: "not" | "defined" | "and" | "or" }>): Truth {
    if (expression.kind === "defined") {
      const { evaluate } = this.#compile(expression.operand);
      return (file) => evaluate(file) !== undefined;
    }
    if (expression.kind === "not") {
      const operand = this.truth(expression.operand);
      return (file) => {
        const value = operand(file);
        return value === undefined ? undefined : !value;
      };
    }
    const operands = expression.operands.map((operand) => this.truth(operand));
    if (expression.kind === "and") return (file) => operands.every((operand) => operand(file) === true);
    return (file) => operands.some((operand) => operand(file) === true);
  }

  #unary({ kind, operand }: Extract<Expression, { kind: "negate" | "complement" }>): Compiled {
    const { type, evaluate } = this.#compile(operand);
    if (!isNumber(type) || (kind === "complement" && type !== "integer")) this.#fail(`sign before ${nameOf(type)}`);
    const apply = kind === "negate" ? (value: number) => -value : complement;
    return {
      type,
      evaluate: (file) => {
        const value = evaluate(file);
        return typeof value === "number" ? apply(value) : undefined;
      },
    };
  }

  #binary({ operator, left, right }: Extract<Expression, { kind: "binary" }>): Compiled {
    const { line } = this.#scope;
    const one = this.#compile(left);
    if (operator !== "matches") return compileBinary(operator, { left: one, right: this.#compile(right), line });
    if (right.kind !== "regexp" || one.type !== "text")
      this.#fail("matches is not between a text and a regular expression");
    const { memory } = this.#scope;
    refuseLarge(right.pattern);
    const program = compileProgram(right.pattern, { isReversed: true });
    const automaton = new Automaton(program, { restarts: true, memory });
    return {
      type: "boolean",
      evaluate: (file) => {
        const value = one.evaluate(file);
        if (typeof value !== "string") return undefined;
        const found: number[] = [];
        const bytes = Buffer.from(value, "latin1");
        automaton.searchBackwards(bytes, { from: bytes.length, to: 0, found, budget: file.budget });
        return found.length > 0;
      },
    };
  }

  #of({ quantity, set, at, in: range }: Extract<Expression, { kind: "of" }>): Truth {
    const members = this.#members(set);
    this.#work += members.length;
    const isPlaced = at !== undefined || range !== undefined;
    const tests = members.map((member) => {
      if (member.kind === "rule") {
        if (isPlaced) this.#fail("rules have no place in a file");
        return (file: FileInScan) => file.verdicts[member.index] === 1;
      }
      member.string.needsAll ||= isPlaced;
      return this.#placed((file) => file.strings.matchesOf(member.index), { at, in: range });
    });
    return this.#quantified(quantity, { total: tests.length, test: (index, file) => tests[index]?.(file) === true });
  }

  #forOf({ quantity, set, body }: Extract<Expression, { kind: "for-of" }>): Truth {
    const members = this.#members(set).filter((member) => member.kind === "string");
    const slot = this.#slots++;
    const indices = members.map(({ index }) => index);
    this.#anonymous.push({ slot, set: indices, strings: members.map(({ string }) => string) });
    const { test, work } = this.#turn(body);
    this.#anonymous.pop();
    return this.#quantified(quantity, {
      total: indices.length,
      test: (index, file) => {
        file.budget.spend(work);
        file.variables[slot] = indices[index];
        return test(file) === true;
      },
    });
  }

  #forIn({ quantity, names, iterator, body }: Extract<Expression, { kind: "for-in" }>): Truth {
    const { items, types } = this.#iterated(iterator);
    if (names.length !== types.length) this.#fail(`loop needs ${types.length} variables`);
    const enough = this.#enough(quantity);
    const slots = names.map(() => this.#slots++);
    const hidden = names.map((name) => this.#variables.get(name));
    for (const [index, name] of names.entries()) {
      this.#variables.set(name, { slot: slots[index] ?? 0, type: types[index] ?? "integer" });
    }
    const { test, work } = this.#turn(body);
    for (const [index, name] of names.entries()) {
      const before = hidden[index];
      if (before) this.#variables.set(name, before);
      else this.#variables.delete(name);
    }
    const [slot = 0] = slots;
    return (file) => {
      const list = items(file);
      // As in YARA, nothing holds for all of none.
      if (list === undefined || list.length === 0) return false;
      const judge = enough(file, list.length);
      let count = 0;
      for (let turn = 0; turn < list.length; turn++) {
        file.budget.spend(work);
        file.variables[slot] = list.at(turn);
        if (test(file) === true) count++;
        const verdict = judge?.(count, list.length - turn - 1);
        if (verdict !== undefined) return verdict;
      }
      return judge?.(count, 0) ?? false;
    };
  }

  /** The body of a loop, and what one turn costs. */
  #turn(body: Expression): { readonly test: Truth; readonly work: number } {
    const before = this.#work;
    const test = this.truth(body);
    return { test, work: Math.max(leastTurn, this.#work - before) };
  }

  #iterated(iterator: Iterator): {
    readonly items: (file: FileInScan) => Items | undefined;
    readonly types: readonly Type[];
  } {
    if (iterator.kind === "range") {
      const bounds = this.#bounds(iterator.range);
      const items = (file: FileInScan): Items | undefined => {
        const range = bounds(file);
        return range && { length: Math.max(0, range.to - range.from + 1), at: (index) => range.from + index };
      };
      return { items, types: ["integer"] };
    }
    if (iterator.kind === "list") {
      const values = iterator.items.map((item) => this.#compile(item));
      const [type = "integer"] = values.map((value) => value.type);
      if (values.some((value) => value.type !== type)) this.#fail("values of a loop have different types");
      const items = (file: FileInScan): Items => ({
        length: values.length,
        at: (index) => values[index]?.evaluate(file),
      });
      return { items, types: [type] };
    }
    const { type, evaluate } = this.#compile(iterator.value);
    if (typeof type === "string" || type.kind !== "list") return this.#fail(`loop over ${nameOf(type)}`);
    const items = (file: FileInScan): Items | undefined => {
      const value = evaluate(file);
      return Array.isArray(value) ? { length: value.length, at: (index) => value[index] } : undefined;
    };
    return { items, types: [type.item] };
  }

  #quantified(
    quantity: Quantity,
    { total, test }: { readonly total: number; readonly test: (index: number, file: FileInScan) => boolean },
  ): Truth {
    const enough = this.#enough(quantity);
    return (file) => {
      const judge = enough(file, total);
      if (judge === undefined) return false;
      let count = 0;
      for (let index = 0; index < total; index++) {
        if (test(index, file)) count++;
        const verdict = judge(count, total - index - 1);
        if (verdict !== undefined) return verdict;
      }
      return judge(count, 0) ?? false;
    };
  }

  /** Takes a file and the number of members, and returns what decides by how many hold and how many are left. */
  #enough(quantity: Quantity): (file: FileInScan, total: number) => Judge | undefined {
    if (!("value" in quantity)) {
      if (quantity.kind === "none") return () => atMost(0);
      return (_, total) => atLeast(quantity.kind === "any" ? 1 : total);
    }
    const { type, evaluate } = this.#compile(quantity.value);
    if (type !== "integer") this.#fail(`${nameOf(type)} instead of a number of strings`);
    const isPercentage = quantity.kind === "percentage";
    return (file, total) => {
      const value = evaluate(file);
      if (typeof value !== "number") return undefined;
      const wanted = isPercentage ? Math.ceil((total * value) / 100) : value;
      return wanted === 0 ? atMost(0) : atLeast(wanted);
    };
  }

  #members(set: SetOfNames): Member[] {
    return set.flatMap((wanted): Member[] => {
      if (!wanted.startsWith("$")) return this.#rulesOf(wanted).map((index) => ({ kind: "rule" as const, index }));
      const found = [...this.#scope.strings]
        .filter(([name]) => (wanted.endsWith("*") ? name.startsWith(wanted.slice(0, -1)) : name === wanted))
        .map(([, { index, string }]) => ({ kind: "string" as const, index, string }));
      return found.length > 0
        ? found
        : this.#fail(wanted === "$*" ? "no strings are defined" : `string ${wanted} is not defined`);
    });
  }

  #rulesOf(wanted: string): number[] {
    const names = wanted.endsWith("*")
      ? [...this.#scope.rules.keys()].filter((name) => name.startsWith(wanted.slice(0, -1)))
      : [wanted];
    if (names.length === 0) this.#fail(`no rule ${wanted} before this one`);
    return names.map((name) => this.#rule(name) ?? this.#fail(`no rule ${name} before this one`));
  }

  #rule(name: string): number | undefined {
    if (!this.#scope.rules.has(name)) return undefined;
    const index = this.#scope.rules.get(name);
    if (index === undefined) throw new NeedsEngine(`the rule ${name}, which needs an engine itself`);
    return index;
  }

  #name(name: string): Compiled {
    const variable = this.#variables.get(name);
    if (variable) return { type: variable.type, evaluate: ({ variables }) => variables[variable.slot] };
    const rule = this.#rule(name);
    if (rule !== undefined) return { type: "boolean", evaluate: ({ verdicts }) => verdicts[rule] === 1 };
    const module = moduleOf(name);
    if (module === undefined) throw new NeedsEngine(`the external variable or the rule ${name}`);
    const { fieldsOf } = module;
    if (!fieldsOf) return { type: module.type, evaluate: () => ({}) };
    return {
      type: module.type,
      evaluate: (file) => {
        const known = file.modules.get(name);
        if (known) return known;
        const fields = fieldsOf(file);
        file.modules.set(name, fields);
        return fields;
      },
    };
  }

  #member({ of, name }: Extract<Expression, { kind: "member" }>): Compiled {
    const { type, evaluate } = this.#compile(of);
    if (typeof type === "string" || type.kind !== "structure") this.#fail(`.${name} of ${nameOf(type)}`);
    const field = type.fields[name];
    if (field === undefined) {
      const module = of.kind === "name" ? `${of.name}.` : "field ";
      throw new NeedsEngine(`${module}${name}`);
    }
    return {
      type: field,
      evaluate: (file) => (evaluate(file) as Readonly<Record<string, Value>> | undefined)?.[name],
    };
  }

  #index({ of, index }: Extract<Expression, { kind: "index" }>): Compiled {
    const { type, evaluate } = this.#compile(of);
    if (typeof type === "string" || type.kind !== "list") this.#fail(`index of ${nameOf(type)}`);
    const which = this.#integer(index);
    return {
      type: type.item,
      evaluate: (file) => {
        const list = evaluate(file) as readonly Value[] | undefined;
        const position = which(file);
        return position === undefined ? undefined : list?.[position];
      },
    };
  }

  #call({ function: called, arguments: given }: Extract<Expression, { kind: "call" }>): Compiled {
    const { type } = this.#compile(called);
    if (typeof type === "string" || type.kind !== "function") this.#fail(`call of ${nameOf(type)}`);
    const args = given.map((argument) => this.#compile(argument));
    const form = type.forms.find(
      ({ parameters }) =>
        parameters.length === args.length && parameters.every((parameter, index) => args[index]?.type === parameter),
    );
    if (!form) this.#fail(`wrong arguments of ${called.kind === "member" ? called.name : "a function"}`);
    return {
      type: form.result,
      evaluate: (file) => {
        const values = args.map(({ evaluate }) => evaluate(file));
        return values.includes(undefined) ? undefined : form.call(file, values);
      },
    };
  }

  #bounds({ from, to }: Range): (file: FileInScan) => { readonly from: number; readonly to: number } | undefined {
    const [low, high] = [this.#integer(from), this.#integer(to)];
    return (file) => {
      const [first, last] = [low(file), high(file)];
      return first === undefined || last === undefined ? undefined : { from: first, to: last };
    };
  }

  #integer(expression: Expression): (file: FileInScan) => number | undefined {
    const { type, evaluate } = this.#compile(expression);
    if (type !== "integer") this.#fail(`${nameOf(type)} where an integer is needed`);
    return evaluate as (file: FileInScan) => number | undefined;
  }

  #fail(message: string): never {
    throw new RuleError(this.#scope.line, message);
  }
}

/** A member of a set, by its index in the rule set. */
type Member =
  | { readonly kind: "string"; readonly index: number; readonly string: SearchString }
  | { readonly kind: "rule"; readonly index: number };

interface Items {
  readonly length: number;
  readonly at: (index: number) => Value;
}

/** The answer, once no member that is left can change it. */
type Judge = (count: number, left: number) => boolean | undefined;

function atLeast(wanted: number): Judge {
  return (count, left) => {
    if (left > 0 && count >= wanted && wanted > 0) return true;
    if (count + left < wanted) return false;
    return left === 0 ? count >= wanted : undefined;
  };
}

function atMost(wanted: number): Judge {
  return (count, left) => (count > wanted ? false : left === 0 ? true : undefined);
}

/** How many of the ascending offsets lie in a range with both its ends. */
function countWithin(offsets: readonly number[], { from, to }: { readonly from: number; readonly to: number }): number {
  return Math.max(0, firstFrom(offsets, to + 1) - firstFrom(offsets, from));
}

function firstFrom(offsets: readonly number[], least: number): number {
  let [low, high] = [0, offsets.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((offsets[middle] ?? 0) < least) low = middle + 1;
    else high = middle;
  }
  return low;
}
