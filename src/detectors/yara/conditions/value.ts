import type { ScanBudget } from "../strings/scan-budget.ts";
import type { StringsInFile } from "../strings/string-search.ts";

/** What an expression gives; texts have one character for each byte, and undefined is YARA's undefined. */
export type Value = boolean | number | string | Structure | readonly Value[] | undefined;

/** Fields of a module by name. */
export interface Structure {
  readonly [name: string]: Value;
}

/** The type of an expression, known before any file. */
export type Type =
  | "boolean"
  | "integer"
  | "float"
  | "text"
  | "regexp"
  | { readonly kind: "structure"; readonly fields: Readonly<Record<string, Type>> }
  | { readonly kind: "list"; readonly item: Type }
  | { readonly kind: "function"; readonly forms: readonly FunctionForm[] };

/** A function of a module with one list of parameters. */
export interface FunctionForm {
  readonly parameters: readonly ("integer" | "float" | "text" | "boolean")[];
  readonly result: "integer" | "float" | "text" | "boolean";
  readonly call: (file: FileInScan, args: readonly Value[]) => Value;
}

/** A file while the rules are evaluated. */
export interface FileInScan {
  readonly bytes: Buffer;
  readonly strings: StringsInFile;
  readonly budget: ScanBudget;
  /** By the index of a rule: 1 if it holds. */
  readonly verdicts: Uint8Array;
  /** Loop variables by their slot. */
  readonly variables: Value[];
  /** The fields of each module that was asked for, and what its functions keep. */
  readonly modules: Map<string, Structure>;
}

/** A module of YARA. */
export interface Module {
  readonly name: string;
  readonly type: Extract<Type, { readonly kind: "structure" }>;
  /** The fields of a file; absent for modules of functions alone. */
  readonly fieldsOf?: (file: FileInScan) => Structure;
}

/** An expression, ready to be evaluated. */
export interface Compiled {
  readonly type: Type;
  readonly evaluate: (file: FileInScan) => Value;
}

/** Texts are true unless they are empty. */
export function isTrue(value: Value): boolean {
  return typeof value === "string" ? value !== "" : value !== undefined && value !== 0 && value !== false;
}
