import type { Priority } from "../../model/alert.ts";
import type { Condition } from "../language/condition.ts";

/** The rules that were loaded from all files, in the order in which they are judged, with what was said while loading. */
export interface RuleSet {
  readonly rules: readonly Rule[];
  readonly macros: readonly Macro[];
  readonly lists: readonly List[];
  readonly findings: readonly LoadFinding[];
}

/** A rule, ready to be compiled: macros, lists and exceptions are resolved. */
export interface Rule {
  readonly name: string;
  readonly description: string;
  readonly priority: Priority;
  readonly source: string;
  readonly tags: readonly string[];
  readonly isEnabled: boolean;
  /** The text after appends, before macros and exceptions are put in. */
  readonly condition: string;
  readonly resolved: Condition;
  /** The output format after `append_output`. */
  readonly output: string;
  readonly place: SourcePlace;
  readonly macrosUsed: readonly string[];
  readonly listsUsed: readonly string[];
  /** The keys that only Plimsoll reads, under `plimsoll:` in the rule; Falco ignores them. */
  readonly extension?: RuleExtension;
}

/** What a rule may say beyond Falco. Durations are in milliseconds, keys are fields. */
export interface RuleExtension {
  /** Alert only at the `count`-th match within `within`, counted for each combination of values of `by`. */
  readonly threshold?: { readonly count: number; readonly within: number; readonly by: readonly string[] };
  /** Alert when this rule matches after all of `after` matched, in order, within `within`, with the same values of `by`. */
  readonly sequence?: { readonly after: readonly string[]; readonly within: number; readonly by: readonly string[] };
  /** Say the same thing (equal values of `by`) at most once in `within`. */
  readonly deduplicate?: { readonly within: number; readonly by: readonly string[] };
  /** What the reader of an alert should do. */
  readonly action?: string;
}

export interface Macro {
  readonly name: string;
  readonly condition: string;
  readonly isUsed: boolean;
  readonly place: SourcePlace;
}

export interface List {
  readonly name: string;
  readonly items: readonly string[];
  readonly isUsed: boolean;
  readonly place: SourcePlace;
}

/** Lines and columns from 0, as Falco counts them. */
export interface SourcePlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly offset: number;
}

/** An error or a warning about a rule file, in Falco's codes. */
export interface LoadFinding {
  readonly kind: "error" | "warning";
  /** For example `LOAD_ERR_YAML_VALIDATE`, `LOAD_UNKNOWN_SOURCE`. */
  readonly code: string;
  readonly message: string;
  /** Outermost first. */
  readonly locations: readonly (SourcePlace & { readonly itemType: string; readonly itemName: string })[];
  readonly snippet: string;
}
