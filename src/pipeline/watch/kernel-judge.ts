import type { KernelEventBatch, KernelSnapshot } from "../../model/events/kernel-event.ts";
import { kernelEventTypes } from "../../model/events/kernel-event-table.ts";
import { AlertBuilder, type Match } from "../../rules/engine/alert-builder.ts";
import { type Matching, RuleEngine } from "../../rules/engine/rule-engine.ts";
import type { DomainNames } from "../../rules/fields/syscall/field-reader.ts";
import { syscallFields } from "../../rules/fields/syscall/syscall-fields.ts";
import type { FieldCatalogue } from "../../rules/language/field.ts";
import type { Rule } from "../../rules/loading/rule-set.ts";
import type { KernelEvent } from "../../rules/state/kernel-event.ts";
import { type Generation, KernelState, type StateDrops } from "../../rules/state/kernel-state.ts";
import { stateOfBatch } from "../../rules/state/state-of-batch.ts";

/** How kernel events are judged. */
export interface KernelJudgeOptions {
  readonly generation: Generation;
  readonly matching: Matching;
  /** Host name in alerts; the machine of the snapshot when absent. */
  readonly hostname?: string;
  /** The domain names that rules compare; without them such a comparison fits no address. */
  readonly domainNames?: DomainNames | undefined;
}

/** Keeps the state of one machine up to date with its events, and says which rules each of them fulfils. */
export class KernelJudge {
  #state: KernelState;
  /** Drops of the sections before this one. */
  #dropsBefore: StateDrops = { threads: 0, descriptors: 0, purgedThreads: 0 };
  readonly #catalogue: FieldCatalogue<KernelEvent>;
  readonly #options: KernelJudgeOptions;
  #engine: RuleEngine<KernelEvent>;
  #alerts: AlertBuilder<KernelEvent>;

  constructor(snapshot: KernelSnapshot, rules: readonly Rule[], options: KernelJudgeOptions) {
    this.#state = new KernelState(snapshot, options.generation);
    this.#options = options;
    const { generation, domainNames } = options;
    this.#catalogue = syscallFields({ generation, ...(domainNames && { domainNames }) });
    this.#engine = this.#engineOf(rules);
    this.#alerts = this.#builder();
  }

  /** Known state of the machine. */
  get state(): KernelState {
    return this.#state;
  }

  /** What found no room in the state so far, over all sections of the events. */
  get drops(): StateDrops {
    const { drops } = this.#state;
    const before = this.#dropsBefore;
    return {
      threads: before.threads + drops.threads,
      descriptors: before.descriptors + drops.descriptors,
      purgedThreads: before.purgedThreads + drops.purgedThreads,
    };
  }

  /** Judges by other rules from the next batch on; the state stays. */
  use(rules: readonly Rule[]): void {
    this.#engine = this.#engineOf(rules);
    this.#alerts = this.#builder();
  }

  /**
   * Takes each event of the batch into the state, and reports each rule that one fulfils. Gives the events seen. With a
   * range only its events, which must follow those of the range before.
   */
  judge(
    batch: KernelEventBatch,
    matched: (match: Match) => void,
    { from, to }: { readonly from: number; readonly to: number } = { from: 0, to: batch.count },
  ): number {
    const state = from === 0 ? stateOfBatch(this.#state, batch) : this.#state;
    if (state !== this.#state) {
      this.#dropsBefore = this.drops;
      this.#state = state;
    }
    const engine = this.#engine;
    const builder = this.#alerts;
    const found = (rule: Rule, event: KernelEvent): void => matched(builder.match(rule, event));
    let seen = 0;
    for (let index = from; index < to; index++) {
      if (!state.advance(batch, index)) continue;
      seen++;
      engine.judge(state.event, found);
    }
    return seen;
  }

  #engineOf(rules: readonly Rule[]): RuleEngine<KernelEvent> {
    return new RuleEngine(rules, {
      source: "syscall",
      catalogue: this.#catalogue,
      matching: this.#options.matching,
      codes: { count: kernelEventTypes.length, of: (event) => event.code },
    });
  }

  #builder(): AlertBuilder<KernelEvent> {
    const hostname = this.#options.hostname ?? this.#state.machine.hostname;
    return new AlertBuilder(this.#catalogue, {
      time: (event) => event.time,
      number: (event) => event.number,
      ...(hostname !== "" && { hostname }),
    });
  }
}
