import type { Alert, Priority } from "../../model/events/alert.ts";

/** What an alert of the program about itself says. */
export interface InternalFacts {
  /** A sentence. */
  readonly message: string;
  readonly priority: Priority;
  /** Nanoseconds since 1970, by the events. */
  readonly time: bigint;
  /** At least one, since receivers of Falco's alerts refuse those without. */
  readonly fields: Alert["fields"];
}

/** An alert of the program about itself: its source is `internal`, its rule `Plimsoll internal:` and the subject. */
export function internalAlert(subject: string, { message, priority, time, fields }: InternalFacts): Alert {
  return {
    rule: `Plimsoll internal: ${subject}`,
    priority,
    source: "internal",
    time,
    message: `Plimsoll internal: ${subject}. ${message}`,
    tags: [],
    fields,
    eventNumber: 0,
  };
}
