import type { Priority } from "./alert.ts";

/** A part of a condition, with what came of it for one event. */
export interface ConditionExplanation {
  /** The part as it is written in the language of rules. */
  readonly text: string;
  readonly kind: "and" | "or" | "not" | "check";
  /** Absent: not looked at, since what came before decided. */
  readonly result?: boolean;
  /** For a check: the values of its left side; empty when they are missing. */
  readonly left?: readonly string[];
  /** For a check: the values of its right side. */
  readonly right?: readonly string[];
  /** For a check: a side does not have a value, so every comparison is false. */
  readonly isMissing?: boolean;
  readonly parts?: readonly ConditionExplanation[];
}

/** Why a rule did or did not match an event. */
export interface RuleExplanation {
  readonly rule: string;
  readonly priority: Priority;
  readonly isMatch: boolean;
  /** Why the condition alone does not tell: the rule is off, or its condition can never match an event of this type. */
  readonly remarks: readonly string[];
  readonly event: { readonly number: number; readonly type: string; readonly line: string };
  readonly condition: ConditionExplanation;
  /** What the alert says, of a match. */
  readonly message?: string;
}
