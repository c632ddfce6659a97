import { checkBool, checkCall } from "./check-call.ts";
import { compileMacro } from "./compile-macro.ts";
import { compileRow } from "./compile-row.ts";
import { type Evaluate, type Frame, type Part, Scope } from "./frame.ts";
import { callFunction, type FunctionTable, type Overload } from "./functions/overload.ts";
import { compilePattern } from "./functions/patterns.ts";
import { indexValue, selectField, testField } from "./select-value.ts";
import { anyType, boolType, commonType, joinTypes, partOf, type StaticType, typeOf, typeText } from "./static-type.ts";
import type { CallNode, ConditionalNode, ExpressionNode, IndexNode, SelectNode } from "./syntax/expression-node.ts";
import { nameChain } from "./syntax/parse-expression.ts";
import { AbortFault, CompileFault, EvaluationFault } from "./values/fault.ts";
import { Meter } from "./values/meter.ts";
import { kindOf, namedTypes, OptionalValue } from "./values/value.ts";

/** Names that an expression can use, and checks before it is evaluated. */
export interface Environment {
  /** Names of variables, also qualified ones: `a.b`. */
  readonly variables: ReadonlySet<string>;
  readonly functions: FunctionTable;
  /** Names are looked up in it first, then in what it lies in: `a.b`. */
  readonly container: string;
  /** False to find out about unknown names and wrong types only where an evaluation comes to them. */
  readonly isChecked: boolean;
}

const deepest = 600;
// Calls of these with constants alone are evaluated when they are compiled, so that a mistake in a constant shows.
const foldable: ReadonlySet<string> = new Set([
  "bool",
  "int",
  "uint",
  "double",
  "string",
  "bytes",
  "timestamp",
  "duration",
  ".format",
]);
const costOfConstant = 10_000;

/**
 * Compiles a tree to an evaluator, with its type. @throws CompileFault for an unknown name, and for types that do not
 * fit.
 */
export function compileNode(node: ExpressionNode, environment: Environment): Part {
  return new Compiler(environment).compile(node, Scope.empty);
}

/** Compiles the parts of one expression. */
export class Compiler {
  readonly environment: Environment;
  #depth = 0;

  constructor(environment: Environment) {
    this.environment = environment;
  }

  compile(node: ExpressionNode, scope: Scope): Part {
    if (++this.#depth > deepest)
      throw new CompileFault(`the expression is nested more than ${deepest} deep`, node.offset);
    const part = this.#compile(node, scope);
    this.#depth--;
    return this.environment.isChecked ? part : { ...part, type: anyType, isConstant: false };
  }

  #compile(node: ExpressionNode, scope: Scope): Part {
    switch (node.kind) {
      case "literal": {
        const { value } = node;
        return { evaluate: () => value, type: { kind: kindOf(value) }, isConstant: true };
      }
      case "name":
        return this.#name(node, scope) ?? this.#undeclared(node.name, node);
      case "select":
        return this.#select(node, scope);
      case "index":
        return this.#index(node, scope);
      case "has":
        return this.#has(node, scope);
      case "and":
      case "or": {
        const operands = node.operands.map((operand) => this.compile(operand, scope));
        for (const { type } of operands)
          checkBool(type, { operator: node.kind === "or" ? "_||_" : "_&&_", offset: node.offset });
        return part(
          logical(
            operands.map(({ evaluate }) => evaluate),
            node.kind === "or",
          ),
          boolType,
        );
      }
      case "conditional":
        return this.#conditional(node, scope);
      case "call":
        return this.#call(node, scope);
      case "list":
      case "map":
        return compileRow(node, { compiler: this, scope });
      case "macro":
        return compileMacro(node, { compiler: this, scope });
    }
  }

  #name(node: ExpressionNode & { kind: "name" }, scope: Scope): Part | undefined {
    const local = node.isRoot ? undefined : scope.find(node.name);
    if (local) return part((frame) => frame.locals[local.slot] ?? null, local.type);
    for (const candidate of this.#candidates(node.name, node.isRoot)) {
      const found = this.#variable(candidate);
      if (found) return found;
    }
    return undefined;
  }

  #variable(name: string): Part | undefined {
    if (this.environment.variables.has(name)) return part((frame) => frame.variable(name), anyType);
    const type = namedTypes.get(name);
    return type && part(() => type, { kind: "type" });
  }

  /** The names that a name may be the last part of, from the innermost container to none. */
  #candidates(name: string, isRoot: boolean): string[] {
    if (isRoot || this.environment.container === "") return [name];
    const parts = this.environment.container.split(".");
    return [...parts.map((_, index) => [...parts.slice(0, parts.length - index), name].join(".")), name];
  }

  #select(node: SelectNode, scope: Scope): Part {
    const qualified = this.#qualifiedName(node, scope);
    if (qualified) return qualified;
    const { evaluate, type } = this.compile(node.operand, scope);
    const { field, isOptional } = node;
    const found = fieldType(type, node.offset);
    return part(
      (frame) => {
        frame.meter.spend(1);
        return selectField(evaluate(frame), field, { isOptional });
      },
      isOptional && found.kind !== "optional" ? typeOf("optional", found) : found,
    );
  }

  /** A chain of names that is the name of one variable or type. */
  #qualifiedName(node: SelectNode, scope: Scope): Part | undefined {
    const chain = node.isOptional ? undefined : nameChain(node);
    if (chain === undefined) return undefined;
    const { isRoot, name } = rootOf(node);
    if (!isRoot && scope.find(name)) return undefined;
    for (const candidate of this.#candidates(chain, isRoot)) {
      const found = this.#variable(candidate);
      if (found) return found;
    }
    return undefined;
  }

  #index(node: IndexNode, scope: Scope): Part {
    const operand = this.compile(node.operand, scope);
    const index = this.compile(node.index, scope);
    const { isOptional } = node;
    const found = itemType(operand.type, index.type, node.offset);
    return part(
      (frame) => {
        frame.meter.spend(1);
        return indexValue(operand.evaluate(frame), index.evaluate(frame), { isOptional });
      },
      isOptional && found.kind !== "optional" ? typeOf("optional", found) : found,
    );
  }

  #has(node: ExpressionNode & { kind: "has" }, scope: Scope): Part {
    const { evaluate, type } = this.compile(node.operand, scope);
    fieldType(type, node.offset);
    const { field } = node;
    return part((frame) => {
      frame.meter.spend(1);
      return testField(evaluate(frame), field);
    }, boolType);
  }

  #conditional({ condition, yes, no, offset }: ConditionalNode, scope: Scope): Part {
    const choose = this.compile(condition, scope);
    const ifTrue = this.compile(yes, scope);
    const ifFalse = this.compile(no, scope);
    checkBool(choose.type, { operator: "_?_:_", offset });
    const type = joinTypes(ifTrue.type, ifFalse.type);
    if (!type) {
      const types = `${typeText(ifTrue.type)}, ${typeText(ifFalse.type)}`;
      throw new CompileFault(`found no matching overload for '_?_:_' applied to '(bool, ${types})'`, offset);
    }
    return part((frame) => {
      const chosen = choose.evaluate(frame);
      if (typeof chosen !== "boolean") throw new EvaluationFault("no such overload: a condition must be a bool");
      return chosen ? ifTrue.evaluate(frame) : ifFalse.evaluate(frame);
    }, type);
  }

  #call(node: CallNode, scope: Scope): Part {
    const { functions } = this.environment;
    const args = node.args.map((arg) => this.compile(arg, scope));
    const global = this.#globalName(node, scope);
    if (global !== undefined) return this.#run(node, functions.get(global) ?? [], args);
    if (!node.target) return this.#undeclared(node.name, node);
    const target = this.compile(node.target, scope);
    const forms = functions.get(`.${node.name}`);
    if (!forms) return this.#undeclared(node.name, node);
    const [otherwise] = args;
    if ((node.name === "or" || node.name === "orValue") && otherwise && args.length === 1) {
      const holdsValue = node.name === "orValue";
      return part(
        alternative(target.evaluate, otherwise.evaluate, { holdsValue }),
        alternativeType(target, otherwise, { holdsValue }),
      );
    }
    return this.#run(node, forms, [target, ...args]);
  }

  /** The name of the function that a call is of: a global one, or `math.least` where `math` is not a variable. */
  #globalName({ name, target }: CallNode, scope: Scope): string | undefined {
    const { functions } = this.environment;
    if (!target) return this.#candidates(name, false).find((candidate) => functions.get(candidate));
    const chain = nameChain(target);
    if (chain === undefined) return undefined;
    const root = rootOf(target);
    if (!root.isRoot && scope.find(root.name)) return undefined;
    return this.#candidates(`${chain}.${name}`, root.isRoot).find((candidate) => functions.get(candidate));
  }

  #run({ offset }: CallNode, forms: readonly Overload[], args: readonly Part[]): Part {
    const type = this.environment.isChecked ? checkCall({ forms, args: args.map((arg) => arg.type), offset }) : anyType;
    const isConstant = args.every((arg) => arg.isConstant) && foldable.has(forms[0]?.name ?? "");
    const called = {
      evaluate: caller(
        forms,
        args.map(({ evaluate }) => evaluate),
      ),
      type,
      isConstant,
    };
    if (isConstant) evaluateConstant(called.evaluate, offset);
    if (/^\.?(?:matches|find|findAll)$/.test(forms[0]?.name ?? "")) checkPattern(args[1], offset);
    return called;
  }

  #undeclared(name: string, { offset }: ExpressionNode): Part {
    const message = `undeclared reference to '${name}' (in container '${this.environment.container}')`;
    if (this.environment.isChecked) throw new CompileFault(message, offset);
    return part(() => {
      throw new EvaluationFault(message);
    }, anyType);
  }
}

function part(evaluate: Evaluate, type: StaticType): Part {
  return { evaluate, type, isConstant: false };
}

function rootOf(node: ExpressionNode): { name: string; isRoot: boolean } {
  let at = node;
  while (at.kind === "select") at = at.operand;
  return at.kind === "name" ? at : { name: "", isRoot: false };
}

function fieldType(operand: StaticType, offset: number): StaticType {
  if (operand.kind === "any") return anyType;
  if (operand.kind === "map") return partOf(operand, 1);
  if (operand.kind === "optional") return typeOf("optional", fieldType(partOf(operand, 0), offset));
  throw new CompileFault(`type '${typeText(operand)}' does not support field selection`, offset);
}

function itemType(operand: StaticType, index: StaticType, offset: number): StaticType {
  if (operand.kind === "any") return anyType;
  if (operand.kind === "optional") return typeOf("optional", itemType(partOf(operand, 0), index, offset));
  if (operand.kind === "list" && joinTypes(index, { kind: "int" })) return partOf(operand, 0);
  if (operand.kind === "map" && joinTypes(index, partOf(operand, 0))) return partOf(operand, 1);
  throw new CompileFault(
    `found no matching overload for '_[_]' applied to '(${typeText(operand)}, ${typeText(index)})'`,
    offset,
  );
}

function caller(forms: readonly Overload[], args: readonly Evaluate[]): Evaluate {
  const [first, second] = args;
  if (first && second && args.length === 2) {
    return (frame) => {
      frame.meter.spend(1);
      return callFunction(forms, [first(frame), second(frame)], frame.meter);
    };
  }
  return (frame) => {
    frame.meter.spend(1);
    return callFunction(
      forms,
      args.map((arg) => arg(frame)),
      frame.meter,
    );
  };
}

function evaluateConstant(evaluate: Evaluate, offset: number): void {
  const frame: Frame = {
    meter: new Meter(costOfConstant),
    locals: [],
    variable: () => {
      throw new EvaluationFault("no variable is a constant");
    },
  };
  try {
    evaluate(frame);
  } catch (fault) {
    if (fault instanceof EvaluationFault) throw new CompileFault(fault.message, offset);
    // A constant that costs much is evaluated when it is needed.
    if (!(fault instanceof AbortFault)) throw fault;
  }
}

function checkPattern(pattern: Part | undefined, offset: number): void {
  if (!pattern?.isConstant || pattern.type.kind !== "string") return;
  evaluateConstant((frame) => {
    const text = pattern.evaluate(frame);
    if (typeof text === "string") compilePattern(text);
    return true;
  }, offset);
}

/** `&&` (decided by false) or `||` (decided by true): an operand that decides makes up for the fault of another. */
function logical(operands: readonly Evaluate[], decisive: boolean): Evaluate {
  return (frame: Frame) => {
    let fault: EvaluationFault | undefined;
    for (const operand of operands) {
      frame.meter.spend(1);
      try {
        const value = operand(frame);
        if (value === decisive) return decisive;
        if (typeof value !== "boolean") {
          fault ??= new EvaluationFault(`no such overload: ${decisive ? "||" : "&&"} takes bools`);
        }
      } catch (thrown) {
        if (!(thrown instanceof EvaluationFault)) throw thrown;
        fault ??= thrown;
      }
    }
    if (fault) throw fault;
    return !decisive;
  };
}

/**
 * `a.or(b)` and `a.orValue(b)`, which evaluate the argument only when it is needed. A value that is not optional is
 * itself, as with cel-go: policies rely on it.
 */
function alternative(target: Evaluate, otherwise: Evaluate, { holdsValue }: { holdsValue: boolean }): Evaluate {
  return (frame) => {
    frame.meter.spend(1);
    const optional = target(frame);
    if (!(optional instanceof OptionalValue)) return optional;
    if (optional.value !== undefined) return holdsValue ? optional.value : optional;
    return otherwise(frame);
  };
}

function alternativeType(target: Part, otherwise: Part, { holdsValue }: { holdsValue: boolean }): StaticType {
  if (target.type.kind !== "optional") return anyType;
  return commonType([holdsValue ? partOf(target.type, 0) : target.type, otherwise.type]);
}
