import type { Priority } from "../../model/events/alert.ts";
import type { Condition } from "../language/condition.ts";

/**
 * The rules that were loaded from all files, in the order in which they are judged, with what was said while loading.
 */
export interface RuleSet {
  readonly rules: readonly Rule[];
  readonly macros: readonly Macro[];
  readonly lists: readonly List[];
  /**
   * What was said of all files. An error among them: the rules are those of the files before it, and should not be
   * used.
   */
  readonly findings: readonly LoadFinding[];
  /** One for each file, in order. */
  readonly files: readonly FileResult[];
  /** The highest version of Falco's engine that a file asks for, `0.0.0` when none does. */
  readonly requiredEngineVersion: string;
  readonly requiredPlugins: readonly RequiredPlugin[];
}

/** What came of one rule file. */
export interface FileResult {
  readonly name: string;
  readonly isSuccessful: boolean;
  readonly findings: readonly LoadFinding[];
  /**
   * What Falco's JSON schema says of each document: `ok`, or a line for each thing that it refuses. Empty: no document.
   */
  readonly schema: readonly string[];
}

/** A plugin that a file needs, or one of its alternatives instead. */
export interface RequiredPlugin {
  readonly name: string;
  readonly version: string;
  readonly alternatives: readonly { readonly name: string; readonly version: string }[];
}

/** A rule, ready to be compiled: macros, lists and exceptions are resolved. */
export interface Rule {
  readonly name: string;
  readonly description: string;
  readonly priority: Priority;
  readonly source: string;
  /** Sorted. */
  readonly tags: readonly string[];
  readonly isEnabled: boolean;
  /** The text after appends, before macros and exceptions are put in. */
  readonly condition: string;
  readonly resolved: Condition;
  /** The output format after `append_output`. */
  readonly output: string;
  readonly place: SourcePlace;
  /** Also those that the macros use in turn. */
  readonly macrosUsed: readonly string[];
  readonly listsUsed: readonly string[];
  /** Fields that `append_output` adds to the JSON form of an alert. */
  readonly extraFields?: readonly ExtraField[];
  /** What the rule file says beyond what the engine needs. */
  readonly written?: WrittenRule;
  /** The keys that only Plimsoll reads, under `plimsoll:` in the rule; Falco ignores them. */
  readonly extension?: RuleExtension;
}

/** A field that is added to alerts: `format` is filled in; a raw one is the value of the field that `format` names. */
export interface ExtraField {
  readonly name: string;
  readonly format: string;
  readonly isRaw: boolean;
}

/** The parts of a rule as they stand in its files after appends. */
export interface WrittenRule {
  readonly output: string;
  /** The fields of the output format after `append_output`, as written. */
  readonly outputFields: readonly string[];
  readonly capture: boolean;
  /** Milliseconds. */
  readonly captureDuration: number;
  readonly exceptions: readonly WrittenException[];
  /** What was appended to the condition, in order. */
  readonly appended: readonly AppendedCondition[];
}

/** An exception of a rule, with an operator for each field, or one for its only one. */
export interface WrittenException {
  readonly name: string;
  readonly fields: readonly string[];
  readonly operators: readonly string[];
  readonly hasValues: boolean;
}

/** A text that was appended to a condition, and the place of the item that did it. */
export interface AppendedCondition {
  readonly text: string;
  readonly place: SourcePlace;
}

/** What a rule may say beyond Falco. Durations are in milliseconds, keys are fields. */
export interface RuleExtension {
  /** Alert only at the `count`-th match within `within`, counted for each combination of values of `by`. */
  readonly threshold?: { readonly count: number; readonly within: number; readonly by: readonly string[] };
  /**
   * Alert when this rule matches after all of `after` matched, in order, within `within`, with the same values of `by`.
   */
  readonly sequence?: { readonly after: readonly string[]; readonly within: number; readonly by: readonly string[] };
  /** Say the same thing (equal values of `by`) at most once in `within`. */
  readonly deduplicate?: { readonly within: number; readonly by: readonly string[] };
  /** What the reader of an alert should do. */
  readonly action?: string;
}

/** A macro, with the macros in it resolved. */
export interface Macro {
  readonly name: string;
  /** The text after appends. */
  readonly condition: string;
  readonly appended: readonly AppendedCondition[];
  readonly resolved: Condition;
  readonly isUsed: boolean;
  readonly place: SourcePlace;
}

/** A list, with the lists in it resolved. */
export interface List {
  readonly name: string;
  /** With the items of the lists that it names. */
  readonly items: readonly string[];
  /** After appends, before lists are put in. */
  readonly written: readonly string[];
  readonly isUsed: boolean;
  readonly place: SourcePlace;
}

/** Lines and columns from 0, as Falco counts them; columns and offsets are bytes. */
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
  /** For a warning about a deprecated field. */
  readonly deprecatedField?: string;
  /** The fault in other words, or the likely intention: a sentence. */
  readonly hint?: string;
}
