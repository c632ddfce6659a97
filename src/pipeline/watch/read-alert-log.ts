import { type Alert, type AlertValue, parsePriority } from "../../model/events/alert.ts";
import type { JsonEvent } from "../../model/events/json-event.ts";
import { isJsonObject } from "../../model/objects/json-object.ts";
import type { Context } from "../../model/plugin.ts";
import { readJsonLines } from "../../sources/json-lines/read-json-lines.ts";
import { openInput } from "../open-input.ts";

/**
 * Reads alerts that Falco or Plimsoll wrote as JSON, plain or packed; `path` `-` is stdin. A line that is not an alert
 * is a problem, and reading goes on behind it. Errors: `target-not-found`, `target-unreadable`.
 */
export async function* readAlertLog(path: string, context: Context): AsyncGenerator<readonly Alert[]> {
  const name = path === "-" ? "stdin" : path;
  for await (const events of readJsonLines(openInput(path, context.signal), { format: "falco", name, context })) {
    const alerts: Alert[] = [];
    for (const event of events) {
      const alert = alertOf(event);
      if (alert) alerts.push(alert);
      else context.problem({ code: "unreadable", message: `${name}: alert ${event.number} has no Falco priority` });
    }
    yield alerts;
  }
}

/** Undefined when the priority is none. */
function alertOf({ value, time, number }: JsonEvent): Alert | undefined {
  if (!isJsonObject(value)) return undefined;
  const { rule, priority, source, output, output_fields: fields } = value;
  const known = typeof priority === "string" ? parsePriority(priority) : undefined;
  if (known === undefined) return undefined;
  return {
    rule: String(rule),
    priority: known,
    // Falco said no source until 0.31, when there were system calls only.
    source: typeof source === "string" ? source : "syscall",
    time,
    message: typeof output === "string" ? output : "",
    tags: [],
    fields: isJsonObject(fields) ? Object.entries(fields).flatMap(fieldOf) : [],
    eventNumber: number,
  };
}

/** A member as a field; none for an object, which no field of Falco is. */
function fieldOf([name, value]: [string, unknown]): [string, AlertValue][] {
  return isAlertValue(value) ? [[name, value]] : [];
}

function isAlertValue(value: unknown): value is AlertValue {
  if (Array.isArray(value)) return value.every((one) => typeof one !== "object" || one === null);
  return typeof value !== "object" || value === null;
}
