import type { PolicyRule } from "../rules/policy-rule.ts";
import { stricterThreshold, type Threshold } from "../threshold.ts";

/** What may ship, as `plimsoll.yaml` says it. */
export interface Policy {
  /** A finding, or a failed check, of this severity or worse denies. */
  readonly failOn?: Threshold;
  /** For each finding, the first rule that matches decides; where none does, `failOn` decides. */
  readonly rules?: readonly PolicyRule[];
}

/** The policy with the stricter of its own severity and another. */
export function policyOf({
  failOn,
  policy,
}: {
  readonly failOn?: Threshold | undefined;
  readonly policy?: Policy | undefined;
}): Policy {
  const stricter = stricterThreshold(policy?.failOn, failOn);
  return { ...policy, ...(stricter !== undefined && { failOn: stricter }) };
}
