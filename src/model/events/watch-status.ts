import type { Priority } from "./alert.ts";

/** How a watch stands, for those who look at it. */
export interface WatchStatus {
  /** The watched source: `trace.scap`, `https://127.0.0.1:9765/k8s-audit`. */
  readonly source: string;
  /** Events that rules saw. */
  readonly events: number;
  /** Alerts that went out, and what was held back by deduplication, thresholds and rate limits. */
  readonly alerts: number;
  readonly heldBack: number;
  readonly byPriority: Readonly<Partial<Record<Priority, number>>>;
  /** The rules with the most alerts, most first. */
  readonly rules: readonly { readonly name: string; readonly priority: Priority; readonly count: number }[];
  readonly ruleCount: number;
  /** Alerts that an output lost, one for each damaged place of its queue, and the last reason. */
  readonly lost: number;
  readonly lastFailure?: string;
}
