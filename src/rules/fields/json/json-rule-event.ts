import type { JsonEvent } from "../../../model/events/json-event.ts";
import type { ByteString } from "../../../model/events/kernel-event.ts";
import type { RuleEvent } from "../../language/field.ts";
import { textOf } from "./json-value.ts";

/** An event that came as JSON while rules look at it. Its text is made when a field first asks for it, and once. */
export class JsonRuleEvent implements RuleEvent {
  readonly serial: number;
  readonly event: JsonEvent;
  /** Nanoseconds since 1970 of the first event of the stream, from which `evt.reltime` counts. */
  readonly start: bigint;
  #text: ByteString | undefined;

  /** `start` defaults to the time of the event itself. */
  constructor(serial: number, event: JsonEvent, { start = event.time }: { readonly start?: bigint } = {}) {
    this.serial = serial;
    this.event = event;
    this.start = start;
  }

  get value(): unknown {
    return this.event.value;
  }

  /** The whole event as compact JSON; empty when it cannot be written. */
  get text(): ByteString {
    this.#text ??= textOf(this.event.value) ?? "";
    return this.#text;
  }
}
