import type { Waiver } from "../../model/findings/waiver.ts";
import type { PolicyRule } from "../rules/policy-rule.ts";
import { stricterThreshold, type Threshold } from "../threshold.ts";

/** What may ship, as `plimsoll.yaml` says it. */
export interface Policy {
  /** A finding, or a failed check, of this severity or worse denies. */
  readonly failOn?: Threshold;
  /** For each finding, the first rule that matches decides; where none does, `failOn` decides. */
  readonly rules?: readonly PolicyRule[];
  readonly waivers?: readonly Waiver[];
  /** Whether the waivers of a policy that extends this one count for its decisions. */
  readonly allowWaivers?: boolean;
  /** Policies that this one extends: the strictest of all decides, except where their rules allow an override. */
  readonly inherited?: readonly Policy[];
}

/** A policy and all that it extends, itself first. */
export function* allPolicies(policy: Policy): IterableIterator<Policy> {
  yield policy;
  for (const each of policy.inherited ?? []) yield* allPolicies(each);
}

/** Whether the policy decides by more than one severity. */
export function hasRules({ rules = [], inherited = [] }: Policy): boolean {
  return rules.length > 0 || inherited.length > 0;
}

/** Whether one severity is all that decides: no rule, no waiver, no other policy. */
export function isThresholdOnly(policy: Policy): boolean {
  return !hasRules(policy) && (policy.waivers ?? []).length === 0;
}

/** Whether a verdict is a decision: one under a policy without content counts as not judged. */
export function isGate(policy: Policy): boolean {
  return [...allPolicies(policy)].some(({ failOn, rules = [] }) => failOn !== undefined || rules.length > 0);
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
