import type { Pattern } from "./pattern.ts";

/** A rule as it is written. */
export interface RuleSyntax {
  readonly name: string;
  readonly line: number;
  readonly isGlobal: boolean;
  readonly isPrivate: boolean;
  readonly tags: readonly string[];
  readonly meta: readonly MetaEntry[];
  readonly strings: readonly StringSyntax[];
  readonly condition: Expression;
  /** Why the rule cannot be evaluated here, found while it was read. */
  readonly needs?: string;
}

/** An entry of `meta`. */
export interface MetaEntry {
  readonly name: string;
  readonly value: string | number | boolean;
}

/** A string as it is written. */
export interface StringSyntax {
  /** With its `$`. The names of anonymous strings, `$` alone, are made up. */
  readonly name: string;
  readonly isAnonymous: boolean;
  readonly line: number;
  readonly modifiers: Modifiers;
  /** Absent when the string cannot be evaluated here. */
  readonly body?: TextBody | PatternBody;
}

interface TextBody {
  readonly kind: "text";
  /** One character for each byte. */
  readonly text: string;
}

/** A hex string or a regular expression. */
export interface PatternBody {
  readonly kind: "hex" | "regexp";
  readonly pattern: Pattern;
}

/** What follows a string. */
export interface Modifiers {
  readonly nocase?: true;
  readonly wide?: true;
  readonly ascii?: true;
  readonly fullword?: true;
  readonly private?: true;
  readonly xor?: { readonly lowest: number; readonly highest: number };
  /** The alphabet. */
  readonly base64?: string;
  readonly base64wide?: string;
}

/** Two ends, both included. */
export interface Range {
  readonly from: Expression;
  readonly to: Expression;
}

/** How many of a set: all, any, none, a number, or a percentage. */
export type Quantity =
  | { readonly kind: "all" | "any" | "none" }
  | { readonly kind: "number" | "percentage"; readonly value: Expression };

/** The members of a set by name, where `*` at the end stands for any rest; `them` is `$*`. */
export type SetOfNames = readonly string[];

/** What a loop runs over. */
export type Iterator =
  | { readonly kind: "range"; readonly range: Range }
  | { readonly kind: "list"; readonly items: readonly Expression[] }
  | { readonly kind: "collection"; readonly value: Expression };

/** Operators between two values. */
export type BinaryOperator =
  | ("+" | "-" | "*" | "\\" | "%" | "&" | "|" | "^" | "<<" | ">>")
  | ("==" | "!=" | "<" | "<=" | ">" | ">=")
  | ("contains" | "icontains" | "startswith" | "istartswith" | "endswith" | "iendswith" | "iequals" | "matches");

/** A condition or a part of one. */
export type Expression =
  | { readonly kind: "boolean"; readonly value: boolean }
  | { readonly kind: "integer" | "float"; readonly value: number }
  | { readonly kind: "text"; readonly value: string }
  | { readonly kind: "regexp"; readonly pattern: Pattern }
  | { readonly kind: "filesize" | "entrypoint" }
  | { readonly kind: "read"; readonly what: string; readonly offset: Expression }
  | { readonly kind: "string"; readonly name: string; readonly at?: Expression; readonly in?: Range }
  | { readonly kind: "count"; readonly name: string; readonly in?: Range }
  | { readonly kind: "offset" | "length"; readonly name: string; readonly index?: Expression }
  | { readonly kind: "not"; readonly operand: Expression }
  | { readonly kind: "defined"; readonly operand: Expression }
  | { readonly kind: "negate" | "complement"; readonly operand: Expression }
  | { readonly kind: "and"; readonly operands: readonly Expression[] }
  | { readonly kind: "or"; readonly operands: readonly Expression[] }
  | {
      readonly kind: "binary";
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | {
      readonly kind: "of";
      readonly quantity: Quantity;
      readonly set: SetOfNames;
      readonly at?: Expression;
      readonly in?: Range;
    }
  | { readonly kind: "for-of"; readonly quantity: Quantity; readonly set: SetOfNames; readonly body: Expression }
  | {
      readonly kind: "for-in";
      readonly quantity: Quantity;
      readonly names: readonly string[];
      readonly iterator: Iterator;
      readonly body: Expression;
    }
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "member"; readonly of: Expression; readonly name: string }
  | { readonly kind: "index"; readonly of: Expression; readonly index: Expression }
  | { readonly kind: "call"; readonly function: Expression; readonly arguments: readonly Expression[] }
  /** Valid YARA that is not evaluated here. */
  | { readonly kind: "unsupported"; readonly needs: string };
