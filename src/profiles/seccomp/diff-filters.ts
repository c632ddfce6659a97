import type { Clause, Filter } from "./build-filter.ts";
import { conditionsText } from "./condition-text.ts";
import { isUnfiltered, lookUpNumber } from "./decide-call.ts";
import { type Action, actionText, isPermitted } from "./profile.ts";
import { abis, knownNames, numberOf } from "./syscall-table.ts";

/** Calls whose answer changes in the same way. */
export interface DecisionChange {
  readonly change: "allowed" | "denied" | "conditions" | "other";
  readonly before: string;
  readonly after: string;
  readonly abis: readonly string[];
  readonly syscalls: readonly string[];
}

/**
 * The differences between the answers of two filters. Rules in another order, or split otherwise, make none. Undefined
 * stands for a container without seccomp.
 */
export function diffFilters(before: Filter | undefined, after: Filter | undefined): readonly DecisionChange[] {
  const changes = new Map<string, { change: DecisionChange["change"]; abis: string[] } & Pair>();
  for (const name of [...knownNames()].sort()) {
    const byPair = new Map<string, Pair & { abis: string[] }>();
    for (const facts of abis) {
      const number = numberOf(name, facts);
      const isFiltered = [before, after].some((filter) => filter?.abis.some((own) => own.facts === facts));
      if (number === undefined || !isFiltered || (facts.abi === "x86_64" && isUnfiltered(number))) continue;
      const call = { audit: facts.audit, number };
      const pair: Pair = { one: answerOf(before, call), other: answerOf(after, call), names: [] };
      if (pair.one.text === pair.other.text) continue;
      const key = `${pair.one.text}\n${pair.other.text}`;
      const known = byPair.get(key) ?? { ...pair, abis: [] };
      known.abis.push(facts.abi);
      byPair.set(key, known);
    }
    for (const [key, pair] of byPair) {
      const whole = `${key}\n${pair.abis.join()}`;
      const known = changes.get(whole) ?? { ...pair, names: [], change: changeOf(pair) };
      known.names.push(name);
      changes.set(whole, known);
    }
  }
  const order = ["allowed", "denied", "conditions", "other"];
  return [...changes.values()]
    .map(({ change, one, other, names, abis: own }) => ({
      ...{ change, before: one.text, after: other.text, abis: own, syscalls: names },
    }))
    .sort((a, b) => order.indexOf(a.change) - order.indexOf(b.change));
}

interface Pair {
  readonly one: Answer;
  readonly other: Answer;
  readonly names: string[];
}

interface Answer {
  readonly text: string;
  /** Undefined where arguments decide. */
  readonly action: Action | undefined;
}

function answerOf(filter: Filter | undefined, call: { readonly audit: number; readonly number: number }): Answer {
  if (!filter) return { text: "ALLOW", action: { kind: "ALLOW", data: 0 } };
  const found = lookUpNumber(filter, call);
  if ("decision" in found) return { text: actionText(found.decision.action), action: found.decision.action };
  const cases = [...new Set(found.clauses.map(clauseText))].sort();
  return { text: `${cases.join(", ")}, else ${actionText(filter.defaultAction)}`, action: undefined };
}

function clauseText({ conditions, action }: Clause): string {
  const sorted = [...conditions].sort((a, b) => a.index - b.index);
  return `${actionText(action)} if ${conditionsText(sorted)}`;
}

function changeOf({ one, other }: Pair): DecisionChange["change"] {
  if (!one.action || !other.action) return "conditions";
  if (isPermitted(one.action) === isPermitted(other.action)) return "other";
  return isPermitted(other.action) ? "allowed" : "denied";
}
