import { createHash } from "node:crypto";
import type { AlertValue } from "../../model/events/alert.ts";
import { jsonValue } from "./json-text.ts";

/** An event that fulfils a rule, as far as counting alerts needs it. */
export interface RuleMatch {
  /** Nanoseconds since 1970 of the event. */
  readonly time: bigint;
  /** The value of a field of the event; null when it is missing. */
  value(field: string): AlertValue;
}

const longestPlainKey = 200;

/** A short text that is the same for events with the same values of the fields. Missing values equal one another. */
export function matchKey(match: RuleMatch, fields: readonly string[]): string {
  const texts = fields.map((field) => jsonValue(match.value(field)));
  const key = texts.length === 1 ? (texts[0] ?? "") : texts.map((text) => `${text.length}:${text}`).join();
  return key.length <= longestPlainKey ? key : `#${createHash("sha256").update(key).digest("base64url")}`;
}

/** Milliseconds since 1970 of a match, with a fraction. */
export function millisecondsOf({ time }: RuleMatch): number {
  return Number(time) / 1e6;
}
