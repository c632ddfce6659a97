import { toByteString } from "./byte-string.ts";
import {
  type Condition,
  ConditionError,
  type FieldOperand,
  type Operand,
  type Place,
  type TransformerOperand,
} from "./condition.ts";
import { ConditionCursor } from "./condition-cursor.ts";
import type { Generation } from "./generation.ts";
import { modifierNames, operatorNames, operators, transformerNames } from "./operators.ts";

// expression  = conjunction ('or' (blank conjunction | '(' expression ')'))*
// conjunction = negation ('and' (blank negation | '(' expression ')'))*
// negation    = ('not' blank)* ('not(' expression ')' | check)
// check       = '(' expression ')' | left comparison | macro
// left        = field | transformer
// field       = name ('.' name)+ ('[' argument ']')?
// transformer = word '(' part (',' part)* ')' ('[' argument ']')?
// part        = number | quoted | '(' (part (',' part)*)? ')' | transformer | field
// comparison  = 'exists' | ('<' | '<=' | '>' | '>=') (number | right) | text-operator (text | right)
//             | text-operator modifier list | ('in' | 'intersects' | 'pmatch') (list | right)
// list        = '(' (text (',' text)*)? ')' | name
// right       = 'val(' field ')' | transformer
// Blanks may stand between all of these but before '['. Operators of letters need one behind them.

/** How a condition is read. */
export interface ParseOptions {
  /** Nesting up to which a condition is read: 100 unless told. */
  readonly maxDepth?: number;
  /** `0.40`: without the modifiers, transformers and escapes that came later. */
  readonly generation?: Generation;
}

/** The syntax tree of a condition; a `ConditionError` with Falco's message and the place where reading ended. */
export function parseCondition(text: string, options: ParseOptions = {}): Condition {
  return new ConditionParser(toByteString(text), options).condition();
}

/** A field or a transformer, as output formats have them, at the beginning of a byte string, and where it ends. */
export function parseOperandAt(
  bytes: string,
  options: ParseOptions = {},
): { operand: FieldOperand | TransformerOperand; end: number } {
  return new ConditionParser(bytes, options).leadingOperand();
}

class ConditionParser {
  readonly #cursor: ConditionCursor;
  readonly #maxDepth: number;
  readonly #isOld: boolean;
  readonly #modifiers: readonly string[];
  readonly #transformers: readonly string[];
  readonly #transformerList: string;
  #depth = 0;

  constructor(bytes: string, { maxDepth = 100, generation = "head" }: ParseOptions) {
    this.#cursor = new ConditionCursor(bytes, generation);
    this.#maxDepth = maxDepth;
    this.#isOld = generation === "0.40";
    this.#modifiers = modifierNames(generation);
    this.#transformers = transformerNames(generation);
    this.#transformerList = quotedList(["val", ...this.#transformers]);
  }

  condition(): Condition {
    if (this.#cursor.isAtEnd) throw this.#cursor.fail("filter input string is empty");
    const condition = this.#nested(() => this.#or());
    if (!this.#cursor.isAtEnd) {
      throw this.#cursor.fail(`unexpected token after '${this.#cursor.last}', expecting 'or', 'and'`);
    }
    return condition;
  }

  leadingOperand(): { operand: FieldOperand | TransformerOperand; end: number } {
    const operand = this.#nested(() => this.#left(this.#cursor.place));
    if (operand === undefined) throw this.#cursor.fail(`unexpected token after '${this.#cursor.last}`);
    return { operand, end: this.#cursor.place.index };
  }

  // Counts a level of nesting, as the library counts its functions.
  #nested<T>(read: () => T): T {
    if (++this.#depth >= this.#maxDepth) {
      throw this.#cursor.fail(`exceeded max depth limit of ${this.#maxDepth}`);
    }
    try {
      return read();
    } finally {
      this.#depth--;
    }
  }

  #or(): Condition {
    return this.#joined("or", () => this.#nested(() => this.#and()));
  }

  #and(): Condition {
    return this.#joined("and", () => this.#nested(() => this.#not()));
  }

  #joined(kind: "and" | "or", read: () => Condition): Condition {
    const { place } = this.#cursor;
    this.#cursor.blank();
    const first = read();
    this.#cursor.blank();
    const operands = [first];
    while (this.#cursor.literal(kind)) {
      if (this.#cursor.blank()) operands.push(read());
      else if (this.#cursor.literal("(")) operands.push(this.#embedded());
      else throw this.#cursor.fail(`expected blank or '(' after '${kind}'`);
      this.#cursor.blank();
    }
    return operands.length > 1 ? { kind, operands, place } : first;
  }

  #not(): Condition {
    const { place } = this.#cursor;
    let isNegated = false;
    this.#cursor.blank();
    while (this.#cursor.token("notBlank")) isNegated = !isNegated;
    let operand: Condition;
    if (this.#cursor.literal("not(")) {
      isNegated = !isNegated;
      operand = this.#embedded();
    } else {
      operand = this.#nested(() => this.#check());
    }
    return isNegated ? { kind: "not", operand, place } : operand;
  }

  // What follows an opening parenthesis.
  #embedded(): Condition {
    return this.#nested(() => {
      this.#cursor.blank();
      const condition = this.#nested(() => this.#or());
      this.#cursor.blank();
      if (!this.#cursor.literal(")")) throw this.#cursor.fail("expected a ')' token");
      return condition;
    });
  }

  #check(): Condition {
    const { place } = this.#cursor;
    this.#cursor.blank();
    if (this.#cursor.literal("(")) return this.#embedded();
    const left = this.#left(place);
    if (left !== undefined) return this.#nested(() => this.#comparison(left, place));
    if (this.#cursor.token("identifier")) return { kind: "macro", name: this.#cursor.last, place };
    throw this.#cursor.fail("expected a '(' token, a field check, or an identifier");
  }

  #left(place: Place): FieldOperand | TransformerOperand | undefined {
    if (this.#cursor.token("fieldName")) return this.#nested(() => this.#field(place));
    if (!this.#cursor.transformer(this.#transformers)) return undefined;
    const name = this.#cursor.last;
    this.#cursor.blank();
    return this.#nested(() => this.#transformer(name, place));
  }

  // What follows the name of a field.
  #field(place: Place): FieldOperand {
    const name = this.#cursor.last;
    return { kind: "field", name, ...this.#argument(), place };
  }

  #argument(): { argument?: string } {
    if (!this.#cursor.literal("[")) return {};
    if (!this.#cursor.quoted() && !this.#cursor.token("bareArgument")) {
      throw this.#cursor.fail("expected a valid field argument: a quoted string or a bare string");
    }
    const argument = this.#cursor.last;
    if (!this.#cursor.literal("]")) throw this.#cursor.fail("expected a ']' token");
    return { argument };
  }

  // What follows the opening parenthesis of a transformer.
  #transformer(name: string, place: Place): TransformerOperand {
    this.#cursor.blank();
    const operands: Operand[] = [];
    do {
      operands.push(this.#isOld ? this.#onlyPart() : this.#nested(() => this.#part()));
      this.#cursor.blank();
    } while (!this.#isOld && this.#cursor.literal(","));
    if (!this.#cursor.literal(")")) throw this.#cursor.fail("expected a ')' token closing the transformer");
    return { kind: "transformer", name, operands, ...(this.#isOld ? {} : this.#argument()), place };
  }

  #onlyPart(): Operand {
    const part = this.#left(this.#cursor.place);
    if (part !== undefined) return part;
    throw this.#cursor.fail(`expected a field or a nested valid transformer: ${this.#transformerList}`);
  }

  #part(): Operand {
    const { place } = this.#cursor;
    this.#cursor.blank();
    const value = this.#partValue(place);
    if (value !== undefined) return value;
    if (this.#cursor.literal("(")) return this.#partList(place);
    if (this.#cursor.transformer(this.#transformers)) {
      const name = this.#cursor.last;
      return this.#nested(() => this.#transformer(name, place));
    }
    if (this.#cursor.token("fieldName")) return this.#nested(() => this.#field(place));
    throw this.#cursor.fail(
      "expected field transformer argument: field, transformer, quoted string, number, or transformer list",
    );
  }

  #partValue(place: Place): Operand | undefined {
    if (this.#cursor.token("hexNumber") || this.#cursor.token("number") || this.#cursor.quoted()) {
      return { kind: "value", text: this.#cursor.last, place };
    }
    return undefined;
  }

  // What follows an opening parenthesis among the operands of a transformer. All parts have the place of the list.
  #partList(place: Place): Operand {
    const operands: Operand[] = [];
    this.#cursor.blank();
    if (this.#cursor.literal(")")) return { kind: "fields", operands, place };
    do {
      this.#cursor.blank();
      const part = this.#left(place) ?? this.#partValue(place);
      if (part === undefined) {
        throw this.#cursor.fail("expected transformer list argument: field, transformer, quoted string, or number");
      }
      operands.push(part);
      this.#cursor.blank();
    } while (this.#cursor.literal(","));
    if (!this.#cursor.literal(")")) throw this.#cursor.fail("expected ')'");
    return { kind: "fields", operands, place };
  }

  #comparison(left: FieldOperand | TransformerOperand, place: Place): Condition {
    const cursor = this.#cursor;
    cursor.blank();
    if (cursor.operator(operators.unary, false)) return { kind: "check", left, operator: cursor.last, place };
    if (cursor.operator(operators.number, false)) {
      const operator = cursor.last;
      return { kind: "check", left, operator, right: this.#nested(() => this.#number()), place };
    }
    if (cursor.operator(operators.text, true)) {
      const operator = cursor.last;
      const modifier = this.#modifier(/^[a-z]/.test(operator));
      if (modifier !== undefined) {
        return { kind: "check", left, operator, modifier, right: this.#nested(() => this.#list()), place };
      }
      return { kind: "check", left, operator, right: this.#nested(() => this.#text()), place };
    }
    if (cursor.operator(operators.list, false)) {
      const operator = cursor.last;
      return { kind: "check", left, operator, right: this.#nested(() => this.#listOrRight()), place };
    }
    throw cursor.fail(`expected a valid check operator: one of ${quotedList(operatorNames)}`);
  }

  // The modifier of an operator. A word like `oneof` with no list behind it is a value.
  #modifier(hadBlank: boolean): string | undefined {
    const isBlank = this.#cursor.blank() || hadBlank;
    const { place, last } = this.#cursor;
    if (isBlank && this.#cursor.operator(this.#modifiers, true)) {
      const modifier = this.#cursor.last;
      if (this.#cursor.isBeforeList()) return modifier;
    }
    this.#cursor.returnTo(place, last);
    return undefined;
  }

  #number(): Operand {
    this.#cursor.blank();
    const { place } = this.#cursor;
    const right = this.#right();
    if (right !== undefined) return right;
    if (this.#cursor.token("hexNumber") || this.#cursor.token("number")) {
      return { kind: "value", text: this.#cursor.last, place };
    }
    throw this.#cursor.fail(`expected a number value or a field with a valid transformer: ${this.#transformerList}`);
  }

  #text(): Operand {
    this.#cursor.blank();
    const { place } = this.#cursor;
    const right = this.#right();
    if (right !== undefined) return right;
    if (this.#isText()) return { kind: "value", text: this.#cursor.last, place };
    throw this.#cursor.fail(`expected a string value or a field with a valid transformer: ${this.#transformerList}`);
  }

  #isText(): boolean {
    return this.#cursor.quoted() || this.#cursor.token("bareText");
  }

  #list(): Operand {
    this.#cursor.blank();
    const { place } = this.#cursor;
    const list = this.#parenthesized(place);
    if (list !== undefined) return list;
    if (this.#cursor.token("identifier")) return { kind: "name", name: this.#cursor.last, place };
    throw this.#cursor.fail("expected a list or an identifier");
  }

  #listOrRight(): Operand {
    this.#cursor.blank();
    const { place } = this.#cursor;
    const operand = this.#parenthesized(place) ?? this.#right();
    if (operand !== undefined) return operand;
    if (this.#cursor.token("identifier")) return { kind: "name", name: this.#cursor.last, place };
    throw this.#cursor.fail(
      `expected a list, an identifier, or a field with a valid transformer: ${this.#transformerList}`,
    );
  }

  #parenthesized(place: Place): Operand | undefined {
    if (!this.#cursor.literal("(")) return undefined;
    const texts: string[] = [];
    this.#cursor.blank();
    // A fault in the first value shows as a missing parenthesis.
    if (this.#isFirstOfList()) {
      texts.push(this.#cursor.last);
      this.#cursor.blank();
      while (this.#cursor.literal(",")) {
        this.#cursor.blank();
        if (!this.#isText()) throw this.#cursor.fail("expected a string value");
        texts.push(this.#cursor.last);
        this.#cursor.blank();
      }
    }
    if (!this.#cursor.literal(")")) throw this.#cursor.fail("expected a ')' token");
    return { kind: "list", texts, place };
  }

  #isFirstOfList(): boolean {
    try {
      return this.#isText();
    } catch (error) {
      if (error instanceof ConditionError) return false;
      throw error;
    }
  }

  #right(): Operand | undefined {
    const { place } = this.#cursor;
    if (!this.#cursor.transformer(["val"])) return this.#rightTransformer(place);
    this.#cursor.blank();
    const fieldPlace = this.#cursor.place;
    if (!this.#cursor.token("fieldName")) throw this.#cursor.fail("expected a field within 'val' transformer");
    const operands = [this.#nested(() => this.#field(fieldPlace))];
    this.#cursor.blank();
    if (!this.#cursor.literal(")")) throw this.#cursor.fail("expected a ')' token closing the transformer");
    return { kind: "transformer", name: "val", operands, ...(this.#isOld ? {} : this.#argument()), place };
  }

  #rightTransformer(place: Place): Operand | undefined {
    if (!this.#cursor.transformer(this.#transformers)) return undefined;
    const name = this.#cursor.last;
    this.#cursor.blank();
    return this.#nested(() => this.#transformer(name, place));
  }
}

function quotedList(names: readonly string[]): string {
  return names.map((name) => `'${name}'`).join(", ");
}
