import { type Alert, type AlertValue, priorities } from "../../model/events/alert.ts";
import type { Rule } from "../loading/rule-set.ts";
import { Deduplication, type Repetition } from "./deduplication.ts";
import type { TableBudget } from "./expiring-table.ts";
import { internalAlert } from "./internal-alert.ts";
import { jsonValue } from "./json-text.ts";
import { millisecondsOf, type RuleMatch } from "./match-key.ts";
import { Sequence } from "./sequence.ts";
import { Threshold } from "./threshold.ts";
import { type RateLimit, TokenBucket } from "./token-bucket.ts";

/** What of a rule matters for how often it alerts. */
export type LimitedRule = Pick<Rule, "name" | "priority" | "source" | "tags" | "extension">;

/** How many alerts there may be. */
export interface LimiterOptions {
  /** For each rule. */
  readonly perRule?: RateLimit;
  /** Limit for all together; Critical and more urgent alerts are not held back by it, and do not use it up. */
  readonly overall?: RateLimit;
  /** The most combinations of values that are remembered, 100,000 unless given; then the oldest go. */
  readonly maxKeys?: number;
}

/**
 * Why matches did not become alerts, and how many. Those below a threshold or outside a sequence are not alerts held
 * back.
 */
export interface LimiterCounts {
  readonly deduplicated: number;
  readonly rateLimited: number;
  /** Combinations of values that had to be forgotten before their time. */
  readonly evicted: number;
}

interface LimitsOfRule {
  readonly rule: LimitedRule;
  readonly sequence?: Sequence;
  readonly threshold?: Threshold;
  readonly deduplication?: Deduplication;
  readonly rate?: Rate;
  /** The sequences of other rules in which this one is a step. */
  readonly steps: Sequence[];
  readonly fields: Set<string>;
}

/** A limit and what it holds back. */
interface Rate {
  readonly limit: RateLimit;
  readonly bucket: TokenBucket;
  held: number;
  /** Milliseconds of the first that was held back and not told of. */
  since: number;
  last: bigint;
}

/** Between looks at what is over, in milliseconds by the events. */
const pause = 1000;
/** Milliseconds between reports about alerts that a rate limit held back. */
const reportInterval = 60_000;

/**
 * Decides which matches of rules become alerts: sequences and thresholds across events, deduplication, then rates. It
 * tells by summaries what it held back. Time is that of the events; memory is bounded.
 */
export class AlertLimiter {
  readonly #limits = new Map<string, LimitsOfRule>();
  readonly #overall: Rate | undefined;
  readonly #budget: TableBudget;
  readonly #due: Alert[] = [];
  #deduplicated = 0;
  #rateLimited = 0;
  #nextLook = Number.NEGATIVE_INFINITY;

  constructor(rules: readonly LimitedRule[], { perRule, overall, maxKeys = 100_000 }: LimiterOptions = {}) {
    this.#budget = { max: maxKeys, used: 0, evicted: 0 };
    this.#overall = overall && rateOf(overall);
    for (const rule of rules) this.#limits.set(rule.name, this.#limitsOf(rule, perRule));
    for (const { rule, sequence } of this.#limits.values()) {
      for (const name of new Set(rule.extension?.sequence?.after)) {
        const step = this.#limits.get(name);
        if (!sequence || !step) continue;
        step.steps.push(sequence);
        for (const field of rule.extension?.sequence?.by ?? []) step.fields.add(field);
      }
    }
  }

  /** The fields that {@link RuleMatch.value} may be asked for with matches of a rule. */
  fieldsOf(rule: string): readonly string[] {
    return [...(this.#limits.get(rule)?.fields ?? [])];
  }

  get counts(): LimiterCounts {
    return { deduplicated: this.#deduplicated, rateLimited: this.#rateLimited, evicted: this.#budget.evicted };
  }

  /** Whether a match becomes an alert. Each match of each rule must be given, in the order of the events. */
  admit(rule: string, match: RuleMatch): boolean {
    const limits = this.#limits.get(rule);
    if (!limits) return true;
    const isComplete = limits.sequence?.isComplete(match) ?? true;
    for (const sequence of limits.steps) sequence.step(rule, match);
    if (!isComplete) return false;
    if (limits.threshold && !limits.threshold.isReached(match)) return false;
    if (limits.deduplication?.isRepeated(match)) {
      this.#deduplicated++;
      return false;
    }
    if (!this.#passesRates(limits, match)) {
      this.#rateLimited++;
      return false;
    }
    limits.deduplication?.open(match);
    return true;
  }

  /** Alerts that tell what was held back until this time, in nanoseconds since 1970. Cheap when there are none. */
  summaries(time: bigint): readonly Alert[] {
    const now = Number(time) / 1e6;
    if (now >= this.#nextLook || now < this.#nextLook - reportInterval) {
      this.#nextLook = now + pause;
      for (const { rule, sequence, threshold, deduplication, rate } of this.#limits.values()) {
        sequence?.expire(now);
        threshold?.expire(now);
        deduplication?.expire(now);
        if (rate && isToTell(rate, now)) this.#due.push(heldBack(rule, rate));
      }
      if (this.#overall && isToTell(this.#overall, now)) this.#due.push(heldBackOverall(this.#overall));
    }
    return this.#due.length === 0 ? none : this.#due.splice(0);
  }

  /** All that was held back and not told of, when no more events come. */
  finish(): readonly Alert[] {
    for (const { rule, deduplication, rate } of this.#limits.values()) {
      deduplication?.finish();
      if (rate && rate.held > 0) this.#due.push(heldBack(rule, rate));
    }
    if (this.#overall && this.#overall.held > 0) this.#due.push(heldBackOverall(this.#overall));
    return this.#due.splice(0);
  }

  #limitsOf(rule: LimitedRule, perRule: RateLimit | undefined): LimitsOfRule {
    const { threshold, sequence, deduplicate } = rule.extension ?? {};
    const budget = this.#budget;
    const onRepeated = (repetition: Repetition): void => {
      this.#due.push(repeated(rule, repetition));
    };
    return {
      rule,
      ...(sequence && { sequence: new Sequence({ ...sequence, budget }) }),
      ...(threshold && { threshold: new Threshold({ ...threshold, budget }) }),
      ...(deduplicate && { deduplication: new Deduplication({ ...deduplicate, budget, onRepeated }) }),
      ...(perRule && { rate: rateOf(perRule) }),
      steps: [],
      fields: new Set([sequence, threshold, deduplicate].flatMap((part) => part?.by ?? [])),
    };
  }

  #passesRates({ rule, rate }: LimitsOfRule, match: RuleMatch): boolean {
    const time = millisecondsOf(match);
    const overall = priorities.indexOf(rule.priority) <= mostUrgent ? undefined : this.#overall;
    for (const one of [rate, overall]) {
      if (one === undefined || one.bucket.has(time)) continue;
      if (one.held++ === 0) one.since = time;
      one.last = match.time;
      return false;
    }
    rate?.bucket.take();
    overall?.bucket.take();
    return true;
  }
}

const none: readonly Alert[] = [];
const mostUrgent = priorities.indexOf("Critical");

function rateOf(limit: RateLimit): Rate {
  return { limit, bucket: new TokenBucket(limit), held: 0, since: 0, last: 0n };
}

function isToTell({ held, since, limit }: Rate, now: number): boolean {
  return held > 0 && now - since >= Math.max(reportInterval, limit.within);
}

function repeated(rule: LimitedRule, { count, values, time }: Repetition): Alert {
  const within = seconds(rule.extension?.deduplicate?.within ?? 0);
  const shown = values.map(([field, value]) => `${field}=${typeof value === "string" ? value : jsonValue(value)}`);
  const message = `${count} more of "${rule.name}" within ${within} s${shown.length > 0 ? ` (${shown.join(" ")})` : ""}`;
  return summary(rule, { message, time, fields: [...values, ["plimsoll.held_back", count]] });
}

function heldBack(rule: LimitedRule, rate: Rate): Alert {
  const { count, within } = rate.limit;
  const message = `${rate.held} more of "${rule.name}" suppressed: at most ${count} in ${seconds(within)} s`;
  const alert = summary(rule, { message, time: rate.last, fields: [["plimsoll.held_back", rate.held]] });
  rate.held = 0;
  return alert;
}

function heldBackOverall(rate: Rate): Alert {
  const { count, within } = rate.limit;
  const alert = internalAlert("alerts held back", {
    message: `${rate.held} alerts were suppressed: at most ${count} in ${seconds(within)} s.`,
    priority: "Warning",
    time: rate.last,
    fields: [["plimsoll.held_back", rate.held]],
  });
  rate.held = 0;
  return alert;
}

function summary(
  { name, priority, source, tags }: LimitedRule,
  facts: {
    readonly message: string;
    readonly time: bigint;
    readonly fields: readonly (readonly [string, AlertValue])[];
  },
): Alert {
  return { rule: name, priority, source, tags, ...facts, eventNumber: 0 };
}

function seconds(milliseconds: number): string {
  return String(milliseconds / 1000);
}
