import { checkBool } from "./check-call.ts";
import type { Compiler } from "./compile-expression.ts";
import type { Evaluate, Frame, Part, Scope } from "./frame.ts";
import { anyType, boolType, partOf, type StaticType, typeOf, typeText } from "./static-type.ts";
import type { MacroName, MacroNode } from "./syntax/expression-node.ts";
import { compareValues, haveOrder, payForSorting } from "./values/compare-values.ts";
import { CompileFault, EvaluationFault } from "./values/fault.ts";
import { EntriesMap } from "./values/map-value.ts";
import { kindOf, ListValue, MapValue, noValue, OptionalValue, type Value } from "./values/value.ts";

/** A macro whose parts are compiled. */
interface CompiledMacro {
  readonly range: Evaluate;
  /** Gives the variables their values, one by one; two for an index or a key with its value. */
  readonly slots: readonly number[];
  readonly first: Evaluate;
  readonly second: Evaluate | undefined;
}

/** Compiles a macro. @throws CompileFault as the compiler does. */
export function compileMacro(node: MacroNode, { compiler, scope }: { compiler: Compiler; scope: Scope }): Part {
  const range = compiler.compile(node.range, scope);
  const { scope: inner, slots } = scope.with(node.variables, variableTypes(node, range.type));
  const bodies = node.bodies.map((body) => compiler.compile(body, inner));
  const [first = range, second] = bodies;
  const isCondition = ["all", "exists", "existsOne", "filter"].includes(node.name) || second !== undefined;
  if (isCondition) checkBool(first.type, { operator: node.name, offset: node.offset });
  const macro = { range: range.evaluate, slots, first: first.evaluate, second: second?.evaluate };
  return {
    evaluate: evaluator(node.name, macro),
    type: resultType(node.name, { range: range.type, body: (second ?? first).type }),
    isConstant: false,
  };
}

function evaluator(name: MacroName, macro: CompiledMacro): Evaluate {
  switch (name) {
    case "all":
      return quantifier(macro, false);
    case "exists":
      return quantifier(macro, true);
    case "existsOne":
      return existsOne(macro);
    case "filter":
      return filter(macro);
    case "map":
    case "transformList":
      return transformList(macro);
    case "transformMap":
      return transformMap(macro);
    case "transformMapEntry":
      return transformMapEntry(macro);
    case "optMap":
      return optionalMap(macro, (value) => new OptionalValue(value));
    case "optFlatMap":
      return optionalMap(macro, asOptional);
    case "sortBy":
      return sortBy(macro);
    case "bind":
      return (frame) => {
        frame.locals[macro.slots[0] ?? 0] = macro.range(frame);
        return macro.first(frame);
      };
  }
}

/** Of the variables that a macro binds. @throws CompileFault when it cannot iterate over a range of such a type. */
function variableTypes({ name, variables, offset }: MacroNode, range: StaticType): StaticType[] {
  if (name === "bind") return [range];
  if (range.kind === "any") return [anyType, anyType];
  if (name === "optMap" || name === "optFlatMap") {
    if (range.kind === "optional") return [partOf(range, 0)];
  } else if (range.kind === "list") {
    return variables.length === 1 ? [partOf(range, 0)] : [{ kind: "int" }, partOf(range, 0)];
  } else if (range.kind === "map") {
    return [partOf(range, 0), partOf(range, 1)];
  }
  throw new CompileFault(`${name}() cannot iterate over a value of type '${typeText(range)}'`, offset);
}

function resultType(name: MacroName, { range, body }: { range: StaticType; body: StaticType }): StaticType {
  switch (name) {
    case "all":
    case "exists":
    case "existsOne":
      return boolType;
    case "filter":
    case "sortBy":
      return typeOf("list", partOf(range, 0));
    case "map":
    case "transformList":
      return typeOf("list", body);
    case "transformMap":
      return typeOf("map", range.kind === "list" ? { kind: "int" } : partOf(range, 0), body);
    case "transformMapEntry":
    case "optFlatMap":
    case "bind":
      return body;
    case "optMap":
      return typeOf("optional", body);
  }
}

/**
 * The steps of a range: with one variable the items of a list or the keys of a map, with two an index or a key and its
 * value.
 */
function* steps({ range, slots }: CompiledMacro, frame: Frame): Generator<Value> {
  const over = range(frame);
  const [slot = 0, valueSlot] = slots;
  if (over instanceof ListValue) {
    for (const [index, item] of over.items.entries()) {
      frame.meter.spend(1);
      frame.locals[slot] = valueSlot === undefined ? item : BigInt(index);
      if (valueSlot !== undefined) frame.locals[valueSlot] = item;
      yield item;
    }
  } else if (over instanceof MapValue) {
    for (const key of over.keys()) {
      frame.meter.spend(1);
      frame.locals[slot] = key;
      if (valueSlot !== undefined) frame.locals[valueSlot] = over.get(key) ?? null;
      yield key;
    }
  } else {
    throw new EvaluationFault(`no such overload: a macro cannot iterate over a value of type ${kindOf(over)}`);
  }
}

function condition(evaluate: Evaluate, frame: Frame): boolean {
  const value = evaluate(frame);
  if (typeof value !== "boolean")
    throw new EvaluationFault("no such overload: the condition of a macro must be a bool");
  return value;
}

/** `exists` (decided by true) or `all` (decided by false): a step that decides makes up for the faults of others. */
function quantifier(macro: CompiledMacro, decisive: boolean): Evaluate {
  return (frame) => {
    let fault: EvaluationFault | undefined;
    for (const _ of steps(macro, frame)) {
      try {
        if (condition(macro.first, frame) === decisive) return decisive;
      } catch (thrown) {
        if (!(thrown instanceof EvaluationFault)) throw thrown;
        fault ??= thrown;
      }
    }
    if (fault) throw fault;
    return !decisive;
  };
}

function existsOne(macro: CompiledMacro): Evaluate {
  return (frame) => {
    let count = 0;
    for (const _ of steps(macro, frame)) if (condition(macro.first, frame)) count++;
    return count === 1;
  };
}

function filter(macro: CompiledMacro): Evaluate {
  return (frame) => {
    const kept: Value[] = [];
    for (const item of steps(macro, frame)) if (condition(macro.first, frame)) kept.push(item);
    return new ListValue(kept);
  };
}

/** The body, or with two the second where the first holds. */
function transformList(macro: CompiledMacro): Evaluate {
  return (frame) => {
    const made: Value[] = [];
    for (const _ of steps(macro, frame)) {
      if (macro.second && !condition(macro.first, frame)) continue;
      made.push((macro.second ?? macro.first)(frame));
    }
    return new ListValue(made);
  };
}

function transformMap(macro: CompiledMacro): Evaluate {
  return (frame) => {
    const map = new EntriesMap();
    for (const _ of steps(macro, frame)) {
      if (macro.second && !condition(macro.first, frame)) continue;
      map.add(frame.locals[macro.slots[0] ?? 0] ?? null, (macro.second ?? macro.first)(frame));
    }
    return map;
  };
}

function transformMapEntry(macro: CompiledMacro): Evaluate {
  return (frame) => {
    const map = new EntriesMap();
    for (const _ of steps(macro, frame)) {
      if (macro.second && !condition(macro.first, frame)) continue;
      const entry = (macro.second ?? macro.first)(frame);
      if (!(entry instanceof MapValue))
        throw new EvaluationFault("no such overload: transformMapEntry() requires a map for each entry");
      for (const key of entry.keys()) {
        frame.meter.spend(1);
        if (!map.add(key, entry.get(key) ?? null)) throw new EvaluationFault("insert failed: duplicate key");
      }
    }
    return map;
  };
}

function optionalMap(macro: CompiledMacro, wrap: (value: Value) => Value): Evaluate {
  return (frame) => {
    const optional = asOptional(macro.range(frame));
    if (optional.value === undefined) return noValue;
    frame.locals[macro.slots[0] ?? 0] = optional.value;
    return wrap(macro.first(frame));
  };
}

function asOptional(value: Value): OptionalValue {
  if (value instanceof OptionalValue) return value;
  throw new EvaluationFault(`no such overload: a value of type ${kindOf(value)} is not an optional`);
}

function sortBy(macro: CompiledMacro): Evaluate {
  return (frame) => {
    const rows: { item: Value; key: Value }[] = [];
    for (const item of steps(macro, frame)) rows.push({ item, key: macro.first(frame) });
    if (rows[0] && !rows.every(({ key }) => haveOrder(rows[0]?.key ?? null, key))) {
      throw new EvaluationFault("no such overload: sortBy() needs comparable keys");
    }
    payForSorting(
      rows.map(({ key }) => key),
      frame.meter,
    );
    rows.sort((a, b) => compareValues(a.key, b.key) ?? 0);
    return new ListValue(rows.map(({ item }) => item));
  };
}
