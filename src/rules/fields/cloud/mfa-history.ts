import type { ByteString } from "../../../model/events/kernel-event.ts";
import type { JsonRuleEvent } from "../json/json-rule-event.ts";
import { textAt } from "./cloud-rows.ts";

/** How a user did not get through multi-factor authentication. */
export type MfaOutcome = "failure" | "deny";

const mostUsers = 10_000;
const mostTimes = 200;
/** Without a further event for so long a user is forgotten. */
const forgottenAfter: bigint = 84_600n * 1_000_000_000n;

/**
 * Remembers when users of Okta failed or denied multi-factor authentication: the last 200 times of the last 10,000
 * users.
 */
export class MfaHistory {
  /** The times by outcome and user, who was last seen comes last. */
  readonly #times = new Map<string, bigint[]>();
  #last: JsonRuleEvent["event"] | undefined;

  /** Takes note of an event, once. */
  see({ event }: JsonRuleEvent): void {
    if (event === this.#last) return;
    this.#last = event;
    const outcome = outcomeOf(event.value);
    if (outcome === undefined) return;
    const key = keyOf(outcome, event.value);
    const known = this.#times.get(key) ?? [];
    const newest = known.at(-1);
    const times = newest === undefined || event.time - newest > forgottenAfter ? [] : known;
    if (!times.includes(event.time)) times.push(event.time);
    if (times.length > mostTimes) times.shift();
    this.#times.delete(key);
    this.#times.set(key, times);
    if (this.#times.size <= mostUsers) return;
    const [oldest] = this.#times.keys();
    if (oldest !== undefined) this.#times.delete(oldest);
  }

  /**
   * How often the user of an event had this outcome in the seconds up to it, itself counted; undefined if it has
   * another.
   */
  count({ event }: JsonRuleEvent, outcome: MfaOutcome, seconds: bigint): number | undefined {
    if (outcomeOf(event.value) !== outcome) return undefined;
    const since = event.time - seconds * 1_000_000_000n;
    return this.#times.get(keyOf(outcome, event.value))?.filter((time) => time > since && time <= event.time).length;
  }
}

function outcomeOf(value: unknown): MfaOutcome | undefined {
  const type = textAt(value, "eventType");
  if (type === "user.mfa.okta_verify.deny_push") return "deny";
  const isFailure = type === "user.authentication.auth_via_mfa" && textAt(value, "outcome", "result") === "FAILURE";
  return isFailure ? "failure" : undefined;
}

function keyOf(outcome: MfaOutcome, value: unknown): ByteString {
  return `${outcome}:${textAt(value, "actor", "id") ?? ""}`;
}
