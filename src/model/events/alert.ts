/** Priorities from the most to the least urgent, in Falco's words. */
export const priorities = [
  "Emergency",
  "Alert",
  "Critical",
  "Error",
  "Warning",
  "Notice",
  "Informational",
  "Debug",
] as const;

/** A member of {@link priorities}. */
export type Priority = (typeof priorities)[number];

/** A priority by its name in any case, `info` for Informational; undefined for any other text. */
export function parsePriority(text: string): Priority | undefined {
  const word = text.toLowerCase();
  return priorities.find(
    (priority) => priority.toLowerCase() === word || (word === "info" && priority === "Informational"),
  );
}

/** A value of a field as JSON carries it; integers above 2^53 are bigints and print as plain digits. */
export type AlertValue = string | number | bigint | boolean | null | readonly AlertValue[];

/** What a rule says of an event (or of several, for rules with a threshold or a sequence). Texts are UTF-8 clean. */
export interface Alert {
  readonly rule: string;
  readonly priority: Priority;
  /** `syscall`, `k8s_audit`, `internal`, or the name of another source of events. */
  readonly source: string;
  /** Nanoseconds since 1970 of the event. */
  readonly time: bigint;
  /** The formatted message, without time and priority. */
  readonly message: string;
  readonly tags: readonly string[];
  /** The fields of the output format and what they were, in the order of the format. */
  readonly fields: readonly (readonly [name: string, value: AlertValue])[];
  /** Where the event happened; absent when the source does not tell. */
  readonly hostname?: string;
  /** `evt.num` of the event in its source. */
  readonly eventNumber: number;
}
