import { CompileFault } from "../values/fault.ts";
import type { CallNode, ExpressionNode, MacroName, MacroNode } from "./expression-node.ts";

/** Arguments of a macro: how many variables come first, and how many expressions follow them. */
interface Shape {
  readonly name: MacroName;
  readonly variables: number;
  readonly bodies: number;
}

const shapes: Readonly<Record<string, readonly Shape[]>> = {
  all: [shape("all", 1, { bodies: 1 }), shape("all", 2, { bodies: 1 })],
  exists: [shape("exists", 1, { bodies: 1 }), shape("exists", 2, { bodies: 1 })],
  exists_one: [shape("existsOne", 1, { bodies: 1 }), shape("existsOne", 2, { bodies: 1 })],
  existsOne: [shape("existsOne", 1, { bodies: 1 }), shape("existsOne", 2, { bodies: 1 })],
  filter: [shape("filter", 1, { bodies: 1 })],
  map: [shape("map", 1, { bodies: 1 }), shape("map", 1, { bodies: 2 })],
  transformList: [shape("transformList", 2, { bodies: 1 }), shape("transformList", 2, { bodies: 2 })],
  transformMap: [shape("transformMap", 2, { bodies: 1 }), shape("transformMap", 2, { bodies: 2 })],
  transformMapEntry: [shape("transformMapEntry", 2, { bodies: 1 }), shape("transformMapEntry", 2, { bodies: 2 })],
  optMap: [shape("optMap", 1, { bodies: 1 })],
  optFlatMap: [shape("optFlatMap", 1, { bodies: 1 })],
  sortBy: [shape("sortBy", 1, { bodies: 1 })],
};

function shape(name: MacroName, variables: number, { bodies }: { bodies: number }): Shape {
  return { name, variables, bodies };
}

/** Which macros there are. */
export interface MacroOptions {
  /** True to know only those of Kubernetes: neither `cel.bind` nor `sortBy`. */
  readonly withoutExtensions: boolean;
}

/**
 * What a call stands for when it is one of a macro, else the call itself. @throws CompileFault when a macro is called
 * in a wrong way.
 */
export function expandMacro(call: CallNode, { withoutExtensions }: MacroOptions): ExpressionNode {
  const { target, name, args, offset } = call;
  if (!target) return name === "has" && args.length === 1 ? has(args[0], offset) : call;
  if (withoutExtensions && (name === "bind" || name === "sortBy")) return call;
  if (name === "bind" && isName(target, "cel") && args.length === 3) {
    return bindVariables({ name: "bind", variables: 1, bodies: 1 }, [args[0], args[2]], { offset, range: args[1] });
  }
  const candidates = Object.hasOwn(shapes, name) ? shapes[name] : undefined;
  const found = candidates?.filter(({ variables, bodies }) => variables + bodies === args.length);
  const fitting = found?.find(({ variables }) => variables === leadingNames(args, variables));
  if (fitting) return bindVariables(fitting, args, { offset, range: target });
  if (found && found.length > 0)
    throw new CompileFault(`the first argument of ${name}() must be a variable name`, offset);
  return call;
}

function has(argument: ExpressionNode | undefined, offset: number): ExpressionNode {
  if (argument?.kind !== "select" || argument.isOptional) {
    throw new CompileFault("has() requires a field selection such as has(a.b)", argument?.offset ?? offset);
  }
  return { kind: "has", offset, operand: argument.operand, field: argument.field };
}

function bindVariables(
  { name, variables }: Shape,
  args: readonly (ExpressionNode | undefined)[],
  { offset, range }: { offset: number; range: ExpressionNode | undefined },
): MacroNode | CallNode {
  const names = args.slice(0, variables).flatMap((node) => (node?.kind === "name" ? [node.name] : []));
  if (names.length !== variables || !range) {
    throw new CompileFault(`the first argument of ${name}() must be a variable name`, offset);
  }
  if (new Set(names).size !== names.length) throw new CompileFault(`${name}() binds ${names[0]} twice`, offset);
  const bodies = args.slice(variables).filter((node) => node !== undefined);
  return { kind: "macro", offset, name, range, variables: names, bodies };
}

function leadingNames(args: readonly ExpressionNode[], upTo: number): number {
  const found = args.slice(0, upTo).findIndex((node) => node.kind !== "name" || node.isRoot);
  return found < 0 ? upTo : found;
}

function isName(node: ExpressionNode, name: string): boolean {
  return node.kind === "name" && node.name === name;
}
