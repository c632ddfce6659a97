import type { Condition } from "../language/condition.ts";
import { printCondition } from "../language/print-condition.ts";

/** Something with a condition, and its place among the others. */
export interface Conditioned {
  readonly index: number;
  readonly condition: Condition;
}

/**
 * Rules sorted by what they have in common: `test` is a part that the conditions of all rules below require, so that
 * one look rules out all of them; `rules` have nothing left in common with others, each with what remains of its
 * condition (`undefined`: nothing, the tests above are the whole condition).
 */
export interface SharedTest {
  readonly test: Condition | undefined;
  readonly rules: readonly { readonly index: number; readonly rest: Condition | undefined }[];
  readonly groups: readonly SharedTest[];
}

interface Candidate {
  readonly index: number;
  /** The parts that must all hold, by their text. */
  readonly parts: ReadonlyMap<string, Condition>;
}

/** Finds what conditions have in common, the most common part first. Parts are those that `and` joins at the top. */
export function shareTests(rules: readonly Conditioned[]): SharedTest {
  const candidates = rules.map(({ index, condition }) => ({
    index,
    parts: new Map(partsOf(condition).map((part) => [printCondition(part), part])),
  }));
  return grouped(candidates, undefined);
}

function grouped(candidates: readonly Candidate[], test: Condition | undefined): SharedTest {
  const groups: SharedTest[] = [];
  let left = candidates;
  for (let text = mostCommon(left); text !== undefined; text = mostCommon(left)) {
    const shared: string = text;
    const members = left.filter(({ parts }) => parts.has(shared));
    const without = members.map(({ index, parts }) => ({
      index,
      parts: new Map([...parts].filter(([part]) => part !== shared)),
    }));
    groups.push(grouped(without, members[0]?.parts.get(shared)));
    left = left.filter(({ parts }) => !parts.has(shared));
  }
  return { test, rules: left.map(({ index, parts }) => ({ index, rest: joined([...parts.values()]) })), groups };
}

/** The part that most candidates have, at least two; the first of equals. */
function mostCommon(candidates: readonly Candidate[]): string | undefined {
  const counts = new Map<string, number>();
  for (const { parts } of candidates) for (const text of parts.keys()) counts.set(text, (counts.get(text) ?? 0) + 1);
  let best: string | undefined;
  let most = 1;
  for (const [text, count] of counts) {
    if (count <= most) continue;
    best = text;
    most = count;
  }
  return best;
}

function partsOf(condition: Condition): readonly Condition[] {
  return condition.kind === "and" ? condition.operands.flatMap(partsOf) : [condition];
}

function joined(parts: readonly Condition[]): Condition | undefined {
  const [first] = parts;
  if (first === undefined || parts.length === 1) return first;
  return { kind: "and", operands: parts, place: first.place };
}
