import type { IncomingMessage } from "node:http";

/** Milliseconds after which two clocks agree on what was first. */
const enoughBetweenClocks = 60_000;

/** What the headers of an answer say of its body. */
export interface HttpAnswer {
  readonly etag: string | undefined;
  readonly lastModified: string | undefined;
  /** Bytes of this body as declared; undefined when the server does not say. */
  readonly length: number | undefined;
  /** Lower case; `identity` when there is none. */
  readonly encoding: string;
  /** What `If-Range` may show to get the rest of just this body; undefined when nothing may. */
  readonly rangeValidator: string | undefined;
  /** The MD5 of the file, in Base64, where Google's storage gives one for the bytes that it sends. */
  readonly md5: string | undefined;
}

/** Reads the headers of an answer. Malformed values count as missing. */
export function answerOf({ headers }: IncomingMessage): HttpAnswer {
  const length = headers["content-length"] ?? "";
  const etag = shortLine(headers.etag);
  const lastModified = shortLine(headers["last-modified"]);
  return {
    etag,
    lastModified,
    length: /^\d{1,15}$/.test(length) ? Number(length) : undefined,
    encoding: (headers["content-encoding"] ?? "identity").trim().toLowerCase(),
    rangeValidator: etag === undefined ? strongDate(lastModified, headers.date) : strongTag(etag),
    md5: storedMd5(headers),
  };
}

/**
 * An entity tag serves as the validator of a body that has one; a weak tag is not valid here. Source: RFC 9110, section
 * 13.1.5.
 */
function strongTag(etag: string): string | undefined {
  return /^"[^"]*"$/.test(etag) ? etag : undefined;
}

/**
 * A date is as good as a tag when the answer came well after it: no second change can have the same. Source: section
 * 8.8.2.2.
 */
function strongDate(lastModified: string | undefined, date: string | undefined): string | undefined {
  if (lastModified === undefined) return undefined;
  const sent = date === undefined ? Date.now() : Date.parse(date);
  return sent - Date.parse(lastModified) >= enoughBetweenClocks ? lastModified : undefined;
}

/**
 * For a file that is compressed in transit, the header gives the checksum before compression. Source: Cloud Storage,
 * "x-goog-hash".
 */
function storedMd5(headers: IncomingMessage["headers"]): string | undefined {
  const hash = headers["x-goog-hash"];
  if (hash === undefined || headers["content-encoding"] !== undefined) return undefined;
  if ((headers["x-goog-stored-content-encoding"] ?? "identity") !== "identity") return undefined;
  return /(?:^|[,\s])md5=([A-Za-z0-9+/]{22}==)(?=[,\s]|$)/.exec(String(hash).slice(0, 300))?.[1];
}

/** Values that are kept and sent back later must be printable and short. */
function shortLine(value: string | undefined): string | undefined {
  return value !== undefined && /^[\x20-\x7e]{1,300}$/.test(value) ? value : undefined;
}

/**
 * The milliseconds of a `Retry-After` header, seconds or a date; 0 when there is none. Source: RFC 9110, section
 * 10.2.3.
 */
export function retryAfter(value: string | undefined, now: number = Date.now()): number {
  if (value === undefined) return 0;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? 0 : Math.max(0, at - now);
}

/** Statuses that may pass; those from 520 on are what proxies in front of a server say of it. */
const passingStatuses: ReadonlySet<number> = new Set([
  408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529, 530,
]);

/**
 * True for a status after which the same request may well succeed.
 * Source: RFC 9110, section 15; Cloudflare's documentation, "Cloudflare 5xx errors".
 */
export function mayPass(status: number): boolean {
  return passingStatuses.has(status);
}
