import { ConditionCompiler } from "../language/condition-compiler.ts";
import { eventCodesOf } from "../language/event-codes.ts";
import type { FieldCatalogue, RuleEvent } from "../language/field.ts";
import type { Rule } from "../loading/rule-set.ts";
import { type SharedTest, shareTests } from "./shared-tests.ts";

/** `all` rules that an event fulfils, or the `first` one in the order of the files only, as Falco does by default. */
export type Matching = "all" | "first";

/** What an engine needs besides rules. */
export interface EngineOptions<E extends RuleEvent> {
  /** The one source whose rules are judged. */
  readonly source: string;
  readonly catalogue: FieldCatalogue<E>;
  readonly matching: Matching;
  /** For sources with event types: the code of an event, and how many codes there are. */
  readonly codes?: { readonly count: number; of(event: E): number };
}

/** Rules behind a test that all of them require. */
interface Group<E> {
  /** Absent: there is none. */
  readonly test: ((event: E) => boolean) | undefined;
  readonly rules: readonly { readonly index: number; readonly matches: ((event: E) => boolean) | undefined }[];
  readonly groups: readonly Group<E>[];
}

/**
 * The enabled rules of one source, compiled and sorted by the events that each can match, so that an event meets only
 * the rules that are about its type, and of those only the ones whose common requirements it meets. Equal parts of
 * conditions are evaluated once for an event, whatever rules they stand in.
 */
export class RuleEngine<E extends RuleEvent> {
  readonly rules: readonly Rule[];
  readonly #compiler: ConditionCompiler<E>;
  /** By event code; a single one without codes. */
  readonly #groups: readonly (Group<E> | undefined)[];
  readonly #codes: EngineOptions<E>["codes"];
  readonly #onlyFirst: boolean;
  /** Indexes of the rules that the current event fulfils. */
  readonly #fulfilled: number[] = [];

  /** Error: a `ConditionError` for a condition that the catalogue refuses, which loading has already reported. */
  constructor(rules: readonly Rule[], { source, catalogue, matching, codes }: EngineOptions<E>) {
    this.#compiler = new ConditionCompiler<E>(catalogue);
    this.rules = rules.filter((rule) => rule.isEnabled && rule.source === source);
    this.#codes = codes;
    this.#onlyFirst = matching === "first";
    this.#groups = codes ? this.#groupsByCode(codes.count) : [this.#groupOf(this.rules.map((_, index) => index))];
  }

  /** Calls `matched` for each rule that the event fulfils, in the order of the rules. */
  judge(event: E, matched: (rule: Rule, event: E) => void): void {
    const group = this.#groups[this.#codes ? this.#codes.of(event) : 0];
    if (group === undefined) return;
    const fulfilled = this.#fulfilled;
    collect(group, event, fulfilled);
    if (fulfilled.length === 0) return;
    fulfilled.sort((a, b) => a - b);
    for (const index of this.#onlyFirst ? fulfilled.slice(0, 1) : fulfilled) matched(this.rules[index] as Rule, event);
    fulfilled.length = 0;
  }

  #groupsByCode(count: number): (Group<E> | undefined)[] {
    const byCode = Array.from({ length: count }, (): number[] => []);
    for (const [index, rule] of this.rules.entries()) {
      for (const code of eventCodesOf(rule.resolved)) byCode[code]?.push(index);
    }
    // Many types are the subject of the same rules.
    const known = new Map<string, Group<E>>();
    return byCode.map((indexes) => {
      if (indexes.length === 0) return undefined;
      const key = indexes.join();
      const group = known.get(key) ?? this.#groupOf(indexes);
      known.set(key, group);
      return group;
    });
  }

  #groupOf(indexes: readonly number[]): Group<E> {
    return this.#compiled(
      shareTests(indexes.map((index) => ({ index, condition: (this.rules[index] as Rule).resolved }))),
    );
  }

  #compiled({ test, rules, groups }: SharedTest): Group<E> {
    return {
      test: test && this.#compiler.compile(test),
      rules: rules.map(({ index, rest }) => ({ index, matches: rest && this.#compiler.compile(rest) })),
      groups: groups.map((group) => this.#compiled(group)),
    };
  }
}

/** Adds the rules of the group that the event fulfils. */
function collect<E>({ test, rules, groups }: Group<E>, event: E, fulfilled: number[]): void {
  if (test !== undefined && !test(event)) return;
  for (const { index, matches } of rules) if (matches === undefined || matches(event)) fulfilled.push(index);
  for (const group of groups) collect(group, event, fulfilled);
}
