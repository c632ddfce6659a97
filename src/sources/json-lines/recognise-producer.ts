import { isJsonObject, type JsonObject } from "../../model/objects/json-object.ts";
import { parseEventTime } from "./parse-event-time.ts";

/** A program or service whose JSON is known; `json` stands for any other. */
export type Producer = "falco" | "tetragon" | "tracee" | "cloudtrail" | "github" | "okta" | "gcpaudit" | "json";

/** The producer of this object, recognised by members that only its objects have. */
export function recogniseProducer(value: JsonObject): Producer {
  if (isFalcoAlert(value)) return "falco";
  if (isTetragonEvent(value)) return "tetragon";
  if (isTraceeEvent(value)) return "tracee";
  if (isCloudTrailRecord(value)) return "cloudtrail";
  if (isGithubEvent(value)) return "github";
  if (isOktaEvent(value)) return "okta";
  if (isGcpAuditEntry(value)) return "gcpaudit";
  return "json";
}

/** The source that rules name for the events of a producer. */
export function sourceOf(producer: Producer): string {
  if (producer === "cloudtrail") return "aws_cloudtrail";
  return producer === "gcpaudit" ? "gcp_auditlog" : producer;
}

/** The timestamp of an event of a producer, in nanoseconds since 1970; undefined when it is missing or unreadable. */
export function timeOf(value: JsonObject, producer: Producer): bigint | undefined {
  switch (producer) {
    case "falco":
    case "tetragon":
      return parseEventTime(value["time"]);
    case "tracee":
      return traceeTime(value["timestamp"]);
    case "cloudtrail":
      return parseEventTime(value["eventTime"]);
    case "okta":
      return parseEventTime(value["published"]);
    case "gcpaudit":
      return parseEventTime(value["timestamp"]) ?? parseEventTime(value["receiveTimestamp"]);
    // Bodies of webhooks have times of what they are about, and none of their own.
    case "github":
      return undefined;
    case "json":
      return parseEventTime(value["time"]) ?? parseEventTime(value["timestamp"]) ?? parseEventTime(value["@timestamp"]);
  }
}

/** A record of CloudTrail, and none of the notifications of S3 and other services, which look much like it. */
export function isCloudTrailRecord(value: unknown): boolean {
  if (!isJsonObject(value)) return false;
  const { eventVersion, eventTime, awsRegion, eventSource, eventName, eventType } = value;
  const isRecord = [eventVersion, eventTime, awsRegion].every((text) => typeof text === "string");
  const isNotification = typeof eventSource === "string" && eventSource.startsWith("aws:");
  return isRecord && !isNotification && (typeof eventName === "string" || typeof eventType === "string");
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

/** The body of a webhook of GitHub with its type. */
function isGithubEvent(value: JsonObject): boolean {
  if (typeof value["webhook_type"] !== "string") return false;
  return ["sender", "repository", "organization", "enterprise", "installation", "hook"].some((name) =>
    isJsonObject(value[name]),
  );
}

function isOktaEvent(value: JsonObject): boolean {
  const { uuid, published, eventType, actor } = value;
  return [uuid, published, eventType].every((text) => typeof text === "string") && isJsonObject(actor);
}

function isGcpAuditEntry(value: JsonObject): boolean {
  return (
    isJsonObject(value["protoPayload"]) && (isJsonObject(value["resource"]) || typeof value["logName"] === "string")
  );
}

function traceeTime(time: unknown): bigint | undefined {
  if (typeof time === "bigint") return time < 0n || time >= 1n << 63n ? undefined : time;
  if (typeof time === "number") return Number.isSafeInteger(time) && time >= 0 ? BigInt(time) : undefined;
  if (!isJsonObject(time)) return parseEventTime(time);
  const { seconds, nanos = 0 } = time;
  if (!/^\d{1,11}$/.test(String(seconds)) || !/^\d{1,9}$/.test(String(nanos))) return undefined;
  return BigInt(String(seconds)) * 1_000_000_000n + BigInt(String(nanos));
}
