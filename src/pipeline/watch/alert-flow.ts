import type { Alert, Priority } from "../../model/events/alert.ts";
import type { WatchStatus } from "../../model/events/watch-status.ts";
import { compareText } from "../../model/text/compare-text.ts";
import { AlertLimiter, type LimiterOptions } from "../../rules/alerts/alert-limiter.ts";
import type { AlertMetrics } from "../../rules/alerts/alert-metrics.ts";
import type { Match } from "../../rules/engine/alert-builder.ts";
import type { Rule } from "../../rules/loading/rule-set.ts";
import type { AlertOutputs } from "../../rules/outputs/alert-outputs.ts";

/** Where alerts go after a match, and how many there may be. */
export interface AlertFlowOptions {
  readonly outputs: AlertOutputs;
  readonly metrics: AlertMetrics;
  readonly limits?: LimiterOptions;
  /** The watched source, for the status. */
  readonly source: string;
  /** Told of each alert that goes out. */
  readonly alert?: (alert: Alert) => void;
  /** How many alerts outputs lost. */
  readonly lost: () => number;
}

interface RuleCount {
  readonly priority: Priority;
  count: number;
}

/** The way from matches to outputs: limits, alerts, outputs; and the numbers of what went by. */
export class AlertFlow {
  readonly #options: AlertFlowOptions;
  #limiter: AlertLimiter;
  #ruleCount: number;
  #events = 0;
  #alerts = 0;
  #heldBefore = 0;
  #lastFailure: string | undefined;
  readonly #counts = new Map<string, RuleCount>();
  #rules: readonly Rule[];
  /** The time of the last event of each source that has not ended. */
  readonly #times = new Map<string, bigint>();
  /** What an output has not yet taken. */
  readonly #pending: Promise<void>[] = [];

  constructor(rules: readonly Rule[], options: AlertFlowOptions) {
    this.#options = options;
    this.#rules = rules;
    this.#limiter = new AlertLimiter(rules, options.limits);
    this.#ruleCount = countEnabled(rules);
    options.metrics.watchLimiter(() => this.#limiter.counts);
  }

  /**
   * Counts by the limits of other rules from now on; alerts that the old limits held back are reported. Nothing changes
   * for the rules that it has: each of several inputs says so.
   */
  use(rules: readonly Rule[]): void {
    if (rules === this.#rules) return;
    this.#rules = rules;
    const { deduplicated, rateLimited } = this.#limiter.counts;
    this.#heldBefore += deduplicated + rateLimited;
    for (const alert of this.#limiter.finish()) this.#write(alert);
    this.#limiter = new AlertLimiter(rules, this.#options.limits);
    this.#ruleCount = countEnabled(rules);
  }

  /** Takes an event that fulfils a rule. */
  matched(match: Match): void {
    if (this.#limiter.admit(match.rule.name, match)) this.#write(match.alert());
  }

  /**
   * Ends a batch: tells what was held back until its time, and waits for outputs that are behind. With several sources
   * the one that is furthest behind says how late it is.
   */
  async endBatch(source: string, { events, time }: { readonly events: number; readonly time: bigint }): Promise<void> {
    this.#events += events;
    this.#options.metrics.recordEvents(source, events);
    this.#times.set(source, time);
    let earliest = time;
    for (const other of this.#times.values()) if (other < earliest) earliest = other;
    await this.#settle(earliest);
  }

  /** No more events of this source come. */
  endSource(source: string): void {
    this.#times.delete(source);
  }

  async #settle(time: bigint): Promise<void> {
    for (const alert of this.#limiter.summaries(time)) this.#write(alert);
    if (this.#pending.length === 0) return;
    await Promise.all(this.#pending.splice(0));
  }

  /** An alert of the program itself. */
  tell(alert: Alert): void {
    this.#write(alert);
  }

  /** Keeps why an output failed, for the status. */
  outputFailed(output: string, reason: string): void {
    this.#options.metrics.recordLoss(output);
    this.#lastFailure = reason;
  }

  /** Opens files again, after something moved them away. */
  async reopen(): Promise<void> {
    await this.#options.outputs.reopen();
  }

  /** Says what was held back, and ends when the outputs have everything. */
  async finish(): Promise<void> {
    for (const alert of this.#limiter.finish()) this.#write(alert);
    await this.#settle(0n);
    await this.#options.outputs.close();
  }

  /** How it stands. */
  get status(): WatchStatus {
    const { deduplicated, rateLimited } = this.#limiter.counts;
    const rules = [...this.#counts]
      .map(([name, { priority, count }]) => ({ name, priority, count }))
      .sort((a, b) => b.count - a.count || compareText(a.name, b.name));
    const byPriority: Partial<Record<Priority, number>> = {};
    for (const { priority, count } of rules) byPriority[priority] = (byPriority[priority] ?? 0) + count;
    return {
      source: this.#options.source,
      events: this.#events,
      alerts: this.#alerts,
      heldBack: this.#heldBefore + deduplicated + rateLimited,
      byPriority,
      rules,
      ruleCount: this.#ruleCount,
      lost: this.#options.lost(),
      ...(this.#lastFailure !== undefined && { lastFailure: this.#lastFailure }),
    };
  }

  #write(alert: Alert): void {
    this.#alerts++;
    this.#options.metrics.recordAlert(alert);
    const count = this.#counts.get(alert.rule);
    if (count) count.count++;
    else this.#counts.set(alert.rule, { priority: alert.priority, count: 1 });
    this.#options.alert?.(alert);
    const written = this.#options.outputs.write(alert);
    if (written) this.#pending.push(written);
  }
}

function countEnabled(rules: readonly Rule[]): number {
  return rules.filter(({ isEnabled }) => isEnabled).length;
}
