import type { KernelEvent } from "../../state/kernel-event.ts";
import type { EventFacts } from "./event-facts.ts";
import { type FieldContext, type FieldMakers, plainFields, type ReadField } from "./field-reader.ts";
import { resultOf } from "./result-of.ts";

interface Message {
  readonly facility: number;
  readonly severity: number;
  readonly text: string;
}

const facilities = [
  ...["kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "clock", "authpriv", "ftp", "ntp"],
  ...["logaudit", "logalert", "cron", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7"],
];
const severities = ["emerg", "alert", "crit", "err", "warn", "notice", "info", "debug"];

/** Messages written to `/dev/log`: `syslog.*`, which only the older generation has. */
export const syslogFields: FieldMakers = plainFields({
  "syslog.facility": ofMessage(({ facility }) => facility),
  "syslog.facility.str": ofMessage(({ facility }) => facilities[facility] ?? "<NA>"),
  "syslog.severity": ofMessage(({ severity }) => severity),
  "syslog.severity.str": ofMessage(({ severity }) => severities[severity] ?? "<NA>"),
  "syslog.message": ofMessage(({ text }) => text),
});

function ofMessage(read: (message: Message) => string | number): (context: FieldContext) => ReadField {
  return (context) => (event) => {
    const message = messageOf(event, context);
    return message && read(message);
  };
}

/**
 * The message in one line, as `evt.info` of the older generation has it; `undefined` for an event that is not a write
 * of one.
 */
export function syslogLine(event: KernelEvent, context: FieldContext): string | undefined {
  const message = messageOf(event, context);
  return message && `syslog sev=${severities[message.severity] ?? "<NA>"} msg=${message.text}`;
}

/** `<priority>text` of a write that went well. */
function messageOf(event: KernelEvent, { facts }: FieldContext): Message | undefined {
  const fact = facts[event.code] as EventFacts;
  if (!fact.writes || !fact.isExit || event.descriptor?.name.includes("/dev/log") !== true) return undefined;
  const place = fact.place("data");
  if (place < 0 || event.length(place) <= 0 || (resultOf(event, fact) ?? -1) < 0) return undefined;
  const at = event.offset(place);
  const data = event.bytes.toString("latin1", at, at + event.length(place));
  const digits = /^.(\d{1,9})>/s.exec(data)?.[1];
  if (digits === undefined) return undefined;
  const priority = Number(digits);
  return { facility: priority >> 3, severity: priority & 7, text: data.slice(digits.length + 2) };
}
