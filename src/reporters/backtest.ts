import type { RuleVolume, VolumeReport } from "../model/events/alert-volume.ts";
import { counted } from "../model/text/counted.ts";
import { clip, printable } from "./terminal-text.ts";

/** A backtest, for people. */
export interface BacktestText {
  readonly events: number;
  readonly volume: VolumeReport;
  readonly heldBack: number;
  readonly silent: readonly string[];
  readonly unjudged: readonly string[];
  readonly exceptions: Readonly<Record<string, string>>;
}

/**
 * What rules would have done: how many alerts of which rules, who caused them, and exceptions that would keep most of
 * them away.
 */
export function* backtestText(
  { events, volume, heldBack, silent, unjudged, exceptions }: BacktestText,
  { width }: { readonly width: number },
): Iterable<string> {
  const { alerts, rules, seconds } = volume;
  const over = seconds < 1 ? "" : ` over ${duration(seconds)}`;
  const seen = events > 0 || silent.length > 0 ? `${counted(events, "event")}, ` : "";
  const held = heldBack > 0 ? `, ${heldBack.toLocaleString("en")} held back` : "";
  yield `${seen}${counted(alerts, "alert")} of ${counted(rules.length, "rule")}${over}${held}\n`;
  for (const rule of rules) yield* ruleLines(rule, width);
  const others = rules.length === 0 ? "rule" : "other rule";
  if (silent.length > 0) yield `\n${counted(silent.length, others)} matched no event.\n`;
  if (unjudged.length > 0) yield `\n${counted(unjudged.length, "rule")} for other sources had no events to evaluate.\n`;
  const suggested = Object.entries(exceptions);
  if (suggested.length === 0) return;
  yield "\nExceptions that would prevent most of these alerts, if they are expected:\n";
  for (const [, yaml] of suggested) yield `\n${yaml.trimEnd()}\n`;
}

function* ruleLines({ rule, priority, alerts, perMinute, distinct, top }: RuleVolume, width: number): Iterable<string> {
  const rate = perMinute === undefined ? "" : `, ${rateText(perMinute)}`;
  yield `\n${clip(`${String(alerts).padStart(8)}  ${priority.padEnd(13)} ${printable(rule)}${rate}`, width)}\n`;
  const kinds = distinct.map(({ field, count: number, isMore }) => `${number}${isMore ? "+" : ""} ${field}`);
  if (kinds.length > 0) yield `${clip(`          ${kinds.join(", ")}`, width)}\n`;
  for (const { values, count: number } of top) {
    const texts = values.map(([field, value]) => `${field}=${value === null ? "<NA>" : printable(String(value))}`);
    yield `${clip(`${String(number).padStart(12)}× ${texts.join(" ")}`, width)}\n`;
  }
}

function rateText(perMinute: number): string {
  const [rate, unit] =
    perMinute >= 1 ? [perMinute, "minute"] : perMinute >= 1 / 60 ? [perMinute * 60, "hour"] : [perMinute * 1440, "day"];
  return `${Number(rate.toPrecision(2)).toLocaleString("en")} ${unit === "hour" ? "an" : "a"} ${unit}`;
}

function duration(seconds: number): string {
  if (seconds < 120) return `${seconds.toPrecision(2)} s`;
  return seconds < 7200 ? `${(seconds / 60).toFixed(0)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
