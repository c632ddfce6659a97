import type { IncomingHttpHeaders } from "node:http";

/**
 * What a registry says of how much may still be asked. Docker Hub answers manifests with `ratelimit-limit: 100;w=21600`
 * and `ratelimit-remaining: 76;w=21600`: 76 of the 100 pulls that are allowed in 21,600 seconds are left.
 *
 * Source: Docker's documentation, "Docker Hub usage and limits"; draft-ietf-httpapi-ratelimit-headers.
 */
export interface RateLimit {
  readonly limit: number;
  readonly remaining: number;
  /** Seconds for which the limit holds; undefined when the registry does not say. */
  readonly window: number | undefined;
}

/** The rate limit in the headers of an answer; undefined when there is none. */
export function rateLimitOf(headers: IncomingHttpHeaders): RateLimit | undefined {
  const limit = quota(headers["ratelimit-limit"]);
  const remaining = quota(headers["ratelimit-remaining"]);
  if (!limit || !remaining) return undefined;
  return { limit: limit.count, remaining: remaining.count, window: limit.window ?? remaining.window };
}

function quota(
  value: string | string[] | undefined,
): { readonly count: number; readonly window: number | undefined } | undefined {
  const match = /^(\d{1,12})(?:\s*;\s*w=(\d{1,12}))?$/.exec(typeof value === "string" ? value.trim() : "");
  if (!match) return undefined;
  return { count: Number(match[1]), window: match[2] === undefined ? undefined : Number(match[2]) };
}
