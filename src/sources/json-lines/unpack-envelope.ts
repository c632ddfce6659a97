import { isJsonObject, type JsonObject } from "../../model/objects/json-object.ts";
import { parseEventTime } from "./parse-event-time.ts";
import { isCloudTrailRecord, type Producer } from "./recognise-producer.ts";

/** An object of which an event is made. */
interface Unpacked {
  readonly value: unknown;
  /** When it was delivered, in nanoseconds since 1970, where that is known. */
  readonly time?: bigint;
}

/**
 * What an object holds in which a service sends its events: the `Records` of a file of CloudTrail, its records as
 * EventBridge passes them on, the events of an Okta event hook, a delivery of a GitHub webhook with its headers. The
 * body of a webhook gets its type as `webhook_type`. All else is what it holds itself.
 */
export function unpackEnvelope(value: JsonObject, format: "auto" | Producer): readonly Unpacked[] {
  switch (format) {
    case "cloudtrail":
      return unpackedAll(cloudTrailRecords(value, { isSure: true })) ?? [{ value }];
    case "okta":
      return unpackedAll(oktaEvents(value)) ?? [{ value }];
    case "github":
      return [githubEvent(value) ?? { value }];
    case "auto":
      return (
        unpackedAll(cloudTrailRecords(value, { isSure: false }) ?? oktaEvents(value)) ?? [
          githubEvent(value) ?? { value },
        ]
      );
    default:
      return [{ value }];
  }
}

function unpackedAll(values: readonly unknown[] | undefined): readonly Unpacked[] | undefined {
  return values?.map((value) => ({ value }));
}

/** Notifications of other services of AWS come in `Records` as well. */
function cloudTrailRecords(
  value: JsonObject,
  { isSure }: { readonly isSure: boolean },
): readonly unknown[] | undefined {
  const { Records: records, detail, "detail-type": type } = value;
  if (Array.isArray(records)) return isSure || isCloudTrailRecord(records[0]) ? records : undefined;
  return typeof type === "string" && type.endsWith(" via CloudTrail") && isJsonObject(detail) ? [detail] : undefined;
}

function oktaEvents({ eventType, data }: JsonObject): readonly unknown[] | undefined {
  if (eventType !== "com.okta.event_hook" || !isJsonObject(data)) return undefined;
  return Array.isArray(data["events"]) ? data["events"] : undefined;
}

function githubEvent(value: JsonObject): Unpacked | undefined {
  const own = eventTypeOf(value);
  if (own !== undefined) return { value: withType(value, own) };
  const request = isJsonObject(value["request"]) ? value["request"] : value;
  const { headers, payload, body = payload } = request;
  const type = isJsonObject(headers) ? eventTypeOf(headers) : undefined;
  if (type === undefined || !isJsonObject(body)) return undefined;
  const time = parseEventTime(value["delivered_at"]);
  return { value: withType(body, type), ...(time !== undefined && { time }) };
}

/** The header that tells the type of a webhook event, however its name is written. */
function eventTypeOf(headers: JsonObject): string | undefined {
  for (const name in headers) {
    if (name.length !== "x-github-event".length || !/^x[-_]github[-_]event$/i.test(name)) continue;
    const value: unknown = headers[name];
    const type: unknown = Array.isArray(value) ? value[0] : value;
    if (typeof type === "string") return type;
  }
  return undefined;
}

function withType(body: JsonObject, type: string): JsonObject {
  return typeof body["webhook_type"] === "string" ? body : { ...body, webhook_type: type };
}
