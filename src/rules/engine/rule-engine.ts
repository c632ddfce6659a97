import { ConditionCompiler } from "../language/condition-compiler.ts";
import { eventCodesOf } from "../language/event-codes.ts";
import type { FieldCatalogue, RuleEvent } from "../language/field.ts";
import type { Rule } from "../loading/rule-set.ts";

/** `all` rules that an event fulfils, or the `first` one in the order of the files only, as Falco does by default. */
export type Matching = "all" | "first";

/** What an engine needs besides rules. */
export interface EngineOptions<E extends RuleEvent> {
  /** The one source whose rules are judged. */
  readonly source: string;
  readonly catalogue: FieldCatalogue<E>;
  readonly matching: Matching;
  /** Of sources with event types: the code of an event, and how many codes there are. */
  readonly codes?: { readonly count: number; of(event: E): number };
}

interface Judge<E> {
  readonly rule: Rule;
  readonly matches: (event: E) => boolean;
}

/**
 * The enabled rules of one source, compiled and sorted by the events that each can match, so that an event meets only the rules
 * that are about its type. Equal parts of conditions are evaluated once for an event, whatever rules they stand in.
 */
export class RuleEngine<E extends RuleEvent> {
  readonly rules: readonly Rule[];
  readonly #judges: readonly (readonly Judge<E>[])[];
  readonly #codes: EngineOptions<E>["codes"];
  readonly #onlyFirst: boolean;

  /** Error: a `ConditionError` for a condition that the catalogue refuses, which loading has already reported. */
  constructor(rules: readonly Rule[], { source, catalogue, matching, codes }: EngineOptions<E>) {
    const compiler = new ConditionCompiler<E>(catalogue);
    this.rules = rules.filter((rule) => rule.isEnabled && rule.source === source);
    this.#codes = codes;
    this.#onlyFirst = matching === "first";
    const judges = this.rules.map((rule) => ({ rule, matches: compiler.compile(rule.resolved) }));
    if (!codes) {
      this.#judges = [judges];
      return;
    }
    const byCode = Array.from({ length: codes.count }, (): Judge<E>[] => []);
    for (const judge of judges) for (const code of eventCodesOf(judge.rule.resolved)) byCode[code]?.push(judge);
    this.#judges = byCode;
  }

  /** Whether a rule exists that an event of this type could match; sources may leave others out. */
  wants(code: number): boolean {
    return (this.#judges[code]?.length ?? 0) > 0;
  }

  /** Calls `matched` for each rule that the event fulfils, in the order of the rules. */
  judge(event: E, matched: (rule: Rule, event: E) => void): void {
    const judges = this.#judges[this.#codes ? this.#codes.of(event) : 0];
    if (judges === undefined) return;
    for (const { rule, matches } of judges) {
      if (!matches(event)) continue;
      matched(rule, event);
      if (this.#onlyFirst) return;
    }
  }
}
