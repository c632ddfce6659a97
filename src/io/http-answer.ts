import type { IncomingMessage } from "node:http";

/** What the headers of an answer say of its body. */
export interface HttpAnswer {
  readonly etag: string | undefined;
  readonly lastModified: string | undefined;
  /** Bytes of this body as declared; undefined when the server does not say. */
  readonly length: number | undefined;
  /** Lower case; `identity` when there is none. */
  readonly encoding: string;
  /** The MD5 of the file, in Base64, where Google's storage gives one for the bytes that it sends. */
  readonly md5: string | undefined;
}

/** Reads the headers of an answer. What is not of its form counts as not said. */
export function answerOf({ headers }: IncomingMessage): HttpAnswer {
  const length = headers["content-length"] ?? "";
  return {
    etag: shortLine(headers.etag),
    lastModified: shortLine(headers["last-modified"]),
    length: /^\d{1,15}$/.test(length) ? Number(length) : undefined,
    encoding: (headers["content-encoding"] ?? "identity").trim().toLowerCase(),
    md5: storedMd5(headers),
  };
}

/** Of a file that is packed on its way the header gives the checksum before that. Source: Cloud Storage, "x-goog-hash". */
function storedMd5(headers: IncomingMessage["headers"]): string | undefined {
  const hash = headers["x-goog-hash"];
  if (hash === undefined || headers["content-encoding"] !== undefined) return undefined;
  if ((headers["x-goog-stored-content-encoding"] ?? "identity") !== "identity") return undefined;
  return /(?:^|[,\s])md5=([A-Za-z0-9+/]{22}==)(?=[,\s]|$)/.exec(String(hash).slice(0, 300))?.[1];
}

/** What is kept and sent back later is printable and short. */
function shortLine(value: string | undefined): string | undefined {
  return value !== undefined && /^[\x20-\x7e]{1,300}$/.test(value) ? value : undefined;
}

/** The milliseconds of a `Retry-After` header, seconds or a date; 0 when there is none. Source: RFC 9110, section 10.2.3. */
export function retryAfter(value: string | undefined, now: number = Date.now()): number {
  if (value === undefined) return 0;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? 0 : Math.max(0, at - now);
}
