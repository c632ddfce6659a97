import { type Alert, priorities } from "../../model/events/alert.ts";
import { isoTime } from "../alerts/alert-time.ts";

/** What messages to a syslog say of their sender. */
export interface SyslogOrigin {
  /** 0 to 23; 1, user-level messages, unless given, as Falco does. Source: RFC 5424, section 6.2.1. */
  readonly facility?: number;
  /** For alerts that do not name their host. */
  readonly hostname?: string;
  readonly processId?: number;
}

/** The number in front of a message. Falco's priorities are the severities of syslog in the same order. */
export function syslogPriority({ priority }: Alert, { facility = 1 }: SyslogOrigin = {}): number {
  return facility * 8 + priorities.indexOf(priority);
}

/**
 * A message of RFC 5424, section 6, without structured data and without a byte order mark; its time is that of the
 * event.
 */
export function syslogMessage(alert: Alert, formatted: string, origin: SyslogOrigin): string {
  const { hostname = "", processId } = origin;
  // The fraction of a second has at most six digits.
  const time = `${isoTime(alert.time).slice(0, -3)}Z`;
  const host = headerText(alert.hostname ?? hostname, 255);
  return `<${syslogPriority(alert, origin)}>1 ${time} ${host} plimsoll ${processId ?? "-"} - - ${formatted}`;
}

/** Printable ASCII without blanks, `-` for nothing. */
function headerText(text: string, longest: number): string {
  return text.replace(/[^\x21-\x7e]/g, "?").slice(0, longest) || "-";
}
