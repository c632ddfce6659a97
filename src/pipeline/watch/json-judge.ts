import { PlimsollError } from "../../model/error.ts";
import type { JsonEvent } from "../../model/events/json-event.ts";
import { AlertBuilder, type Match } from "../../rules/engine/alert-builder.ts";
import { type Matching, RuleEngine } from "../../rules/engine/rule-engine.ts";
import { JsonRuleEvent } from "../../rules/fields/json/json-rule-event.ts";
import type { FieldCatalogue } from "../../rules/language/field.ts";
import type { Rule } from "../../rules/loading/rule-set.ts";
import { jsonCatalogue, ruleSourceNames } from "./rule-sources.ts";

/** How events of JSON are judged. */
export interface JsonJudgeOptions {
  readonly matching: Matching;
  /** Host name in alerts. */
  readonly hostname?: string;
}

/** Says which rules the events of one source of JSON fulfil. */
export class JsonJudge {
  readonly #source: string;
  readonly #catalogue: FieldCatalogue<JsonRuleEvent>;
  readonly #options: JsonJudgeOptions;
  #engine: RuleEngine<JsonRuleEvent>;
  #alerts: AlertBuilder<JsonRuleEvent>;
  #serial = 0;
  #start: bigint | undefined;

  /** Error: `usage` for a source that is not known. */
  constructor(source: string, rules: readonly Rule[], options: JsonJudgeOptions) {
    const catalogue = jsonCatalogue(source);
    if (!catalogue) {
      throw new PlimsollError("usage", `unknown event source ${JSON.stringify(source)}`, {
        hint: `There are ${ruleSourceNames.join(", ")}.`,
      });
    }
    this.#source = source;
    this.#catalogue = catalogue;
    this.#options = options;
    this.#engine = this.#engineOf(rules);
    this.#alerts = this.#builder();
  }

  /** Judges by other rules from now on. */
  use(rules: readonly Rule[]): void {
    this.#engine = this.#engineOf(rules);
    this.#alerts = this.#builder();
  }

  /** Reports each rule that one of the events fulfils. */
  judge(events: readonly JsonEvent[], matched: (match: Match) => void): void {
    const found = (rule: Rule, event: JsonRuleEvent): void => matched(this.#alerts.match(rule, event));
    for (const event of events) {
      this.#start ??= event.time;
      this.#engine.judge(new JsonRuleEvent(++this.#serial, event, { start: this.#start }), found);
    }
  }

  #engineOf(rules: readonly Rule[]): RuleEngine<JsonRuleEvent> {
    return new RuleEngine(rules, {
      source: this.#source,
      catalogue: this.#catalogue,
      matching: this.#options.matching,
    });
  }

  #builder(): AlertBuilder<JsonRuleEvent> {
    const { hostname } = this.#options;
    return new AlertBuilder(this.#catalogue, {
      time: ({ event }) => event.time,
      number: ({ event }) => event.number,
      ...(hostname !== undefined && { hostname }),
    });
  }
}
