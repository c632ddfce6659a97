import type { JsonEvent } from "../../model/events/json-event.ts";
import { isJsonObject } from "../../model/objects/json-object.ts";
import { parseEventTime } from "../json-lines/parse-event-time.ts";

/** Which audit events are wanted. */
export interface AuditFilter {
  /** Nanoseconds since 1970: earlier events are left out. */
  readonly since?: bigint;
  /** Stages of the request, for example `ResponseComplete`; all when absent. */
  readonly stages?: readonly string[];
}

/** Counts audit events of one stream and turns JSON values into them. */
export class AuditEvents {
  readonly #filter: AuditFilter;
  readonly #problem: (what: string) => void;
  #number = 0;

  /** `problem` hears, in words that follow a place, of what is not an audit event. */
  constructor(filter: AuditFilter, problem: (what: string) => void) {
    this.#filter = filter;
    this.#problem = problem;
  }

  /**
   * The events of a value: an event of `audit.k8s.io`, an `EventList`, or an array of both. The time is that of the
   * stage, without which it is not an event. What the filter leaves out counts in the numbers all the same.
   */
  *of(value: unknown): Generator<JsonEvent> {
    if (Array.isArray(value)) {
      for (const one of value as readonly unknown[]) yield* this.of(one);
    } else if (isJsonObject(value) && value["kind"] === "Event") {
      yield* this.#event(value);
    } else if (isJsonObject(value) && value["kind"] === "EventList" && Array.isArray(value["items"])) {
      for (const item of value["items"] as readonly unknown[]) yield* this.#event(item);
    } else this.#problem("is not a Kubernetes audit event");
  }

  *#event(value: unknown): Generator<JsonEvent> {
    const time = isJsonObject(value) ? parseEventTime(value["stageTimestamp"]) : undefined;
    if (!isJsonObject(value) || time === undefined) {
      this.#problem("is an audit event without a time in `stageTimestamp`");
      return;
    }
    const number = ++this.#number;
    const { since, stages } = this.#filter;
    if (since !== undefined && time < since) return;
    if (stages && !stages.includes(String(value["stage"]))) return;
    yield { number, time, source: "k8s_audit", value };
  }
}
