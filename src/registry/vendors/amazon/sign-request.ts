import { createHash, createHmac } from "node:crypto";
import type { Secret } from "../../credentials/secret.ts";

/** An identity at AWS. */
export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: Secret;
  /** For credentials that are lent. */
  readonly sessionToken?: Secret;
}

/** A request that is to be signed. */
export interface UnsignedRequest {
  readonly method: string;
  readonly url: URL;
  /** In lower case; all are signed, with `host` and `x-amz-date`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The credentials, the service and the time of a signature. */
export interface SigningOptions {
  readonly credentials: AwsCredentials;
  readonly region: string;
  readonly service: string;
  readonly now: Date;
}

const algorithm = "AWS4-HMAC-SHA256";

/**
 * The headers that sign a request: `authorization`, `x-amz-date`, and `x-amz-security-token` for credentials that are
 * lent.
 *
 * Source: AWS's documentation, "AWS Signature Version 4 for API requests", "Create a signed AWS API request".
 */
export function signRequest(request: UnsignedRequest, options: SigningOptions): Readonly<Record<string, string>> {
  const { credentials, region, service, now } = options;
  const time = now.toISOString().replace(/[-:]|\.\d+/g, "");
  const date = time.slice(0, 8);
  const token = credentials.sessionToken?.reveal();
  const own = { "x-amz-date": time, ...(token !== undefined && { "x-amz-security-token": token }) };
  const headers = Object.entries({ ...request.headers, ...own, host: request.url.host }).sort(byFirst);
  const names = headers.map(([name]) => name).join(";");
  const canonical = [
    request.method,
    canonicalPath(request.url),
    canonicalQuery(request.url),
    ...headers.map(([name, value]) => `${name}:${value.trim().replace(/ +/g, " ")}`),
    "",
    names,
    sha256(request.body),
  ].join("\n");
  const scope = `${date}/${region}/${service}/aws4_request`;
  const text = [algorithm, time, scope, sha256(canonical)].join("\n");
  const key = ["aws4_request", service, region, date].reduceRight<string | Buffer>(
    (secret, part) => hmac(secret, part),
    `AWS4${credentials.secretAccessKey.reveal()}`,
  );
  const credential = `Credential=${credentials.accessKeyId}/${scope}`;
  const signature = hmac(key, text).toString("hex");
  return { ...own, authorization: `${algorithm} ${credential}, SignedHeaders=${names}, Signature=${signature}` };
}

/** Each component of a path is written once more in percent signs, as all services but S3 have it. */
function canonicalPath({ pathname }: URL): string {
  return pathname.split("/").map(escaped).join("/");
}

function canonicalQuery({ searchParams }: URL): string {
  return Array.from(searchParams, ([name, value]) => [escaped(name), escaped(value)] as const)
    .sort((one, other) => byFirst(one, other) || compare(one[1], other[1]))
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
}

/** RFC 3986: all but the unreserved characters. */
function escaped(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function byFirst(one: readonly [string, string], other: readonly [string, string]): number {
  return compare(one[0], other[0]);
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
