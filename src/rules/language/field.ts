import type { AlertValue } from "../../model/events/alert.ts";

/**
 * A value of a field while a condition looks at it. Texts are byte strings (`latin1`, one character a byte), so that
 * nothing is lost and lengths count bytes; a byte buffer and an IP address (4 or 16 characters) are such strings as
 * well. A 64-bit integer is a number while it is a safe one, else a bigint. `undefined` stands for a missing value.
 */
export type FieldValue = string | number | bigint | boolean;

/** The types of falcosecurity/libs without `PT_`. A field whose type depends on the event is `DYN`. */
export type FieldType =
  | "CHARBUF"
  | "FSPATH"
  | "FSRELPATH"
  | "BYTEBUF"
  | "BOOL"
  | "INT8"
  | "INT16"
  | "INT32"
  | "INT64"
  | "UINT8"
  | "UINT16"
  | "UINT32"
  | "UINT64"
  | "DOUBLE"
  | "PORT"
  | "L4PROTO"
  | "SOCKFAMILY"
  | "IPADDR"
  | "IPV4ADDR"
  | "IPV6ADDR"
  | "IPNET"
  | "IPV4NET"
  | "IPV6NET"
  | "RELTIME"
  | "ABSTIME"
  | "SYSCALLID"
  | "SIGTYPE"
  | "FD"
  | "PID"
  | "UID"
  | "GID"
  | "ERRNO"
  | "FLAGS8"
  | "FLAGS16"
  | "FLAGS32"
  | "ENUMFLAGS8"
  | "ENUMFLAGS16"
  | "ENUMFLAGS32"
  | "MODE"
  | "SOCKADDR"
  | "SOCKTUPLE"
  | "FDLIST"
  | "SIGSET"
  | "CHARBUFARRAY"
  | "CHARBUF_PAIR_ARRAY"
  | "DYN";

/** How a number prints. */
export type PrintFormat = "NA" | "DEC" | "HEX" | "10_PADDED_DEC" | "ID" | "DIR" | "OCT";

/** One field of a source of events, as `plimsoll rules fields` lists it. */
export interface FieldDefinition {
  readonly name: string;
  /** The class under which it is listed: `process`, `fd`, `ka`, … */
  readonly group: string;
  readonly type: FieldType;
  readonly format: PrintFormat;
  /** One line of what it is, in our own words. */
  readonly description: string;
  readonly isList?: boolean;
  /** The argument in brackets that it takes. */
  readonly argument?: { readonly isRequired?: boolean; readonly isIndex?: boolean; readonly isKey?: boolean };
  /** It can be compared, but has no value of its own to print (`fd.ip`). */
  readonly isFilterOnly?: boolean;
  /** It cannot stand on the right side, in `val()`. */
  readonly isNeverRight?: boolean;
  readonly refusesTransformers?: boolean;
  readonly isDeprecated?: boolean;
  /** Part of the output that is suggested for every rule of its source. */
  readonly isSuggestedOutput?: boolean;
}

/**
 * What every event that rules look at has: a number that differs from event to event, under which results may be
 * remembered.
 */
export interface RuleEvent {
  readonly serial: number;
}

/** A field with its argument, ready to be read from events. */
export interface ResolvedField<E extends RuleEvent> {
  readonly definition: FieldDefinition;
  readonly argument: string | undefined;
  readonly type: FieldType;
  readonly isList: boolean;
  /**
   * The value in this event, a list of values when `isList`. Called at most once per event and field by a compiled
   * condition.
   */
  extract(event: E): FieldValue | readonly FieldValue[] | undefined;
  /** The type of the value of this event, for `DYN` fields. */
  typeIn?(event: E): FieldType;
  /**
   * The value as text where it is not what type and format say (flags, addresses with a port); a byte string.
   */
  print?(event: E): string | undefined;
  /**
   * The value in JSON where it is not what type and format say (times that print as text: nanoseconds); `null` when
   * missing.
   */
  json?(event: E): AlertValue;
  /**
   * Replaces the comparison for fields that compare in a way of their own: `fd.ip` with either end, `evt.type` by name,
   * `proc.aname` with any ancestor, … `undefined`: the operator has no meaning of its own here. The operator is as in
   * the condition, with its modifier (`contains anyof`); `exists` has no values. Values are byte strings;
   * `compileMatcher` judges a single value as every other field does. Throws a `ConditionError` for a value that is
   * wrong.
   */
  comparison?(operator: string, values: readonly string[]): ((event: E) => boolean) | undefined;
}

/** The fields of one source of events. */
export interface FieldCatalogue<E extends RuleEvent> {
  readonly definitions: readonly FieldDefinition[];
  /**
   * The field of this name with this argument (the text between the brackets, without quotes). `undefined` when there
   * is no such field; a `ConditionError` when the argument is missing, not allowed, or out of its form.
   */
  resolve(name: string, argument: string | undefined): ResolvedField<E> | undefined;
}
