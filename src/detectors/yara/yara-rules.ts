import type { FileInScan } from "./conditions/value.ts";
import type { SearchString } from "./strings/search-string.ts";
import type { StringSearch } from "./strings/string-search.ts";
import type { MetaEntry } from "./syntax/rule-syntax.ts";

/** A set of compiled rules. */
export interface YaraRules {
  readonly rules: readonly YaraRule[];
  /** Rules that are valid but not evaluated here, with the reason. */
  readonly unsupported: readonly UnsupportedRule[];
  /** Faults in rule files; the rules that have them are left out. */
  readonly problems: readonly YaraProblem[];
  /** SHA-256 over the text of all files. */
  readonly digest: string;
  readonly strings: readonly SearchString[];
  readonly search: StringSearch;
  /** The rules that are evaluated in every file, by index. */
  readonly always: readonly number[];
  /** By the index of a string: the index of its rule. */
  readonly ruleOfString: Int32Array;
}

/** A compiled rule. */
export interface YaraRule {
  readonly name: string;
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly isPrivate: boolean;
  readonly isGlobal: boolean;
  readonly tags: readonly string[];
  readonly meta: readonly MetaEntry[];
  /** Its strings are those from `firstString` up to and without `endOfStrings`. */
  readonly firstString: number;
  readonly endOfStrings: number;
  readonly holds: (file: FileInScan) => boolean;
}

/** A valid rule that is not evaluated here. */
export interface UnsupportedRule {
  readonly name: string;
  readonly file: string;
  readonly line: number;
  /** What it needs: `the pe module`. */
  readonly needs: string;
}

/** A fault in a rule file. */
export interface YaraProblem {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}
