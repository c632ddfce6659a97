import type { SourcePlace } from "../loading/rule-set.ts";

/** Something about rules that loads well and is probably not meant, or costs more than it should. */
export interface LintFinding {
  readonly code: LintCode;
  /** `error`: the rule cannot do what it is for. `warning`: it probably does not. `advice`: it could be better. */
  readonly severity: "error" | "warning" | "advice";
  /** The name of the rule, macro or list that it is about. */
  readonly item: string;
  /** The finding: a clause that begins with the item's name or kind, without a full stop. */
  readonly message: string;
  /** What to do about it: one sentence. */
  readonly hint: string;
  readonly place: SourcePlace;
}

/** What a finding is about; tools may tell by it which findings they show. */
export type LintCode =
  | "unused-macro"
  | "unused-list"
  | "never-matches"
  | "dead-alternative"
  | "shadowed-rule"
  | "no-event-type"
  | "event-type-exists"
  | "costly-check"
  | "appended-or"
  | "appended-and"
  | "missing-value"
  | "disabled-rule";

/** A text of a condition for a message. */
export function shortened(text: string): string {
  return text.length > 300 ? `${text.slice(0, 297)}…` : text;
}
