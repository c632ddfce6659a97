import type { ByteString } from "../../../model/events/kernel-event.ts";
import { isJsonObject } from "../../../model/objects/json-object.ts";
import { toByteString } from "../../language/byte-string.ts";
import { valueAt } from "../json/json-value.ts";
import { textAt } from "./cloud-rows.ts";
import { callerOf } from "./cloudtrail-user.ts";

const reads: ByteString = toByteString("←");
const writes: ByteString = toByteString("→");
const domain = ".amazonaws.com";

/** The service of a record without the domain of AWS. */
export function shortSourceOf(record: unknown): ByteString | undefined {
  const source = textAt(record, "eventSource");
  return source !== undefined && source.length > domain.length && source.endsWith(domain)
    ? source.slice(0, -domain.length)
    : source;
}

/** `true` or `false` of a flag that AWS writes as either JSON or text; undefined when there is none. */
export function flagOf(record: unknown, name: string): ByteString | undefined {
  const flag = valueAt(record, [name]);
  if (flag === undefined) return undefined;
  return flag === true || flag === "true" ? "true" : "false";
}

/** The object of S3 that a request is about. */
export function s3AddressOf(record: unknown): ByteString | undefined {
  const bucket = valueAt(record, ["requestParameters", "bucketName"]);
  const key = valueAt(record, ["requestParameters", "key"]);
  return typeof bucket === "string" && typeof key === "string" ? toByteString(`s3://${bucket}/${key}`) : undefined;
}

/** The bytes that S3 counted in one direction; undefined when it counted none. */
export function s3BytesOf(record: unknown, direction: "In" | "Out"): number | undefined {
  const count = valueAt(record, ["additionalEventData", `bytesTransferred${direction}`]);
  if (count === undefined) return undefined;
  const bytes = typeof count === "number" || typeof count === "bigint" ? Math.trunc(Number(count)) : 0;
  return Number.isSafeInteger(bytes) && bytes > 0 ? bytes : 0;
}

/** The bytes that S3 counted in both directions; undefined when it counted none. */
export function s3TotalOf(record: unknown): number | undefined {
  const received = s3BytesOf(record, "In");
  const sent = s3BytesOf(record, "Out");
  return received === undefined && sent === undefined ? undefined : (received ?? 0) + (sent ?? 0);
}

/** The caller, the call and its origin, and for some calls the object. */
export function summaryOf(record: unknown): ByteString {
  const caller = callerOf(record);
  if (caller === undefined) return invalid("userIdentity");
  const address = textAt(record, "sourceIPAddress");
  if (address === undefined) return invalid("eventSource");
  const name = textAt(record, "eventName");
  if (name === undefined) return invalid("eventName");
  const who = caller === address ? caller : `${caller} via ${address}`;
  const failure = textAt(record, "errorCode") === undefined ? "" : "!";
  const direction = flagOf(record, "readOnly") === "false" ? writes : reads;
  return `${who} ${failure}${direction} ${name}${detailsOf(record, name)}`;
}

/** The line that stands for a whole record; undefined when it is none. */
export function lineOf(record: unknown): ByteString | undefined {
  const region = textAt(record, "awsRegion");
  const source = shortSourceOf(record);
  const name = textAt(record, "eventName");
  if (region === undefined || source === undefined || name === undefined) return undefined;
  const caller = callerOf(record);
  return `${region}${caller ? ` ${caller}` : ""} ${source} ${name} ${summaryOf(record)}`;
}

function invalid(member: string): ByteString {
  return `<invalid cloudtrail event: ${member} field missing>`;
}

function detailsOf(record: unknown, name: ByteString): ByteString {
  if (name === "PutBucketPublicAccessBlock") return publicAccessOf(record);
  const bytes = s3TotalOf(record);
  const size = bytes === undefined ? "" : ` Size=${bytes}`;
  const places: readonly (readonly [string, ByteString | undefined])[] = [
    ["URI", s3AddressOf(record)],
    ["Bucket", textAt(record, "requestParameters", "bucketName")],
    ["Key", textAt(record, "requestParameters", "key")],
    ["Host", textAt(record, "requestParameters", "Host")],
  ];
  const [label, place] = places.find(([, text]) => text !== undefined) ?? [];
  return label === undefined ? size : `${size} ${label}=${place}`;
}

function publicAccessOf(record: unknown): ByteString {
  const settings = valueAt(record, ["requestParameters", "PublicAccessBlockConfiguration"]);
  if (!isJsonObject(settings)) return "";
  const shown = ["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"].map(
    (name) => ` ${name}=${settings[name] === true}`,
  );
  return `${shown.join("")} `;
}
