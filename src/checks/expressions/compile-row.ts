import type { Compiler } from "./compile-expression.ts";
import type { Evaluate, Part, Scope } from "./frame.ts";
import { commonType, partOf, type StaticType, typeOf } from "./static-type.ts";
import type { ExpressionNode, ListItem, MapEntry } from "./syntax/expression-node.ts";
import { EvaluationFault } from "./values/fault.ts";
import { EntriesMap } from "./values/map-value.ts";
import { ListValue, OptionalValue, type Value } from "./values/value.ts";

interface Place {
  readonly compiler: Compiler;
  readonly scope: Scope;
}

/** Compiles a list or a map that is written out. @throws CompileFault as the compiler does. */
export function compileRow(node: ExpressionNode & { kind: "list" | "map" }, place: Place): Part {
  return node.kind === "list" ? list(node.items, place) : map(node.entries, place);
}

function list(items: readonly ListItem[], { compiler, scope }: Place): Part {
  const parts = items.map(({ node, isOptional }) => ({ ...compiler.compile(node, scope), isOptional }));
  const type = typeOf("list", commonType(parts.map((part) => contentType(part.type, part.isOptional))));
  const evaluate: Evaluate = (frame) => {
    frame.meter.spend(1 + parts.length);
    const values: Value[] = [];
    for (const item of parts) {
      const content = contentOf(item.evaluate(frame), item.isOptional);
      if (content !== undefined) values.push(content);
    }
    return new ListValue(values);
  };
  if (!items.every(({ node, isOptional }) => node.kind === "literal" && !isOptional)) {
    return { evaluate, type, isConstant: parts.every(({ isConstant }) => isConstant) };
  }
  const constant = new ListValue(items.flatMap(({ node }) => (node.kind === "literal" ? [node.value] : [])));
  return { evaluate: () => constant, type, isConstant: true };
}

function map(entries: readonly MapEntry[], { compiler, scope }: Place): Part {
  const parts = entries.map(({ key, value, isOptional }) => ({
    key: compiler.compile(key, scope),
    value: compiler.compile(value, scope),
    isOptional,
  }));
  const keyType = commonType(parts.map(({ key }) => key.type));
  const valueType = commonType(parts.map(({ value, isOptional }) => contentType(value.type, isOptional)));
  const evaluate: Evaluate = (frame) => {
    frame.meter.spend(1 + 2 * parts.length);
    const made = new EntriesMap();
    for (const { key, value, isOptional } of parts) {
      const name = key.evaluate(frame);
      const content = contentOf(value.evaluate(frame), isOptional);
      if (content === undefined) continue;
      if (!made.add(name, content)) throw new EvaluationFault("duplicate key in the map");
    }
    return made;
  };
  const isConstant = parts.every(({ key, value }) => key.isConstant && value.isConstant);
  return { evaluate, type: typeOf("map", keyType, valueType), isConstant };
}

function contentType(type: StaticType, isOptional: boolean): StaticType {
  return isOptional && type.kind === "optional" ? partOf(type, 0) : type;
}

/**
 * A value, or what an optional one holds, undefined when that is nothing. @throws EvaluationFault when it is no
 * optional.
 */
function contentOf(value: Value, isOptional: boolean): Value | undefined {
  if (!isOptional) return value;
  if (value instanceof OptionalValue) return value.value;
  throw new EvaluationFault("no such overload: what follows ? must be an optional value");
}
