import type { Value } from "../values/value.ts";

/** A part of an expression; `offset` is where it begins in the text, in UTF-16 units. */
export type ExpressionNode =
  | { readonly kind: "literal"; readonly offset: number; readonly value: Value }
  /** `isRoot`: it was written with a leading dot, and is never a name of a macro or a container. */
  | { readonly kind: "name"; readonly offset: number; readonly name: string; readonly isRoot: boolean }
  | SelectNode
  | IndexNode
  | { readonly kind: "and" | "or"; readonly offset: number; readonly operands: readonly ExpressionNode[] }
  | ConditionalNode
  | CallNode
  | { readonly kind: "list"; readonly offset: number; readonly items: readonly ListItem[] }
  | { readonly kind: "map"; readonly offset: number; readonly entries: readonly MapEntry[] }
  | { readonly kind: "has"; readonly offset: number; readonly operand: ExpressionNode; readonly field: string }
  | MacroNode;

/** `operand.field`, or `operand.?field`. */
export interface SelectNode {
  readonly kind: "select";
  readonly offset: number;
  readonly operand: ExpressionNode;
  readonly field: string;
  readonly isOptional: boolean;
}

/** `operand[index]`, or `operand[?index]`. */
export interface IndexNode {
  readonly kind: "index";
  readonly offset: number;
  readonly operand: ExpressionNode;
  readonly index: ExpressionNode;
  readonly isOptional: boolean;
}

/** `condition ? yes : no`. */
export interface ConditionalNode {
  readonly kind: "conditional";
  readonly offset: number;
  readonly condition: ExpressionNode;
  readonly yes: ExpressionNode;
  readonly no: ExpressionNode;
}

/** A function, an operator (`_+_`, `!_`) or, with a target, a method. */
export interface CallNode {
  readonly kind: "call";
  readonly offset: number;
  readonly name: string;
  readonly target: ExpressionNode | undefined;
  readonly args: readonly ExpressionNode[];
}

/** An item of a list; an optional one is left out when it has no value. */
export interface ListItem {
  readonly node: ExpressionNode;
  readonly isOptional: boolean;
}

/** An entry of a map; an optional one is left out when it has no value. */
export interface MapEntry {
  readonly key: ExpressionNode;
  readonly value: ExpressionNode;
  readonly isOptional: boolean;
}

/** The macros that bind variables. */
export type MacroName =
  | "all"
  | "exists"
  | "existsOne"
  | "filter"
  | "map"
  | "transformList"
  | "transformMap"
  | "transformMapEntry"
  | "optMap"
  | "optFlatMap"
  | "sortBy"
  | "bind";

/** A macro over a range, or of a value, with the variables that it binds and the expressions that see them. */
export interface MacroNode {
  readonly kind: "macro";
  readonly offset: number;
  readonly name: MacroName;
  readonly range: ExpressionNode;
  readonly variables: readonly string[];
  readonly bodies: readonly ExpressionNode[];
}
