import { CompileFault } from "../values/fault.ts";
import type { ExpressionNode, ListItem, MapEntry } from "./expression-node.ts";
import { expandMacro } from "./macros.ts";
import { type Token, tokensOf } from "./tokens.ts";

// The grammar is that of the language definition (google/cel-spec, doc/langdef.md, "Syntax"), with optional selections
// (`a.?b`, `a[?b]`, `[?a]`, `{?k: v}`) and escaped names of fields (a.`b-c`). Binary operators of one level associate
// to the left:
//
//   Expr    = Or [ "?" Or ":" Expr ]
//   Or      = And { "||" And }           And = Relation { "&&" Relation }
//   Relation, Addition, Multiplication: see `levels`
//   Unary   = { "!" } Member | { "-" } Member
//   Member  = Primary { "." Name [ Arguments ] | "[" Expr "]" }

const levels: readonly (readonly string[])[] = [
  ["<", "<=", ">=", ">", "==", "!=", "in"],
  ["+", "-"],
  ["*", "/", "%"],
];
const reserved: ReadonlySet<string> = new Set(
  "as break const continue else false for function if import in let loop namespace null package return true var void while".split(
    " ",
  ),
);
const longest = 100_000;
const deepest = 250;

/** How {@link parseExpression} reads. */
export interface ParseOptions {
  /** True to read macros as calls of functions. */
  readonly withoutMacros?: boolean;
  /** True to know only the macros that Kubernetes has. */
  readonly withoutExtensions?: boolean;
}

/** The tree of an expression. @throws CompileFault when it is none, or is longer or deeper than the limits. */
export function parseExpression(source: string, options: ParseOptions = {}): ExpressionNode {
  if (source.length > longest) throw new CompileFault(`the expression is longer than ${longest} characters`, longest);
  return new Parser(tokensOf(source), options).parse();
}

class Parser {
  readonly #tokens: readonly Token[];
  readonly #withoutMacros: boolean;
  readonly #withoutExtensions: boolean;
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[], { withoutMacros = false, withoutExtensions = false }: ParseOptions) {
    this.#tokens = tokens;
    this.#withoutMacros = withoutMacros;
    this.#withoutExtensions = withoutExtensions;
  }

  parse(): ExpressionNode {
    const node = this.#expression();
    if (this.#next.kind !== "end") throw this.#unexpected("the end of the expression");
    return node;
  }

  get #next(): Token {
    return this.#tokens[this.#at] ?? { kind: "end", offset: 0 };
  }

  #expression(): ExpressionNode {
    const { offset } = this.#next;
    if (++this.#depth > deepest) throw new CompileFault(`the expression is nested more than ${deepest} deep`, offset);
    const condition = this.#logical("||", () => this.#logical("&&", () => this.#binary(0)));
    let node = condition;
    if (this.#take("?")) {
      const yes = this.#logical("||", () => this.#logical("&&", () => this.#binary(0)));
      this.#expect(":");
      node = { kind: "conditional", offset, condition, yes, no: this.#expression() };
    }
    this.#depth--;
    return node;
  }

  #logical(operator: "&&" | "||", operand: () => ExpressionNode): ExpressionNode {
    const { offset } = this.#next;
    const first = operand();
    if (!this.#isNext(operator)) return first;
    const operands = [first];
    while (this.#take(operator)) operands.push(operand());
    return { kind: operator === "&&" ? "and" : "or", offset, operands };
  }

  #binary(level: number): ExpressionNode {
    const operators = levels[level];
    if (!operators) return this.#unary();
    let left = this.#binary(level + 1);
    while (true) {
      const token = this.#next;
      if ((token.kind !== "symbol" && token.kind !== "name") || !operators.includes(token.text)) return left;
      this.#at++;
      const right = this.#binary(level + 1);
      left = { kind: "call", offset: token.offset, name: `_${token.text}_`, target: undefined, args: [left, right] };
    }
  }

  #unary(): ExpressionNode {
    const { offset } = this.#next;
    const operator = this.#isNext("!") ? "!" : "-";
    let count = 0;
    while (this.#isNext(operator)) {
      const follower = this.#tokens[this.#at + 1];
      if (operator === "-" && (follower?.kind === "literal" || follower?.kind === "large")) {
        const negated = this.#negativeLiteral(follower, offset);
        if (negated) return this.#repeat({ operator, count, offset, node: this.#members(negated) });
      }
      this.#at++;
      count++;
    }
    return this.#repeat({ operator, count, offset, node: this.#members(this.#primary()) });
  }

  #negativeLiteral(token: Token, offset: number): ExpressionNode | undefined {
    if (token.kind !== "literal" && token.kind !== "large") return undefined;
    if (typeof token.value !== "bigint" && typeof token.value !== "number") return undefined;
    this.#at += 2;
    return { kind: "literal", offset, value: -token.value };
  }

  #repeat({
    operator,
    count,
    offset,
    node,
  }: {
    operator: string;
    count: number;
    offset: number;
    node: ExpressionNode;
  }): ExpressionNode {
    let result = node;
    if (count > deepest) throw new CompileFault(`the expression is nested more than ${deepest} deep`, offset);
    for (let index = 0; index < count; index++) {
      result = { kind: "call", offset, name: `${operator}_`, target: undefined, args: [result] };
    }
    return result;
  }

  #members(primary: ExpressionNode): ExpressionNode {
    let node = primary;
    while (true) {
      const { offset } = this.#next;
      if (this.#take(".")) {
        const isOptional = this.#take("?");
        const field = this.#fieldName();
        if (!isOptional && field.canBeCalled && this.#take("(")) {
          node = this.#call({ offset, name: field.name, target: node });
        } else {
          node = { kind: "select", offset, operand: node, field: field.name, isOptional };
        }
      } else if (this.#take("[")) {
        const isOptional = this.#take("?");
        const index = this.#expression();
        this.#expect("]");
        node = { kind: "index", offset, operand: node, index, isOptional };
      } else if (this.#isNext("{") && nameChain(node)) {
        throw new CompileFault(`Protocol Buffers messages (${nameChain(node)}) are not supported`, offset);
      } else {
        return node;
      }
    }
  }

  #fieldName(): { name: string; canBeCalled: boolean } {
    const token = this.#next;
    if (token.kind !== "name" && token.kind !== "escaped") throw this.#unexpected("a field name");
    // Only those reserved names that are symbols of the language cannot be fields.
    if (token.kind === "name" && ["true", "false", "null", "in"].includes(token.text))
      throw this.#unexpected("a field name");
    this.#at++;
    return { name: token.text, canBeCalled: token.kind === "name" };
  }

  #primary(): ExpressionNode {
    const token = this.#next;
    const { offset } = token;
    if (token.kind === "literal") {
      this.#at++;
      return { kind: "literal", offset, value: token.value };
    }
    if (token.kind === "large") throw new CompileFault(`${token.value} is too large for an int`, offset);
    if (this.#take("(")) {
      const node = this.#expression();
      this.#expect(")");
      return node;
    }
    if (this.#take("[")) return { kind: "list", offset, items: this.#items() };
    if (this.#take("{")) return { kind: "map", offset, entries: this.#entries() };
    const isRoot = this.#take(".");
    return this.#name(offset, isRoot);
  }

  #name(offset: number, isRoot: boolean): ExpressionNode {
    const token = this.#next;
    if (token.kind !== "name") throw this.#unexpected("a value");
    this.#at++;
    if (!isRoot) {
      if (token.text === "true" || token.text === "false")
        return { kind: "literal", offset, value: token.text === "true" };
      if (token.text === "null") return { kind: "literal", offset, value: null };
    }
    if (reserved.has(token.text)) throw new CompileFault(`${token.text} is a reserved word`, token.offset);
    if (this.#take("(")) return this.#call({ offset, name: token.text, target: undefined });
    return { kind: "name", offset, name: token.text, isRoot };
  }

  /** Behind the opening parenthesis. */
  #call({
    offset,
    name,
    target,
  }: {
    offset: number;
    name: string;
    target: ExpressionNode | undefined;
  }): ExpressionNode {
    const args: ExpressionNode[] = [];
    if (!this.#take(")")) {
      do args.push(this.#expression());
      while (this.#take(","));
      this.#expect(")");
    }
    const call = { kind: "call", offset, name, target, args } as const;
    return this.#withoutMacros ? call : expandMacro(call, { withoutExtensions: this.#withoutExtensions });
  }

  #items(): ListItem[] {
    const items: ListItem[] = [];
    while (!this.#take("]")) {
      const isOptional = this.#take("?");
      items.push({ node: this.#expression(), isOptional });
      if (!this.#take(",") && !this.#isNext("]")) throw this.#unexpected("a comma or ]");
    }
    return items;
  }

  #entries(): MapEntry[] {
    const entries: MapEntry[] = [];
    while (!this.#take("}")) {
      const isOptional = this.#take("?");
      const key = this.#expression();
      this.#expect(":");
      entries.push({ key, value: this.#expression(), isOptional });
      if (!this.#take(",") && !this.#isNext("}")) throw this.#unexpected("a comma or }");
    }
    return entries;
  }

  #isNext(symbol: string): boolean {
    const token = this.#next;
    return token.kind === "symbol" && token.text === symbol;
  }

  #take(symbol: string): boolean {
    if (!this.#isNext(symbol)) return false;
    this.#at++;
    return true;
  }

  #expect(symbol: string): void {
    if (!this.#take(symbol)) throw this.#unexpected(symbol);
  }

  #unexpected(expected: string): CompileFault {
    const token = this.#next;
    const found = token.kind === "end" ? "the end" : "text" in token ? token.text : "a literal";
    return new CompileFault(`expected ${expected}, found ${found}`, token.offset);
  }
}

/** `a.b.c` of a chain of selections from a name; undefined for anything else. */
export function nameChain(node: ExpressionNode): string | undefined {
  const parts: string[] = [];
  let at = node;
  while (at.kind === "select" && !at.isOptional) {
    parts.push(at.field);
    at = at.operand;
  }
  if (at.kind !== "name") return undefined;
  return [at.name, ...parts.reverse()].join(".");
}
