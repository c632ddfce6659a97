import { toByteString } from "../../language/byte-string.ts";
import type { FieldDefinition } from "../../language/field.ts";
import { isoTime, localDate, localDateTime, timeOfDay } from "../syscall/time-text.ts";
import type { Extract, FieldRow } from "./field-rows.ts";

/** What fields of every event need to know that no event says. */
export interface GeneralFieldOptions {
  /** IANA name of the time zone in which times print; UTC when absent. */
  readonly timeZone?: string;
  /** `evt.hostname`; missing when absent. */
  readonly hostname?: string;
  /** `evt.pluginname`: who Falco would name as the reader of the source; missing when absent. */
  readonly plugin?: string;
}

const second = 1_000_000_000n;

/** The `evt.*` fields that events of every source have (libsinsp, `sinsp_filter_check_gen_event`). */
export function generalFields({ timeZone = "UTC", hostname, plugin }: GeneralFieldOptions): FieldRow[] {
  const host = hostname === undefined ? undefined : toByteString(hostname);
  return [
    row("evt.num", ({ event }) => event.number, {
      description: "Number of the event in its stream, from 1",
      type: "UINT64",
      format: "ID",
    }),
    timeText("evt.time", (time) => timeOfDay(time, timeZone, true), "time of day with nanoseconds"),
    timeText("evt.time.s", (time) => timeOfDay(time, timeZone, false), "time of day in seconds"),
    timeText("evt.time.iso8601", isoTime, "UTC, ISO 8601"),
    timeText("evt.datetime", (time) => localDateTime(time, timeZone), "date and time with nanoseconds"),
    timeText(
      "evt.datetime.s",
      (time) => `${localDate(time, timeZone)} ${timeOfDay(time, timeZone, false)}`,
      "date and time in seconds",
    ),
    row("evt.rawtime", ({ event }) => integer(event.time), {
      description: "Nanoseconds since 1970",
      type: "ABSTIME",
      format: "DEC",
    }),
    row("evt.rawtime.s", ({ event }) => integer(event.time / second), {
      description: "Seconds since 1970",
      type: "ABSTIME",
      format: "DEC",
    }),
    row("evt.rawtime.ns", ({ event }) => integer(event.time % second), {
      description: "Nanosecond part of the event time",
      type: "ABSTIME",
      format: "10_PADDED_DEC",
    }),
    row("evt.reltime", ({ event, start }) => integer(event.time - start), {
      description: "Nanoseconds since the first event of the stream",
      type: "RELTIME",
      format: "10_PADDED_DEC",
    }),
    row("evt.reltime.s", ({ event, start }) => integer((event.time - start) / second), {
      description: "Seconds since the first event of the stream",
      type: "RELTIME",
      format: "DEC",
    }),
    row("evt.reltime.ns", ({ event, start }) => integer((event.time - start) % second), {
      description: "Nanosecond part of the time since the first event",
      type: "RELTIME",
      format: "10_PADDED_DEC",
    }),
    row("evt.pluginname", () => plugin, { description: "Name of the Falco plugin for the source" }),
    row("evt.plugininfo", (event) => event.text, { description: "Complete event, as text" }),
    row("evt.source", ({ event }) => toByteString(event.source), {
      description: "Event source, as used in rules",
    }),
    row("evt.is_async", () => false, {
      description: "Whether the event is asynchronous; always false",
      type: "BOOL",
    }),
    row("evt.asynctype", () => undefined, {
      description: "Type of an asynchronous event; always missing",
    }),
    row("evt.hostname", () => host, { description: "Name of the machine that reads the source" }),
  ];
}

/** What a field is besides its name and how it is read; a text unless told otherwise. */
export type FieldKind = Pick<FieldDefinition, "description"> & Partial<Pick<FieldDefinition, "type" | "format">>;

/** A field without an argument. */
export function row(
  name: string,
  extract: Extract,
  { description, type = "CHARBUF", format = "NA" }: FieldKind,
): FieldRow {
  return {
    definition: { name, group: name.slice(0, name.indexOf(".")), type, format, description },
    bind: () => extract,
  };
}

/** A time that prints as text and stands as nanoseconds in JSON. */
function timeText(name: string, print: (time: bigint) => string, what: string): FieldRow {
  const description = `Time of the event: ${what}`;
  return { ...row(name, ({ event }) => print(event.time), { description }), json: ({ event }) => event.time };
}

/** A 64-bit integer as field values carry it. */
function integer(value: bigint): number | bigint {
  const small = Number(value);
  return Number.isSafeInteger(small) ? small : value;
}
