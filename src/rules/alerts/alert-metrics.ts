import type { Alert } from "../../model/events/alert.ts";
import type { DeliveryCounts } from "../outputs/delivering-output.ts";
import type { StateDrops } from "../state/kernel-state.ts";
import type { LimiterCounts } from "./alert-limiter.ts";
import { type MetricFamily, type MetricSample, metricsText } from "./metrics-text.ts";

/** The most rules that are counted by name; alerts of others are counted together. */
const mostRules = 10_000;

/** What a webhook has answered so far. */
export interface WebhookCounts {
  /** Number of requests of any kind. */
  readonly requests: number;
  /** Requests that brought no events in, by the status of the answer. */
  readonly refused: Readonly<Record<number, number>>;
}

/** Counts events, alerts and what became of them, for Prometheus. */
export class AlertMetrics {
  readonly #events = new Map<string, number>();
  readonly #alerts = new Map<string, { readonly labels: MetricSample["labels"]; value: number }>();
  /** By source. */
  readonly #furtherAlerts = new Map<string, number>();
  readonly #lost = new Map<string, number>();
  readonly #outputs = new Map<string, () => DeliveryCounts>();
  #limiter: (() => LimiterCounts) | undefined;
  #webhook: (() => WebhookCounts) | undefined;
  #state: (() => StateDrops) | undefined;

  /** Events of a source were judged. */
  recordEvents(source: string, count: number): void {
    add(this.#events, source, count);
  }

  /** An alert was raised. */
  recordAlert({ rule, priority, source }: Alert): void {
    const key = JSON.stringify([rule, priority, source]);
    const known = this.#alerts.get(key);
    if (known) known.value++;
    else if (this.#alerts.size < mostRules) this.#alerts.set(key, { labels: { rule, priority, source }, value: 1 });
    else add(this.#furtherAlerts, source, 1);
  }

  /** An alert did not get to an output. */
  recordLoss(output: string): void {
    add(this.#lost, output, 1);
  }

  /** Asks an output with a queue for its counts whenever metrics are rendered. */
  watchOutput(output: string, counts: () => DeliveryCounts): void {
    this.#outputs.set(output, counts);
  }

  /** Asks a limiter for its counts whenever metrics are rendered, instead of the one before. */
  watchLimiter(counts: () => LimiterCounts): void {
    this.#limiter = counts;
  }

  /** Asks a webhook for its counts whenever metrics are rendered. */
  watchWebhook(counts: () => WebhookCounts): void {
    this.#webhook = counts;
  }

  /** Asks for what found no room in the state of a machine whenever metrics are rendered. */
  watchState(drops: () => StateDrops): void {
    this.#state = drops;
  }

  /** All counts in the text format of Prometheus. */
  render(): string {
    return metricsText([
      ...this.#eventFamilies(),
      ...this.#stateFamilies(),
      ...this.#webhookFamilies(),
      ...this.#limiterFamilies(),
      ...this.#outputFamilies(),
    ]);
  }

  #eventFamilies(): MetricFamily[] {
    return [
      counter("plimsoll_events_total", "Evaluated events.", samplesOf(this.#events, "source")),
      counter("plimsoll_alerts_total", "Raised alerts.", [...this.#alerts.values()]),
      counter(
        "plimsoll_alerts_of_further_rules_total",
        "Alerts of rules beyond the number of rules that are counted by name.",
        samplesOf(this.#furtherAlerts, "source"),
      ),
      counter("plimsoll_alerts_lost_total", "Alerts lost by an output.", samplesOf(this.#lost, "output")),
    ];
  }

  #stateFamilies(): MetricFamily[] {
    const drops = this.#state?.();
    if (!drops) return [];
    return [
      counter("plimsoll_state_dropped_total", "Entries dropped because the state was full.", [
        { labels: { of: "threads" }, value: drops.threads },
        { labels: { of: "descriptors" }, value: drops.descriptors },
        { labels: { of: "silent_threads" }, value: drops.purgedThreads },
      ]),
    ];
  }

  #webhookFamilies(): MetricFamily[] {
    const counts = this.#webhook?.();
    if (!counts) return [];
    const refused = Object.entries(counts.refused).map(([status, value]) => ({ labels: { status }, value }));
    return [
      counter("plimsoll_webhook_requests_total", "Requests to the webhook.", [{ labels: {}, value: counts.requests }]),
      counter("plimsoll_webhook_refused_total", "Rejected requests to the webhook.", refused),
    ];
  }

  #limiterFamilies(): MetricFamily[] {
    const counts = this.#limiter?.();
    if (!counts) return [];
    const { deduplicated, rateLimited, evicted } = counts;
    return [
      counter("plimsoll_alerts_held_back_total", "Suppressed alerts.", [
        { labels: { reason: "deduplication" }, value: deduplicated },
        { labels: { reason: "rate" }, value: rateLimited },
      ]),
      counter("plimsoll_limiter_evictions_total", "Value combinations evicted before they expired.", [
        { labels: {}, value: evicted },
      ]),
    ];
  }

  #outputFamilies(): MetricFamily[] {
    const outputs = [...this.#outputs].map(([output, counts]) => ({ output, counts: counts() }));
    const of = (name: keyof DeliveryCounts): MetricSample[] =>
      outputs.map(({ output, counts }) => ({ labels: { output }, value: counts[name] }));
    return [
      counter("plimsoll_output_delivered_total", "Delivered alerts.", of("delivered")),
      counter("plimsoll_output_refused_total", "Alerts lost because the queue was full.", of("refused")),
      counter("plimsoll_output_rejected_total", "Alerts permanently rejected by the receiver.", of("rejected")),
      counter("plimsoll_output_failures_total", "Failed delivery attempts.", of("failures")),
      gauge("plimsoll_output_queue_alerts", "Alerts waiting for delivery.", of("queued")),
      gauge("plimsoll_output_queue_bytes", "Size of the alerts waiting for delivery, in bytes.", of("queuedBytes")),
    ];
  }
}

function counter(name: string, help: string, samples: readonly MetricSample[]): MetricFamily {
  return { name, help, type: "counter", samples };
}

function gauge(name: string, help: string, samples: readonly MetricSample[]): MetricFamily {
  return { name, help, type: "gauge", samples };
}

function samplesOf(counts: ReadonlyMap<string, number>, label: string): MetricSample[] {
  return [...counts].map(([value, count]) => ({ labels: { [label]: value }, value: count }));
}

function add(counts: Map<string, number>, key: string, count: number): void {
  counts.set(key, (counts.get(key) ?? 0) + count);
}
