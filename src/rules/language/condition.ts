/** A place in the text of a condition: index from 0 in bytes of UTF-8, line and column from 1. */
export interface Place {
  readonly index: number;
  readonly line: number;
  readonly column: number;
}

/** The syntax tree of a condition. Names, texts and arguments are byte strings, unescaped. */
export type Condition =
  | { readonly kind: "and" | "or"; readonly operands: readonly Condition[]; readonly place: Place }
  | { readonly kind: "not"; readonly operand: Condition; readonly place: Place }
  /** The name of a macro, before it is resolved. */
  | { readonly kind: "macro"; readonly name: string; readonly place: Place }
  | Check;

/** One comparison. `exists` has no right side. */
export interface Check {
  readonly kind: "check";
  readonly left: FieldOperand | TransformerOperand;
  readonly operator: string;
  /** `oneof`, `anyof` or `allof` after the operator. */
  readonly modifier?: string;
  readonly right?: Operand;
  readonly place: Place;
}

/** What stands on a side of a check, or among the operands of a transformer. */
export type Operand =
  | { readonly kind: "value"; readonly text: string; readonly place: Place }
  | { readonly kind: "list"; readonly texts: readonly string[]; readonly place: Place }
  /** A bare word after a list operator, before lists are resolved. */
  | { readonly kind: "name"; readonly name: string; readonly place: Place }
  | FieldOperand
  | TransformerOperand
  | { readonly kind: "fields"; readonly operands: readonly Operand[]; readonly place: Place };

/** A field; `argument` is what stood between brackets. */
export interface FieldOperand {
  readonly kind: "field";
  readonly name: string;
  readonly argument?: string;
  readonly place: Place;
}

/** A transformer with its operands; `argument` is what stood between brackets behind it (`getopt`). */
export interface TransformerOperand {
  readonly kind: "transformer";
  readonly name: string;
  readonly operands: readonly Operand[];
  readonly argument?: string;
  readonly place: Place;
}

/** Something that is wrong with a condition or an output format. The message is what Falco says where it says it. */
export class ConditionError extends Error {
  override readonly name = "ConditionError";
  readonly place: Place | undefined;
  /** The fault in other words, or the likely intention: a sentence. */
  readonly hint: string | undefined;

  constructor(message: string, place?: Place, hint?: string) {
    super(message);
    this.place = place;
    this.hint = hint;
  }
}
