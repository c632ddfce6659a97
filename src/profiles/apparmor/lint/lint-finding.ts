import { printRule } from "../language/print.ts";
import type { Rule } from "../language/syntax.ts";
import type { LoadedRule } from "../policy/load-policy.ts";

/** A mistake or a risk in an AppArmor policy. */
export interface LintFinding {
  readonly severity: "error" | "warning" | "advice";
  readonly code: string;
  /** The profile by its full name, undefined for the policy as a whole. */
  readonly profile: string | undefined;
  /** The included file, undefined for the policy file itself. */
  readonly file: string | undefined;
  readonly line: number;
  readonly message: string;
  readonly hint: string;
}

/** What a check says of a rule or of a profile. */
export type Remark = Pick<LintFinding, "severity" | "code" | "message" | "hint"> & {
  readonly at: Pick<LoadedRule, "file"> & { readonly line: number };
};

/** Where a rule stands. */
export function placeOf({ rule, file }: LoadedRule): Remark["at"] {
  return { file, line: rule.line };
}

/** A rule in a message, without the comma at its end. */
export function quoteRule(rule: Rule): string {
  return `'${printRule(rule).slice(0, -1)}'`;
}
