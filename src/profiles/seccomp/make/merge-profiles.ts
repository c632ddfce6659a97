import { alternatives, type Clause, resolveArchitectures, resolveRules, type Target } from "../build-filter.ts";
import { conditionsText } from "../condition-text.ts";
import { type Action, actionKinds, actionText, isPermitted, isSameAction, type SeccompProfile } from "../profile.ts";
import type { WrittenProfile, WrittenRule } from "./write-profile.ts";

/** Less restrictive: a call that any profile permits is permitted; more restrictive: what all permit. */
export type MergeStrategy = "union" | "intersection";

/** What one profile does with a name: alternatives with conditions, and what happens otherwise. */
interface NamePolicy {
  readonly cases: readonly Pick<Clause, "conditions" | "action">[];
  readonly otherwise: Action;
}

/**
 * One profile from several, as they work on a target. In a union, conditions of several profiles are alternatives. In
 * an intersection, a call stays permitted with conditions only where all profiles agree on them. Each rule says how
 * many profiles name its calls.
 */
export function mergeProfiles(
  profiles: readonly SeccompProfile[],
  { strategy, target }: { readonly strategy: MergeStrategy; readonly target: Target },
): WrittenProfile {
  const own = profiles.map((profile) => policiesOf(profile, target));
  const defaultAction = pick(
    own.map(({ fallback }) => fallback),
    strategy,
  );
  const names = [...new Set(own.flatMap(({ byName }) => [...byName.keys()]))].sort();
  const groups = new Map<string, WrittenRule & { names: string[] }>();
  for (const name of names) {
    const policies = own.map(({ byName, fallback }) => byName.get(name) ?? { cases: [], otherwise: fallback });
    const merged = strategy === "union" ? unionOf(policies) : intersectionOf(policies);
    const permits = own.filter(({ byName }) => byName.has(name)).length;
    const comment = `named in ${permits} of ${profiles.length} profiles`;
    for (const rule of rulesOf(merged, defaultAction)) {
      const key = `${comment} ${actionText(rule.action)} ${conditionsText(rule.conditions)}`;
      const group = groups.get(key) ?? { ...rule, names: [], comment };
      group.names.push(name);
      groups.set(key, group);
    }
  }
  const architectures = own.map((policies) => policies.architectures);
  return {
    defaultAction,
    architectures: [...new Set(architectures.flat())].filter(
      (name) => strategy === "union" || architectures.every((list) => list.includes(name)),
    ),
    rules: [...groups.values()],
  };
}

interface Policies {
  readonly byName: ReadonlyMap<string, NamePolicy>;
  readonly fallback: Action;
  readonly architectures: readonly string[];
}

function policiesOf(profile: SeccompProfile, target: Target): Policies {
  const fallback = profile.defaultAction ?? { kind: "ALLOW", data: 0 };
  const clauses = new Map<string, Pick<Clause, "conditions" | "action">[]>();
  for (const { names, conditions, action } of resolveRules(profile, target)) {
    for (const name of names)
      clauses.set(name, [
        ...(clauses.get(name) ?? []),
        ...alternatives(conditions).map((part) => ({ conditions: part, action })),
      ]);
  }
  const byName = [...clauses].map(([name, list]): [string, NamePolicy] => {
    const whole = list.find(({ conditions }) => conditions.length === 0);
    return [name, whole ? { cases: [], otherwise: whole.action } : { cases: list, otherwise: fallback }];
  });
  return { byName: new Map(byName), fallback, architectures: resolveArchitectures(profile, target) };
}

function unionOf(policies: readonly NamePolicy[]): NamePolicy {
  const otherwise = pick(
    policies.map((policy) => policy.otherwise),
    "union",
  );
  const cases = policies.flatMap((policy) => policy.cases).filter(({ action }) => rank(action) < rank(otherwise));
  return { cases: unique(cases), otherwise };
}

function intersectionOf(policies: readonly NamePolicy[]): NamePolicy {
  const otherwise = pick(
    policies.map((policy) => policy.otherwise),
    "intersection",
  );
  const [first, ...rest] = policies.filter(({ cases }) => cases.length > 0);
  if (!first) return { cases: [], otherwise };
  const key = ({ cases }: NamePolicy): string => unique(cases).map(caseKey).sort().join("\n");
  const isAgreed = rest.every((policy) => key(policy) === key(first));
  // A profile that answers with one action for all arguments must permit what the conditions of the others do.
  const whole = policies.filter(({ cases }) => cases.length === 0).map((policy) => policy.otherwise);
  const kept = isAgreed ? first.cases.filter(({ action }) => whole.every((other) => rank(other) <= rank(action))) : [];
  return { cases: unique(kept), otherwise };
}

function* rulesOf({ cases, otherwise }: NamePolicy, defaultAction: Action): Generator<Omit<WrittenRule, "names">> {
  // A rule without conditions wins over all with some: where both are needed, what permits or must deny is kept.
  const isDefault = isSameAction(otherwise, defaultAction);
  const decides = cases.length === 0 || isPermitted(otherwise) || isPermitted(defaultAction);
  if (!isDefault && decides) yield { action: otherwise, conditions: [] };
  else yield* cases;
}

function unique(cases: readonly Pick<Clause, "conditions" | "action">[]): Pick<Clause, "conditions" | "action">[] {
  return [...new Map(cases.map((own) => [caseKey(own), own])).values()];
}

function caseKey({ conditions, action }: Pick<Clause, "conditions" | "action">): string {
  return `${actionText(action)} ${conditionsText([...conditions].sort((a, b) => a.index - b.index))}`;
}

/** The first for the most permissive. */
function rank({ kind }: Action): number {
  return actionKinds.indexOf(kind);
}

function pick(actions: readonly Action[], strategy: MergeStrategy): Action {
  const sorted = [...actions].sort((a, b) => rank(a) - rank(b));
  const chosen = strategy === "union" ? sorted[0] : sorted.at(-1);
  if (!chosen) throw new RangeError("nothing to merge");
  return chosen;
}
