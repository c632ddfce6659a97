import { mayPass, retryAfter } from "../../io/http/http-answer.ts";
import { Interruption } from "../../io/http/patience.ts";
import type { RegistryAnswer } from "../connection/registry-answer.ts";
import { type RegistryReply, readReply } from "../connection/registry-document.ts";
import { errorCodes } from "../connection/registry-failure.ts";
import type { RealmRequest } from "./bearer-token.ts";

/**
 * The {@link Interruption} for an answer after which the same request may succeed: by its status, by what `passing`
 * says of it, or by its errors as {@link passingErrors}. Undefined for every other answer; one that refuses has been
 * read.
 */
export async function passingRefusal(
  answer: RegistryAnswer,
  passing?: RealmRequest["passing"],
): Promise<Interruption | undefined> {
  if (answer.status < 400) return undefined;
  const reply = await readReply(answer);
  if (mayPass(reply.status)) return new Interruption(`HTTP status ${reply.status}`, { wait: waitOf(reply) });
  return passing?.(reply) ?? passingErrors(reply);
}

/**
 * The {@link Interruption} for a reply that refuses with errors whose codes all say that the same request may succeed
 * later: `TOOMANYREQUESTS`; `UNAVAILABLE`, which registries send although the specification does not have it; and those
 * of `more`. Undefined for every other reply.
 *
 * Source: OCI Distribution Specification 1.1, "Error Codes"; the package `errcode` of distribution.
 */
export function passingErrors(reply: RegistryReply, more: readonly string[] = []): Interruption | undefined {
  if (reply.status < 400) return undefined;
  const codes = errorCodes(reply.excerpt);
  if (codes.length === 0 || !codes.every((code) => busyCodes.has(code) || more.includes(code))) return undefined;
  const named = [...new Set(codes)].join(", ");
  return new Interruption(`HTTP status ${reply.status} (${named})`, { wait: waitOf(reply) });
}

const busyCodes: ReadonlySet<string> = new Set(["TOOMANYREQUESTS", "UNAVAILABLE"]);

function waitOf(reply: RegistryReply): number {
  return retryAfter(reply.header("retry-after"));
}
