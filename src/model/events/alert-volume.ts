import type { AlertValue, Priority } from "./alert.ts";

/** How many alerts there are, of which rules, and why. */
export interface VolumeReport {
  readonly alerts: number;
  /** How long was looked at; from the first to the last alert when nothing else is known. */
  readonly seconds: number;
  /** Nanoseconds since 1970 of the first and last alert by time; undefined without alerts. */
  readonly first?: bigint;
  readonly last?: bigint;
  /** The rules with the most alerts first. */
  readonly rules: readonly RuleVolume[];
  /** Number of alerts of rules beyond the limit of rules that are counted separately. */
  readonly furtherAlerts: number;
}

/** The alerts of one rule. */
export interface RuleVolume {
  readonly rule: string;
  readonly priority: Priority;
  readonly source: string;
  readonly alerts: number;
  /** Nanoseconds since 1970. */
  readonly first: bigint;
  readonly last: bigint;
  /** Alerts a minute of the time that was looked at; undefined when that is less than a second. */
  readonly perMinute?: number;
  /**
   * How many values these fields have, of those that the rule's output names; `isMore` when there are more than were
   * counted.
   */
  readonly distinct: readonly { readonly field: string; readonly count: number; readonly isMore: boolean }[];
  /**
   * The most frequent combinations of all values that say who and where, most first; counts are those that are certain.
   */
  readonly top: readonly {
    readonly values: readonly (readonly [field: string, value: AlertValue])[];
    readonly count: number;
  }[];
  readonly suggestion?: ExceptionSuggestion;
}

/** An exception of a rule that would keep most of its alerts from being raised. */
export interface ExceptionSuggestion {
  readonly fields: readonly string[];
  /** The operator of each field. */
  readonly comps: readonly string[];
  /** The values of the fields, with how many alerts each would have kept back; most first. */
  readonly values: readonly { readonly values: readonly string[]; readonly count: number }[];
  /** The share of the rule's alerts, from 0 to 1, that all of them would have kept back. */
  readonly coverage: number;
}
