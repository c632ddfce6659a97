import type { Scanner } from "./scanner.ts";
import type { Comparison, Expression } from "./syntax.ts";

interface Layout {
  /** The expression ends with its line. */
  readonly inLine: boolean;
}

const deepestExpression = 50;

/** The condition of `if`, or the value of a boolean variable. */
export function parseExpression(scanner: Scanner, layout: Layout, depth = 0): Expression {
  if (depth > deepestExpression) throw scanner.error("the condition is nested too deeply");
  let left = parseAnd(scanner, layout, depth);
  while (takeKeyword(scanner, layout, "or")) left = { kind: "or", left, right: parseAnd(scanner, layout, depth) };
  return left;
}

function parseAnd(scanner: Scanner, layout: Layout, depth: number): Expression {
  let left = parseNot(scanner, layout, depth);
  while (takeKeyword(scanner, layout, "and")) left = { kind: "and", left, right: parseNot(scanner, layout, depth) };
  return left;
}

function parseNot(scanner: Scanner, layout: Layout, depth: number): Expression {
  if (depth > deepestExpression) throw scanner.error("the condition is nested too deeply");
  if (takeKeyword(scanner, layout, "not")) return { kind: "not", operand: parseNot(scanner, layout, depth + 1) };
  if (takeKeyword(scanner, layout, "defined")) {
    skip(scanner, layout);
    const variable = scanner.takeVariable() ?? scanner.takeBooleanVariable();
    if (variable === undefined) throw scanner.unexpected("a variable");
    return { kind: "defined", variable };
  }
  skip(scanner, layout);
  if (scanner.take("(")) {
    const inner = parseExpression(scanner, layout, depth + 1);
    skip(scanner, layout);
    if (!scanner.take(")")) throw scanner.unexpected("')'");
    return inner;
  }
  const boolean = scanner.takeBooleanVariable();
  if (boolean !== undefined) return { kind: "value", word: boolean };
  const left = readOperand(scanner);
  skip(scanner, layout);
  const operator = scanner.takeMatch(/==|!=|>=|<=|>|<|in(?=[ \t])/y) as Comparison | undefined;
  if (operator === undefined) return { kind: "value", word: left };
  skip(scanner, layout);
  return { kind: "compare", left, operator, right: readOperand(scanner) };
}

function readOperand(scanner: Scanner): string {
  const word = scanner.takeVariable() ?? scanner.takeWord("=()");
  if (word === undefined || word === "{") throw scanner.unexpected("a condition");
  return word;
}

function takeKeyword(scanner: Scanner, layout: Layout, keyword: string): boolean {
  skip(scanner, layout);
  return scanner.takeName(keyword) !== undefined;
}

function skip(scanner: Scanner, { inLine }: Layout): void {
  if (inLine) scanner.skipInLine();
  else scanner.skip();
}
