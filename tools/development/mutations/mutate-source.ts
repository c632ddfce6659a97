import { parseAst } from "rolldown/parseAst";

/** One small fault that can be put into a file. */
export interface Mutation {
  /** Offsets into the source, in UTF-16 code units. */
  readonly start: number;
  readonly end: number;
  readonly line: number;
  readonly original: string;
  readonly replacement: string;
}

/** A node of the syntax tree by ESTree, with the parts that mutations look at. */
interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [member: string]: unknown;
}

const operators: Readonly<Record<string, string>> = {
  "<": "<=",
  "<=": "<",
  ">": ">=",
  ">=": ">",
  "===": "!==",
  "!==": "===",
  "+": "-",
  "-": "+",
  "*": "/",
  "&&": "||",
  "||": "&&",
};

const methods: Readonly<Record<string, string>> = {
  every: "some",
  some: "every",
  startsWith: "endsWith",
  endsWith: "startsWith",
  min: "max",
  max: "min",
  find: "findLast",
  findLast: "find",
  indexOf: "lastIndexOf",
};

/** Methods whose call may be left out. */
const optionalCalls: ReadonlySet<string> = new Set([
  "filter",
  "trim",
  "toLowerCase",
  "toUpperCase",
  "sort",
  "toSorted",
  "reverse",
]);

/** All mutations of a TypeScript source, in the order of the text. Types, imports and texts for people have none. */
export function mutationsOf(source: string): readonly Mutation[] {
  const lines = lineCounter(source);
  const found: Mutation[] = [];
  const add = ({ start, end }: Pick<Node, "start" | "end">, replacement: string): void => {
    const original = source.slice(start, end);
    if (original !== replacement) found.push({ start, end, line: lines(start), original, replacement });
  };
  visit(parseAst(source, { lang: "ts" }) as unknown as Node, undefined, (node, parent) =>
    mutate(node, { parent, source, add }),
  );
  return found.sort((a, b) => a.start - b.start || a.end - b.end);
}

/** The source with the mutation in it. */
export function withMutation(source: string, { start, end, replacement }: Mutation): string {
  return source.slice(0, start) + replacement + source.slice(end);
}

interface Place {
  readonly parent: Node | undefined;
  readonly source: string;
  add(range: Pick<Node, "start" | "end">, replacement: string): void;
}

function mutate(node: Node, place: Place): void {
  switch (node.type) {
    case "BinaryExpression":
    case "LogicalExpression":
      mutateOperator(node, place);
      return;
    case "UnaryExpression":
      if (node["operator"] === "!") place.add(node, textOf(node["argument"], place));
      return;
    case "IfStatement":
    case "ConditionalExpression":
      for (const value of ["true", "false"]) place.add(rangeOf(node["test"]), value);
      return;
    case "Literal":
      mutateLiteral(node, place);
      return;
    case "CallExpression":
      mutateCall(node, place);
      return;
    case "ContinueStatement":
    case "BreakStatement":
      if (place.parent?.type !== "SwitchCase") place.add(node, ";");
      return;
    case "ExpressionStatement":
      // An assignment or a call for its effect.
      if (place.parent?.type !== "Program") place.add(node, ";");
      return;
  }
}

function mutateOperator(node: Node, { source, add }: Place): void {
  const operator = String(node["operator"]);
  const other = operators[operator];
  const left = rangeOf(node["left"]);
  const right = rangeOf(node["right"]);
  const at = source.indexOf(operator, left.end);
  if (other === undefined || at < 0 || at >= right.start) return;
  add({ start: at, end: at + operator.length }, other);
}

function mutateLiteral(node: Node, { parent, add }: Place): void {
  const value = node["value"];
  if (typeof value === "boolean") add(node, String(!value));
  else if (typeof value === "number") add(node, String(value + 1));
  else if (typeof value === "string" && value !== "" && isCompared(parent)) add(node, '""');
}

/** Whether a text decides something: it is compared, a case, or an element of a list. */
function isCompared(parent: Node | undefined): boolean {
  if (parent?.type === "BinaryExpression") return true;
  return parent?.type === "SwitchCase" || parent?.type === "ArrayExpression";
}

function mutateCall(node: Node, { source, add }: Place): void {
  const callee = node["callee"] as Node;
  if (callee.type !== "MemberExpression" || callee["computed"] === true) return;
  const property = callee["property"] as Node;
  const name = String(property["name"]);
  const other = Object.hasOwn(methods, name) ? methods[name] : undefined;
  if (other !== undefined) add(property, other);
  if (optionalCalls.has(name)) add(node, textOf(callee["object"], { source }));
}

function textOf(node: unknown, { source }: { readonly source: string }): string {
  const { start, end } = rangeOf(node);
  return source.slice(start, end);
}

function rangeOf(node: unknown): Pick<Node, "start" | "end"> {
  return node as Node;
}

/** Calls `see` for each node that exists at run time, with its parent. */
function visit(node: Node, parent: Node | undefined, see: (node: Node, parent: Node | undefined) => void): void {
  if (node.type.startsWith("TS") && !runtimeTypes.has(node.type)) return;
  if (node.type === "ImportDeclaration" || node.type === "ExportAllDeclaration") return;
  see(node, parent);
  for (const member of Object.values(node)) {
    for (const child of Array.isArray(member) ? member : [member]) {
      if (isNode(child)) visit(child, node, see);
    }
  }
}

/** Nodes of TypeScript that hold an expression. */
const runtimeTypes: ReadonlySet<string> = new Set(["TSAsExpression", "TSSatisfiesExpression", "TSNonNullExpression"]);

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && typeof (value as { type?: unknown }).type === "string";
}

function lineCounter(source: string): (offset: number) => number {
  const starts = [0, ...[...source.matchAll(/\n/g)].map(({ index }) => index + 1)];
  return (offset) => starts.findLastIndex((start) => start <= offset) + 1;
}
