import type { Alert, AlertValue } from "../../model/events/alert.ts";
import type { RuleVolume, VolumeReport } from "../../model/events/alert-volume.ts";
import { compareText } from "../../model/text/compare-text.ts";
import { ExceptionCounter } from "./exception-suggestion.ts";
import { FrequentValues } from "./frequent-values.ts";
import { jsonValue } from "./json-text.ts";

/** The fields that say who did something and where. */
const tellingFields: ReadonlySet<string> = new Set([
  "container.image.repository",
  "container.name",
  "evt.type",
  "fd.name",
  "fd.sip",
  "k8s.ns.name",
  "k8s.pod.name",
  "ka.target.name",
  "ka.target.namespace",
  "ka.target.resource",
  "ka.user.name",
  "ka.verb",
  "proc.cmdline",
  "proc.exepath",
  "proc.name",
  "proc.pname",
  "user.name",
]);

const mostRules = 1000;
const mostDistinct = 1000;
const topCount = 5;
const topCapacity = 500;
const longestValue = 200;

/** Counts alerts for a report. Memory is bounded, whatever their number. */
export class AlertVolume {
  readonly #rules = new Map<string, RuleCounter>();
  #alerts = 0;
  #further = 0;
  #first: bigint | undefined;
  #last: bigint | undefined;

  add(alert: Alert): void {
    this.#alerts++;
    this.#first = earlier(this.#first, alert.time);
    this.#last = later(this.#last, alert.time);
    const key = `${alert.source}\0${alert.rule}`;
    let counter = this.#rules.get(key);
    if (counter === undefined) {
      if (this.#rules.size >= mostRules) {
        this.#further++;
        return;
      }
      counter = new RuleCounter(alert);
      this.#rules.set(key, counter);
    }
    counter.add(alert);
  }

  /** What was counted until now. `seconds`: how long was looked at, from the first to the last alert unless given. */
  report({ seconds }: { readonly seconds?: number } = {}): VolumeReport {
    const [first, last] = [this.#first, this.#last];
    const between = first === undefined || last === undefined ? 0 : Number(last - first) / 1e9;
    const observed = seconds ?? between;
    const rules = [...this.#rules.values()].map((counter) => counter.report(observed / 60));
    return {
      alerts: this.#alerts,
      seconds: observed,
      ...(first !== undefined && last !== undefined && { first, last }),
      rules: rules.sort((a, b) => b.alerts - a.alerts || compareText(a.rule, b.rule)),
      furtherAlerts: this.#further,
    };
  }
}

class RuleCounter {
  readonly #sample: Alert;
  readonly #exceptions = new ExceptionCounter();
  readonly #distinct = new Map<string, Set<string>>();
  readonly #top = new FrequentValues<RuleVolume["top"][number]["values"]>(topCapacity);
  #alerts = 0;
  #first: bigint;
  #last: bigint;

  constructor(alert: Alert) {
    this.#sample = alert;
    this.#first = alert.time;
    this.#last = alert.time;
  }

  add(alert: Alert): void {
    this.#alerts++;
    this.#first = earlier(this.#first, alert.time);
    this.#last = later(this.#last, alert.time);
    this.#exceptions.add(alert);
    const telling = alert.fields.filter(([field]) => tellingFields.has(field));
    for (const [field, value] of telling) if (value !== null) this.#addDistinct(field, value);
    const values = telling.map(([field, value]): [string, AlertValue] => [field, shortened(value)]);
    if (values.length > 0) this.#top.add(values.map(([, value]) => jsonValue(value)).join("\0"), values);
  }

  report(minutes: number): RuleVolume {
    const { rule, priority, source } = this.#sample;
    const suggestion = this.#exceptions.suggestion();
    return {
      rule,
      priority,
      source,
      alerts: this.#alerts,
      first: this.#first,
      last: this.#last,
      ...(minutes >= 1 / 60 && { perMinute: this.#alerts / minutes }),
      distinct: [...this.#distinct].map(([field, values]) => ({
        field,
        count: values.size,
        isMore: values.size >= mostDistinct,
      })),
      top: this.#top
        .top()
        .slice(0, topCount)
        .map(({ value, count, excess }) => ({ values: value, count: count - excess })),
      ...(suggestion && { suggestion }),
    };
  }

  #addDistinct(field: string, value: AlertValue): void {
    const values = this.#distinct.get(field) ?? new Set();
    this.#distinct.set(field, values);
    if (values.size < mostDistinct) values.add(jsonValue(shortened(value)));
  }
}

function earlier(a: bigint | undefined, b: bigint): bigint {
  return a !== undefined && a < b ? a : b;
}

function later(a: bigint | undefined, b: bigint): bigint {
  return a !== undefined && a > b ? a : b;
}

function shortened(value: AlertValue): AlertValue {
  return typeof value === "string" ? value.slice(0, longestValue) : value;
}
