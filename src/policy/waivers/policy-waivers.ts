import type { Waiver } from "../../model/findings/waiver.ts";
import { allPolicies, type Policy } from "../file/policy.ts";

/** The waivers of a policy, and of the policies that it extends. */
export interface PolicyWaivers {
  readonly all: readonly Waiver[];
  /** Those of the policy itself. */
  readonly own: ReadonlySet<Waiver>;
  /**
   * For each policy that decides, the waivers that count there: its own, those of the policies that it extends, and,
   * with `allowWaivers`, those of the policies that extend it. A finding is waived only if each has a waiver for it.
   */
  readonly deciding: readonly ReadonlySet<Waiver>[];
}

/** Collects the waivers of a policy. */
export function waiversOf(policy: Policy): PolicyWaivers {
  return {
    all: waiversBelow(policy),
    own: new Set(policy.waivers),
    deciding: [...waiversByPolicy(policy, [])],
  };
}

function waiversBelow(policy: Policy): readonly Waiver[] {
  return [...allPolicies(policy)].flatMap(({ waivers = [] }) => waivers);
}

function* waiversByPolicy(policy: Policy, above: readonly Waiver[]): Iterable<ReadonlySet<Waiver>> {
  const { failOn, rules = [], waivers = [], allowWaivers = false, inherited = [] } = policy;
  if (failOn !== undefined || rules.length > 0) {
    yield new Set([...waiversBelow(policy), ...(allowWaivers ? above : [])]);
  }
  for (const each of inherited) yield* waiversByPolicy(each, [...waivers, ...above]);
}
