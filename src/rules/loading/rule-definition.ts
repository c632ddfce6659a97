import type { Priority } from "../../model/events/alert.ts";
import type { LoadContext } from "./load-context.ts";
import type { AppendedCondition, RuleExtension } from "./rule-set.ts";

// What rule files say, item by item, before anything is resolved. The loader changes these as later items append and
// replace.

/**
 * An item that can be redefined keeps its first `index`, which is its place in the order; `visibility` is that of its
 * last change: what it may refer to must come before.
 */
interface Definition {
  readonly name: string;
  readonly context: LoadContext;
  index: number;
  visibility: number;
}

/** A list with the items of all its appends. */
export interface ListDefinition extends Definition {
  items: string[];
}

/** A macro; its condition is the text after all appends. */
export interface MacroDefinition extends Definition {
  condition: string;
  readonly conditionContext: LoadContext;
  readonly appended: AppendedCondition[];
}

/** A rule as its items together say it. Durations are in milliseconds. */
export interface RuleDefinition extends Definition {
  condition: string;
  readonly conditionContext: LoadContext;
  output: string;
  readonly outputContext: LoadContext;
  readonly source: string;
  readonly hasUnknownSource: boolean;
  description: string;
  priority: Priority;
  tags: Set<string>;
  exceptions: ExceptionDefinition[];
  isEnabled: boolean;
  capture: boolean;
  captureDuration: number;
  warnsOfEventTypes: boolean;
  skipsUnknownFilters: boolean;
  extension: RuleExtension | undefined;
  appended: AppendedCondition[];
}

/** What an item appends to a rule or replaces in it; what is `undefined` stays. */
export interface RuleUpdate {
  readonly name: string;
  readonly context: LoadContext;
  /** Empty: not told. */
  readonly source: string;
  readonly condition: string | undefined;
  readonly output?: string | undefined;
  readonly description?: string | undefined;
  readonly priority?: Priority | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly exceptions: readonly ExceptionDefinition[] | undefined;
  readonly isEnabled?: boolean | undefined;
  readonly capture?: boolean | undefined;
  readonly captureDuration?: number | undefined;
  readonly warnsOfEventTypes?: boolean | undefined;
  readonly skipsUnknownFilters?: boolean | undefined;
}

/** A text or a list of such; empty when the rule file does not give it. */
export type ExceptionEntry = string | readonly ExceptionEntry[];

/** An exception of a rule: the fields, how they are compared, and the values for which the rule does not match. */
export interface ExceptionDefinition {
  readonly name: string;
  readonly context: LoadContext;
  readonly fields: ExceptionEntry;
  readonly operators: ExceptionEntry;
  readonly values: readonly ExceptionEntry[];
}
