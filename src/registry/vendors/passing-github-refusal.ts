import { retryAfter } from "../../io/http/http-answer.ts";
import { Interruption } from "../../io/http/patience.ts";
import type { RegistryReply } from "../connection/registry-document.ts";

/** Milliseconds to wait after a refusal that gives no time. */
const usualWait = 60_000;

/**
 * The {@link Interruption} for a 403 with which GitHub's interface limits requests; undefined for every other answer.
 *
 * Source: GitHub's documentation, "Rate limits for the REST API", "Exceeding the rate limit".
 */
export function passingGithubRefusal(reply: RegistryReply): Interruption | undefined {
  if (reply.status !== 403) return undefined;
  const wait = waitOf(reply);
  return wait === undefined ? undefined : new Interruption("HTTP status 403 because of its rate limit", { wait });
}

function waitOf(reply: RegistryReply): number | undefined {
  const after = reply.header("retry-after");
  if (after !== undefined) return retryAfter(after);
  if (reply.header("x-ratelimit-remaining") === "0") return untilReset(reply.header("x-ratelimit-reset"));
  const words = Buffer.from(reply.excerpt).toString("utf8");
  return words.includes("secondary rate limit") ? usualWait : undefined;
}

/** `reset` is in seconds since 1970. */
function untilReset(reset = ""): number {
  return /^\d{1,12}$/.test(reset) ? Math.max(0, Number(reset) * 1000 - Date.now()) : usualWait;
}
