import type { Alert, AlertValue } from "../../model/events/alert.ts";
import { isoTime, printTime, type TimeFormat, timeField, timeOfDay } from "./alert-time.ts";
import { compareBytes, type JsonMember, jsonObject, jsonString, jsonValue } from "./json-text.ts";

/** How an alert reads as a line of text. */
export interface AlertTextOptions {
  readonly timeFormat: TimeFormat;
  /** Leaves control characters as they are, as Falco did until 0.43. They could forge lines. */
  readonly isRaw?: boolean;
}

/** What of an alert its JSON says; all but `includeMessage` is on unless told otherwise, as in Falco. */
export interface AlertJsonOptions {
  readonly timeFormat: TimeFormat;
  readonly includeOutput?: boolean;
  readonly includeTags?: boolean;
  readonly includeMessage?: boolean;
  readonly includeFields?: boolean;
  /** For alerts that do not name their host; without it they are of the empty host, as the member is never left out. */
  readonly hostname?: string;
  /** Puts the fields last, behind a blank, as Falco did until 0.38. */
  readonly fieldsLast?: boolean;
}

/**
 * An alert as Falco's line of text, without a newline: time, priority, message. Quotes, backslashes and control
 * characters are escaped as in JSON, so that one alert is one line. Alerts of the program itself carry their fields in
 * parentheses instead.
 */
export function formatAlertText(alert: Alert, { timeFormat, isRaw = false }: AlertTextOptions): string {
  if (isInternal(alert)) {
    const fields = sortedFields(alert).map(([name, value]) => `${escaped(name)}=${jsonValue(value)}`);
    return `${timeOfDay(alert.time)}: ${alert.priority} ${escaped(alert.message)} (${fields.join(" ")})`;
  }
  const output = outputOf(alert, timeFormat);
  return isRaw ? output : escaped(output);
}

/**
 * An alert as Falco's JSON object, on one line, without a newline; byte for byte what Falco prints, which Falcosidekick
 * reads.
 */
export function formatAlertJson(alert: Alert, options: AlertJsonOptions): string {
  return isInternal(alert) ? internalJson(alert, options) : ruleJson(alert, options);
}

function ruleJson(alert: Alert, options: AlertJsonOptions): string {
  const {
    timeFormat,
    includeOutput = true,
    includeTags = true,
    includeMessage = false,
    includeFields = true,
  } = options;
  const members = headOf(alert, options);
  if (includeOutput) members.push(["output", jsonString(outputOf(alert, timeFormat))]);
  if (includeTags) members.push(["tags", jsonValue([...new Set(alert.tags)].sort(compareBytes))]);
  if (includeMessage) members.push(["message", jsonString(alert.message)]);
  if (!includeFields) return jsonObject(members);

  const fields = jsonObject([...membersOf(alert.fields), [timeField(timeFormat), String(alert.time)]]);
  if (options.fieldsLast) return `${jsonObject(members).slice(0, -1)}, "output_fields": ${fields}}`;
  return jsonObject([...members, ["output_fields", fields]]);
}

function internalJson(alert: Alert, options: AlertJsonOptions): string {
  return jsonObject([
    ...headOf(alert, options),
    ["output", jsonString(alert.message)],
    ["output_fields", jsonObject(membersOf(alert.fields))],
  ]);
}

function headOf(alert: Alert, { hostname = "" }: AlertJsonOptions): JsonMember[] {
  return [
    ["hostname", jsonString(alert.hostname ?? hostname)],
    ["priority", jsonString(alert.priority)],
    ["rule", jsonString(alert.rule)],
    ["source", jsonString(alert.source)],
    ["time", jsonString(`${isoTime(alert.time)}Z`)],
  ];
}

function outputOf({ time, priority, message }: Alert, timeFormat: TimeFormat): string {
  return `${printTime(time, timeFormat)}: ${priority} ${message}`;
}

function isInternal({ source }: Alert): boolean {
  return source === "internal";
}

function membersOf(fields: Alert["fields"]): JsonMember[] {
  return fields.map(([name, value]) => [name, jsonValue(value)]);
}

function sortedFields({ fields }: Alert): [string, AlertValue][] {
  return [...new Map(fields)].sort(([a], [b]) => compareBytes(a, b));
}

function escaped(text: string): string {
  return jsonString(text).slice(1, -1);
}
