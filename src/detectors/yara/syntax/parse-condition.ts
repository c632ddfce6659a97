import { limits } from "../limits.ts";
import { describe, type Lexer } from "./lexer.ts";
import { parseRegexp } from "./parse-regexp.ts";
import { NeedsEngine, RuleError } from "./rule-error.ts";
import type { BinaryOperator, Expression, Iterator, Quantity, Range, SetOfNames } from "./rule-syntax.ts";

/** How strongly each operator binds; higher binds first. */
const strengths: ReadonlyMap<string, number> = new Map(
  [
    ["==", "!=", "contains", "icontains", "startswith", "istartswith", "endswith", "iendswith", "iequals", "matches"],
    ["<", "<=", ">", ">="],
    ["|"],
    ["^"],
    ["&"],
    ["<<", ">>"],
    ["+", "-"],
    ["*", "\\", "%"],
  ].flatMap((operators, index) => operators.map((operator): [string, number] => [operator, index + 1])),
);
/** Operands of one chain of operators. */
const longestChain = 2000;
const readers = /^u?int(?:8|16|32)(?:be)?$/;
const keywords = new Set([
  ...["and", "or", "not", "defined", "at", "in", "of", "for", "all", "any", "none", "them", "true", "false"],
  ...["filesize", "entrypoint", "contains", "icontains", "startswith", "istartswith", "endswith", "iendswith"],
  ...["iequals", "matches", "rule", "private", "global", "import", "include", "meta", "strings", "condition"],
]);

/** The condition of a rule, up to its closing brace. Errors: {@link RuleError}. */
export function parseCondition(lexer: Lexer): Expression {
  return new ConditionParser(lexer).expression();
}

class ConditionParser {
  readonly #lexer: Lexer;
  #depth = 0;

  constructor(lexer: Lexer) {
    this.#lexer = lexer;
  }

  expression(): Expression {
    return this.#chain("or", () => this.#chain("and", () => this.#not()));
  }

  #chain(kind: "and" | "or", operand: () => Expression): Expression {
    const first = operand();
    if (!this.#lexer.isAt(kind)) return first;
    const operands = [first];
    while (this.#lexer.accept(kind)) operands.push(operand());
    return { kind, operands };
  }

  #not(): Expression {
    if (this.#lexer.accept("not")) return this.#deeper(() => ({ kind: "not", operand: this.#not() }));
    if (this.#lexer.accept("defined")) return this.#deeper(() => ({ kind: "defined", operand: this.#not() }));
    return this.#binary(1);
  }

  #binary(least: number): Expression {
    let left = this.#unary();
    for (let count = 0; ; count++) {
      const operator = this.#operator();
      const strength = operator === undefined ? undefined : strengths.get(operator);
      if (operator === undefined || strength === undefined || strength < least) return left;
      if (count > longestChain) this.#lexer.fail(`more than ${longestChain} operators in a row`);
      this.#lexer.next();
      if (operator === "%" && this.#lexer.isAt("of")) return this.#of({ kind: "percentage", value: left });
      left = {
        kind: "binary",
        operator: operator as BinaryOperator,
        left,
        right: this.#deeper(() => this.#binary(strength + 1)),
      };
    }
  }

  #operator(): string | undefined {
    const token = this.#lexer.peek();
    return token.kind === "symbol" || token.kind === "name" ? token.text : undefined;
  }

  #unary(): Expression {
    if (this.#lexer.accept("-")) return this.#deeper(() => ({ kind: "negate", operand: this.#unary() }));
    if (this.#lexer.accept("~")) return this.#deeper(() => ({ kind: "complement", operand: this.#unary() }));
    const operand = this.#postfix(this.#primary());
    if (this.#lexer.isAt("of")) return this.#of({ kind: "number", value: operand });
    return operand;
  }

  #postfix(primary: Expression): Expression {
    let expression = primary;
    for (let count = 0; ; count++) {
      if (count > limits.depth) this.#lexer.fail("too many parts in a name");
      if (this.#lexer.accept(".")) {
        expression = { kind: "member", of: expression, name: this.#lexer.expectName("the name of a field") };
      } else if (isNamed(expression) && this.#lexer.accept("[")) {
        expression = { kind: "index", of: expression, index: this.#deeper(() => this.expression()) };
        this.#lexer.expect("]");
      } else if (isNamed(expression) && this.#lexer.accept("(")) {
        expression = { kind: "call", function: expression, arguments: this.#arguments() };
      } else return expression;
    }
  }

  #arguments(): Expression[] {
    const list: Expression[] = [];
    if (this.#lexer.accept(")")) return list;
    do list.push(this.#deeper(() => this.expression()));
    while (this.#lexer.accept(","));
    this.#lexer.expect(")");
    return list;
  }

  #primary(): Expression {
    const token = this.#lexer.next();
    switch (token.kind) {
      case "integer":
        return Number.isSafeInteger(token.value)
          ? { kind: "integer", value: token.value }
          : { kind: "unsupported", needs: "integers of more than 53 bits" };
      case "float":
      case "text":
        return token as Expression;
      case "regexp":
        try {
          return { kind: "regexp", pattern: parseRegexp(token.source, { flags: token.flags, line: token.line }) };
        } catch (error) {
          if (error instanceof NeedsEngine) return { kind: "unsupported", needs: error.message };
          throw error;
        }
      case "string":
        return this.#string(token.sigil, token.name);
      case "name":
        return this.#word(token.text, token.line);
      case "symbol":
        if (token.text === "(") {
          const inner = this.#deeper(() => this.expression());
          this.#lexer.expect(")");
          return inner;
        }
    }
    throw new RuleError(token.line, `unexpected ${describe(token)} in a condition`);
  }

  #string(sigil: string, name: string): Expression {
    const full = `$${name}`;
    if (name.endsWith("*")) this.#lexer.fail(`${full} stands for several strings: use "any of (${full})"`);
    if (sigil === "$") return { kind: "string", name: full, ...this.#place() };
    if (sigil === "#") return { kind: "count", name: full, ...(this.#lexer.accept("in") && { in: this.#range() }) };
    const kind = sigil === "@" ? "offset" : "length";
    if (!this.#lexer.accept("[")) return { kind, name: full };
    const index = this.#deeper(() => this.expression());
    this.#lexer.expect("]");
    return { kind, name: full, index };
  }

  #place(): { readonly at?: Expression; readonly in?: Range } {
    if (this.#lexer.accept("at")) return { at: this.#deeper(() => this.#binary(3)) };
    if (this.#lexer.accept("in")) return { in: this.#range() };
    return {};
  }

  #range(): Range {
    this.#lexer.expect("(");
    const from = this.#deeper(() => this.#binary(3));
    this.#lexer.expect("..");
    const to = this.#deeper(() => this.#binary(3));
    this.#lexer.expect(")");
    return { from, to };
  }

  #word(word: string, line: number): Expression {
    if (word === "true" || word === "false") return { kind: "boolean", value: word === "true" };
    if (word === "filesize" || word === "entrypoint") return { kind: word };
    if (word === "for") return this.#deeper(() => this.#for());
    if (word === "all" || word === "any" || word === "none") return this.#of({ kind: word });
    if (readers.test(word) && this.#lexer.isAt("(")) {
      this.#lexer.next();
      const offset = this.#deeper(() => this.expression());
      this.#lexer.expect(")");
      return { kind: "read", what: word, offset };
    }
    if (keywords.has(word)) throw new RuleError(line, `unexpected ${word} in a condition`);
    return { kind: "name", name: word };
  }

  /** From its `of`. */
  #of(quantity: Quantity): Expression {
    this.#lexer.expect("of");
    return { kind: "of", quantity, set: this.#set(), ...this.#place() };
  }

  #set(): SetOfNames {
    if (this.#lexer.accept("them")) return ["$*"];
    this.#lexer.expect("(");
    const names: string[] = [];
    do {
      const token = this.#lexer.next();
      if (token.kind === "string" && token.sigil === "$") names.push(`$${token.name}`);
      else if (token.kind === "name" && !keywords.has(token.text)) {
        names.push(token.text + (this.#lexer.accept("*") ? "*" : ""));
      } else throw new RuleError(token.line, `expected the name of a string or a rule, found ${describe(token)}`);
    } while (this.#lexer.accept(","));
    this.#lexer.expect(")");
    return names;
  }

  #for(): Expression {
    const quantity = this.#quantity();
    if (this.#lexer.accept("of")) {
      const set = this.#set();
      this.#lexer.expect(":");
      return { kind: "for-of", quantity, set, body: this.#body() };
    }
    const names: string[] = [];
    do names.push(this.#lexer.expectName("the name of a variable"));
    while (this.#lexer.accept(","));
    this.#lexer.expect("in");
    const iterator = this.#iterator();
    this.#lexer.expect(":");
    return { kind: "for-in", quantity, names, iterator, body: this.#body() };
  }

  #quantity(): Quantity {
    for (const kind of ["all", "any", "none"] as const) if (this.#lexer.accept(kind)) return { kind };

    const value = this.#deeper(() => this.#postfix(this.#primary()));
    return this.#lexer.accept("%") ? { kind: "percentage", value } : { kind: "number", value };
  }

  #iterator(): Iterator {
    if (!this.#lexer.accept("(")) {
      return { kind: "collection", value: this.#deeper(() => this.#postfix(this.#primary())) };
    }
    const first = this.#deeper(() => this.#binary(3));
    if (this.#lexer.accept("..")) {
      const to = this.#deeper(() => this.#binary(3));
      this.#lexer.expect(")");
      return { kind: "range", range: { from: first, to } };
    }
    const items = [first];
    while (this.#lexer.accept(",")) items.push(this.#deeper(() => this.#binary(3)));
    this.#lexer.expect(")");
    return { kind: "list", items };
  }

  #body(): Expression {
    this.#lexer.expect("(");
    const body = this.#deeper(() => this.expression());
    this.#lexer.expect(")");
    return body;
  }

  #deeper<Result>(parse: () => Result): Result {
    if (++this.#depth > limits.depth) this.#lexer.fail(`condition has more than ${limits.depth} levels`);
    const result = parse();
    this.#depth--;
    return result;
  }
}

function isNamed({ kind }: Expression): boolean {
  return kind === "name" || kind === "member" || kind === "index" || kind === "call";
}
