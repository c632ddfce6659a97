import { isJsonObject, type JsonObject } from "../../model/json-object.ts";
import { parseEventTime } from "./parse-event-time.ts";

/** A program whose JSON is known; `json` stands for any other. */
export type Producer = "falco" | "tetragon" | "tracee" | "json";

/** Who wrote this object, told by the members that only its objects have. */
export function recogniseProducer(value: JsonObject): Producer {
  if (isFalcoAlert(value)) return "falco";
  if (isTetragonEvent(value)) return "tetragon";
  if (isTraceeEvent(value)) return "tracee";
  return "json";
}

/** The own time of an event of a producer, in nanoseconds since 1970; undefined when it has none that can be read. */
export function timeOf(value: JsonObject, producer: Producer): bigint | undefined {
  if (producer === "tracee") return traceeTime(value["timestamp"]);
  if (producer !== "json") return parseEventTime(value["time"]);
  return parseEventTime(value["time"]) ?? parseEventTime(value["timestamp"]) ?? parseEventTime(value["@timestamp"]);
}

function isFalcoAlert(value: JsonObject): boolean {
  const { rule, priority, output, output_fields } = value;
  return (
    typeof rule === "string" &&
    typeof priority === "string" &&
    (typeof output === "string" || isJsonObject(output_fields))
  );
}

function isTetragonEvent(value: JsonObject): boolean {
  if (typeof value["time"] !== "string") return false;
  for (const key in value) if (key.startsWith("process_") && isJsonObject(value[key])) return true;
  return false;
}

/** Flat objects up to version 0.23, `v1beta1.Event` since. */
function isTraceeEvent(value: JsonObject): boolean {
  if (typeof value["eventName"] === "string" && "processName" in value) return true;
  return typeof value["name"] === "string" && isJsonObject(value["workload"]) && "timestamp" in value;
}

function traceeTime(time: unknown): bigint | undefined {
  if (typeof time === "bigint") return time < 0n || time >= 1n << 63n ? undefined : time;
  if (typeof time === "number") return Number.isSafeInteger(time) && time >= 0 ? BigInt(time) : undefined;
  if (!isJsonObject(time)) return parseEventTime(time);
  const { seconds, nanos = 0 } = time;
  if (!/^\d{1,11}$/.test(String(seconds)) || !/^\d{1,9}$/.test(String(nanos))) return undefined;
  return BigInt(String(seconds)) * 1_000_000_000n + BigInt(String(nanos));
}
